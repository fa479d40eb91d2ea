import type { Request, Response } from 'express'
import { z } from 'zod'
import { hours, minutes } from '../platform/clock'
import { purposes } from '../people/consent'
import { invalidEmailReason, normaliseEmail, shownDomain } from '../people/email-address'
import { signUpObstacle, type SignUpObstacle } from '../people/sign-up-rules'
import type { Handler } from '../web/handler'
import { courseLooks } from '../web/course-palette'
import { checkbox, field, nameField, readForm, refuseForm } from '../web/form'
import { invitationCookie } from '../web/invitation-cookie'
import { localPath } from '../web/local-path'
import { signedCookie } from '../web/signed-cookie'
import { pageZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { touchesOf } from '../web/carry-touches'
import { consentsGiven, refuseChanged, shownField } from '../web/consent-texts'
import { sessionOfPath } from './follow-next'
import { refuseForNow, emailAttempt } from './limits'
import { newPassword, refuseWeakPassword } from './new-password'
import { requestSignUp } from './request-sign-up'
import { destinationOf } from './sign-up-destination'
import { ledeToSession } from './sign-up-session'
import { signUpPage } from './sign-up-page'

/** An email address, with an error text for each way it can be wrong. */
export const emailField = field('account:errors.email', 254).check(context => {
  const reason = invalidEmailReason(context.value)
  if (reason)
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: `account:errors.emailFault.${reason}`,
    })
})

/** The hash of the token of the sign-up link that this browser requested, for as long as the link works. */
export const signUpLinkCookie = signedCookie('sign-up', hours(24))
/** The address that the latest email was sent to, for the page "Check your inbox". */
export const emailedToCookie = signedCookie('emailed-to', minutes(15))

const linkForm = z.object({
  name: nameField('account:errors.name', 100),
  email: emailField,
  profiling: checkbox,
  share_with_sales: checkbox,
  marketing_email: checkbox,
})
const passwordForm = (academy: string) =>
  linkForm
    .extend({ password: newPassword })
    .check(context => refuseWeakPassword(context, context.value.email, context.value.name, academy))

export const show: Handler = async (request, response, person) => {
  if (person) return response.redirect(303, localPath(request.query.next) ?? '/learning')
  response.render('account/sign-up', await pageFor(request, response, request.query.next))
}

export const create: Handler = async (request, response) => {
  const schema =
    request.body?.how === 'link' ? linkForm : passwordForm(textsOf(response).t('brand:academyName'))
  const { data, form } = readForm(schema, request, response)
  const refused = refuseChanged(form, request, response, purposes)
  if (!data || refused) {
    const page = await pageFor(request, response, request.body?.next)
    return refuseForm(response, 'account/sign-up', refused!, page)
  }
  const { brand } = response.locals
  const refusal = await signUpObstacle(brand.id, data.email)
  if (refusal) {
    const errors = { email: refusalText(refusal, data.email, response) }
    return refuseForm(
      response,
      'account/sign-up',
      { values: request.body, errors },
      await pageFor(request, response, request.body.next),
    )
  }
  const { wait, mailboxWait } = await emailAttempt(request, data.email)
  if (wait || mailboxWait) {
    const page = await pageFor(request, response, request.body.next)
    return refuseForNow(response, 'account/sign-up', request.body, wait || mailboxWait, page)
  }
  const ticked = purposes.filter(purpose => data[purpose])
  const link = await requestSignUp({
    email: data.email,
    name: data.name,
    password: 'password' in data ? (data.password as string) : null,
    consents: consentsGiven('/sign-up', response, ticked),
    touches: touchesOf(request, response),
    next: localPath(request.body.next),
    invitation: invitationCookie.read(request),
    brand,
  })
  signUpLinkCookie.set(response, link)
  emailedToCookie.set(response, data.email)
  response.redirect(303, '/sign-up/email-sent')
}

/** Says what to do instead, and whom to write to if the brand has an address for it. */
function refusalText(refusal: SignUpObstacle, email: string, response: Response): string {
  const { t } = textsOf(response)
  const { supportEmail, contactEmail } = response.locals.brand.content
  const domain = shownDomain(normaliseEmail(email).split('@').pop()!)
  const contact = supportEmail || contactEmail
  const help = contact ? ` ${t('account:errors.emailRefused.contact', { contact })}` : ''
  return t(`account:errors.emailRefused.${refusal}`, { domain }) + help
}

/** "Check your inbox": the same page for every email that a visitor requests. */
export const emailSent: Handler = (request, response) => {
  const { t } = textsOf(response)
  const email = emailedToCookie.read(request)
  // Shown once: the next person at this computer must not see it.
  if (email) emailedToCookie.clear(response)
  response.render('account/email-sent', {
    head: { title: t('account:emailSent.title'), noindex: true },
    lede: email ? t('account:emailSent.to', { email }) : t('account:emailSent.somewhere'),
  })
}

async function pageFor(request: Request, response: Response, typedNext: unknown) {
  const next = localPath(typedNext)
  const { brand } = response.locals
  const destination = await destinationOf(next, brand)
  const session = await sessionOfPath(next, brand, null)
  const looks = await courseLooks(brand)
  const shown = purposes.map(purpose => shownField(response, purpose))
  const lede = session && (await ledeToSession(session, textsOf(response), pageZone(request)))
  return signUpPage({ next, destination, lede, looks, shown }, textsOf(response))
}
