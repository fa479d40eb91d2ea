import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { z } from 'zod'
import {
  CourseInvitations,
  invitationDays,
  invitationSizes,
  invitationToken,
  inviteToCourse,
  maxAddresses,
  maxInvitations,
  revokeInvitation,
  type CourseInvitation,
} from '../courses/invitation'
import { queueEmail } from '../mail/queue-email'
import { invalidEmailReason, normaliseEmail, shownEmail } from '../people/email-address'
import { canBeInvited, stopInvitationsToken } from '../people/invitation-stop'
import { People, timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import type { Response } from 'express'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { renderEmail } from '../web/render-email'
import { textsOf } from '../web/texts'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/** `GET /studio/courses/:slug/invitations`: who is invited to the course, by link or by address. */
export const index: MemberHandler = (_request, response, person) =>
  renderInvitations(response, person, emptyForm())

const choice = (choices: readonly number[]) =>
  z.coerce
    .number({ error: 'web:errors.chooseOne' })
    .refine(value => choices.includes(value), { error: 'web:errors.chooseOne' })

const linkForm = z.object({
  how: z.literal('link'),
  days: choice(invitationDays),
  size: choice(invitationSizes),
})
const addressForm = z.object({
  how: z.literal('address'),
  days: choice(invitationDays),
  addresses: z
    .string({ error: 'studio:invitations.noAddress' })
    .max(20_000, { error: 'web:errors.tooLong' })
    .transform((text, context) => {
      const typed = text.split(/[\s,;]+/).filter(Boolean)
      const refuse = (message: string, params: object) =>
        context.addIssue({ code: 'custom', message: `studio:invitations.${message}`, params })
      const invalid = typed.filter(invalidEmailReason)
      if (!typed.length) refuse('noAddress', {})
      else if (typed.length > maxAddresses) refuse('tooMany', { maximum: maxAddresses })
      else if (invalid.length) refuse('wrongAddresses', { lines: invalid.slice(0, 5).join(', ') })
      return [...new Set(typed.map(normaliseEmail))]
    }),
})
const schema = z.discriminatedUnion('how', [linkForm, addressForm], { error: 'web:errors.badRequest' })

/** `POST …/invitations`: creates a link, or invites people by their addresses. */
export const create: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(schema, request, response)
  if (form) return renderInvitations(response.status(422), person, form)
  const { t } = textsOf(response)
  const course = courseOf(response)
  const submission = submissionOf(request, person)
  const shared = { by: person._id, lifetime: data.days }
  if (data.how === 'link') {
    await inviteToCourse(course, { ...shared, _id: recordIdOf(submission), email: null, maximum: data.size })
    setDoneFlash(response, t('studio:invitations.created'), t('studio:invitations.createdText'))
  } else {
    for (const email of data.addresses) {
      const _id = recordIdOf(createHash('sha256').update(`${submission} ${email}`).digest('hex'))
      if (await isInvited(course._id, email)) continue
      const isNew = await inviteToCourse(course, { ...shared, _id, email, maximum: 1 })
      if (isNew) await emailInvitation(response, { _id, email })
    }
    setDoneFlash(response, t('studio:invitations.sent', { count: data.addresses.length }))
  }
  response.redirect(303, `${urlOf(course)}/invitations`)
}

/** `POST …/invitations/:id/revocation` */
export const destroy: MemberHandler = async (request, response, person) => {
  const { id } = request.params
  if (!Types.ObjectId.isValid(id)) throw notFound()
  await revokeInvitation(courseOf(response), new Types.ObjectId(id), person._id)
  const { t } = textsOf(response)
  setDoneFlash(response, t('studio:invitations.revoked'), t('studio:invitations.revokedText'))
  response.redirect(303, `${urlOf(courseOf(response))}/invitations`)
}

/** Whether an address has an invitation that works: it gets no second email. */
function isInvited(course: Types.ObjectId, email: string): Promise<boolean> {
  return CourseInvitations.exists({ course, email, revokedAt: null, expiresAt: { $gt: now() } })
}

/** Sends nothing to an address whose owner wants no invitations; the author doesn't learn of it. */
async function emailInvitation(
  response: Response,
  invitation: Pick<CourseInvitation, '_id'> & { email: string },
): Promise<void> {
  const { _id, email } = invitation
  if (!(await canBeInvited(email))) return
  const { brand } = response.locals
  const values = {
    course: courseOf(response).draft.title,
    href: secretUrl(brand.baseUrl, secretRoutes.courseInvitation, invitationToken({ _id })),
    stop: secretUrl(brand.baseUrl, secretRoutes.stopInvitations, stopInvitationsToken(email)),
  }
  await queueEmail({
    _id: `courseInvitation:${_id}`,
    person: null,
    to: email,
    kind: 'service',
    ...renderEmail('courseInvitation', values, brand),
  })
}

async function renderInvitations(response: Response, person: Person, form: Form): Promise<void> {
  const { t, dateIn } = textsOf(response)
  const course = courseOf(response)
  const url = `${urlOf(course)}/invitations`
  const invitations = await CourseInvitations.find({ course: course._id, revokedAt: null })
    .sort({ createdAt: -1, _id: -1 })
    .limit(maxInvitations)
  const makers = await People.find({ _id: { $in: invitations.map(({ by }) => by) } }, { name: 1 })
  const nameOf = (id: Types.ObjectId) => makers.find(({ _id }) => _id.equals(id))?.name ?? ''
  const duration = (id: string): FormField => ({
    kind: 'select',
    name: 'days',
    id,
    label: t('studio:invitations.days'),
    options: invitationDays.map(days => ({
      value: days,
      text: t('studio:invitations.lifetime', { count: days }),
    })),
    value: 30,
  })
  const addresses: FormField = {
    kind: 'textarea',
    name: 'addresses',
    label: t('studio:invitations.addresses'),
    hint: t('studio:invitations.addressesHint', { maximum: maxAddresses }),
    rows: 4,
    spellcheck: 'false',
    required: true,
  }
  const size: FormField = {
    kind: 'select',
    name: 'size',
    label: t('studio:invitations.size'),
    options: invitationSizes.map(people => ({
      value: people,
      text: t('studio:invitations.people', { count: people }),
    })),
    value: 50,
  }
  response.render('studio/invitations', {
    ...(await coursePage(person, response, 'invitations', { title: t('studio:invitations.title') })),
    url,
    form,
    addressFields: [addresses, duration('address-days')],
    linkFields: [duration('link-days'), size],
    rows: invitations.map(invitation => {
      const { _id, email, people, maximum, expiresAt, by } = invitation
      const isExpired = expiresAt <= now()
      const used = email
        ? t(`studio:invitations.${people.length ? 'accepted' : 'notAccepted'}`)
        : t('studio:invitations.uses', { count: people.length, maximum })
      const until = isExpired
        ? t('studio:invitations.expired')
        : t('studio:invitations.expires', { when: dateIn(expiresAt, timeZoneOf(person)) })
      return {
        title: email ? shownEmail(email) : t('studio:invitations.link'),
        link:
          email || isExpired
            ? null
            : secretUrl(response.locals.baseUrl, secretRoutes.courseInvitation, invitationToken(invitation)),
        meta: [used, until, t('studio:invitations.by', { name: nameOf(by) })].join(' · '),
        revocation: {
          url: `${url}/${_id}/revocation`,
          label: email
            ? t('studio:invitations.revokeLabel', { who: shownEmail(email) })
            : t('studio:invitations.revokeLink'),
        },
      }
    }),
  })
}
