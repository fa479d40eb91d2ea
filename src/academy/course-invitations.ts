import type { Response } from 'express'
import {
  acceptInvitation,
  awaitsConfirmation,
  usableInvitation,
  type CourseInvitation,
} from '../courses/invitation'
import type { Published } from '../courses/published'
import { courseOfInvitation } from '../courses/shown-courses'
import { shownEmail } from '../people/email-address'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import type { Handler } from '../web/handler'
import { invitationCookie } from '../web/invitation-cookie'
import { signInPath } from '../web/local-path'
import { textsOf } from '../web/texts'

type Invitation = { invitation: CourseInvitation; published: Published }

/**
 * Loads the invitation of the token in the URL, and its course. Responds with 410 when it was revoked or has expired,
 * when it isn't ours, and when the course isn't open to new learners at this brand, or is kept from the visitor's
 * company.
 */
export const load: Handler = async (request, response, person) => {
  const invitation = await usableInvitation(request.params.token)
  const published = invitation && (await courseOfInvitation(response.locals.brand, invitation, person))
  if (!invitation || !published) return noInvitation(response)
  response.locals.invitation = { invitation, published } satisfies Invitation
}

/**
 * `GET /course-invitations/:token`: the course, and a button: scanners follow links, and must not use them up. The
 * browser of an anonymous visitor remembers the invitation, which is accepted when they have signed up or signed in.
 */
export const show: Handler = (request, response, person) => {
  const { invitation, published } = invitationOf(response)
  const { t, minutes } = textsOf(response)
  const path = secretPath(secretRoutes.courseInvitation, request.params.token)
  const course = `/courses/${published.slug}`
  const confirms = person !== null && awaitsConfirmation(invitation, person)
  if (!person || confirms) invitationCookie.set(response, String(invitation._id))
  const isForOther = person !== null && invitation.email !== null && invitation.email !== person.email
  response.render('academy/course-invitation', {
    layout: 'plain',
    head: { title: t('academy:invitation.title'), noindex: true },
    course: published.content.title,
    summary: published.content.summary,
    facts: t('academy:invitation.facts', {
      count: published.lessons.length,
      time: minutes(published.minutes),
    }),
    otherAddress: isForOther ? t('academy:invitation.otherAddress', { email: person.email }) : null,
    action: person && !isForOther && !confirms ? path : null,
    // The link in the email confirms the address, and accepts the invitation that the browser remembers.
    confirm: confirms
      ? {
          text: t('academy:invitation.confirmText', { email: shownEmail(person.email) }),
          email: person.email,
          next: course,
        }
      : null,
    signUp: person ? null : `/sign-up?${new URLSearchParams({ next: course })}`,
    signIn: person ? null : signInPath(course),
  })
}

/** `POST /course-invitations/:token`: accepts it and opens the course; first, the address has to be confirmed. */
export const accept: Handler = async (request, response, person) => {
  const { invitation, published } = invitationOf(response)
  if (!person) return response.redirect(303, signInPath(`/courses/${published.slug}`))
  if (awaitsConfirmation(invitation, person))
    return response.redirect(303, secretPath(secretRoutes.courseInvitation, request.params.token))
  if (!(await acceptInvitation(invitation, person))) return noInvitation(response)
  response.redirect(303, `/courses/${published.slug}`)
}

const invitationOf = (response: Response) => response.locals.invitation as Invitation

function noInvitation(response: Response): void {
  const { t } = textsOf(response)
  response.status(410).render('academy/course-invitation-ended', {
    layout: 'plain',
    head: { title: t('academy:invitation.endedTitle'), noindex: true },
  })
}
