import type { Request, Response } from 'express'
import { Emails } from '../mail/email'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { confirmMarketing } from '../people/confirm-marketing'
import { confirmPerson } from '../people/confirm-person'
import { consumeLink, usableLink, type Link } from '../people/link'
import { verifyPassword } from '../people/password'
import { People, type Person } from '../people/person'
import { signUp } from '../people/sign-up'
import { emptyForm, type Form } from '../web/form'
import type { Handler, RouteRequest } from '../web/handler'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { readerZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { followNext } from './follow-next'
import { signIn } from './passport'
import { homeOf } from './sign-in'
import { signUpLinkCookie } from './sign-up'

/**
 * Puts the link that the token in the URL belongs to into `response.locals.link`; responds with 410 when it is used,
 * expired or unknown.
 */
export const load: Handler = async (request, response) => {
  const link = await usableLink(request.params.token)
  if (!link || link.purpose === 'setup') return linkExpired(response)
  response.locals.link = link
}

/** A page with one button: email security scanners follow links, and must not use them up. */
export const show: Handler = (request, response) => renderLink(request, response, emptyForm())

function renderLink(request: RouteRequest, response: Response, form: Form): void {
  const link = response.locals.link as Link
  const { t } = textsOf(response)
  response.render('account/link', {
    layout: 'plain',
    form,
    ...linkPage(link, request.params.token, isSameBrowser(link, request), t),
  })
}

/** Whether this is the browser that filled in the sign-up form. */
function isSameBrowser(link: Link, request: Request): boolean {
  return signUpLinkCookie.read(request) === link._id
}

/** Uses the link once: it signs in, creates the account or confirms the subscription. */
export const use: Handler = async (request, response) => {
  const link = response.locals.link as Link
  if (link.purpose === 'marketing') return useForMarketing(link, response)
  const typed = String((request.body as { password?: unknown }).password ?? '')
  const isKnown = await knowsPassword(link, typed, request)
  if (!isKnown && typed) {
    const errors = { password: textsOf(response).t('account:errors.otherPassword') }
    return renderLink(request, response.status(422), { values: {}, errors })
  }
  const person = link.purpose === 'sign-up' ? await finishSignUp(link, isKnown) : await personOf(link)
  // The account is created before the link is consumed: if the process dies in between, the link still works.
  if (!(await consumeLink(link)) || !person) return linkExpired(response)
  await signIn(request, response, person)
  if (link.purpose === 'sign-up') confirmSignUp(response, link, person)
  const follow = {
    next: link.next,
    invitation: link.invitation,
    brand: response.locals.brand,
    timeZone: readerZone(request),
  }
  response.redirect(303, (await followNext(person, follow)) ?? homeOf(person.role))
}

export const marketingConfirmed: Handler = (_request, response) => {
  const title = textsOf(response).t('account:subscriptionConfirmed.title')
  response.render('account/subscription-confirmed', { layout: 'plain', head: { title, noindex: true } })
}

/**
 * Whether the password that was typed at sign-up is the reader's own: this is the browser that filled in the form, or
 * they have just typed it again. Otherwise an attacker could sign up with someone else's address, wait until the owner
 * uses the link, and have the password to the owner's account.
 */
async function knowsPassword(link: Link, typed: string, request: Request): Promise<boolean> {
  const hash = link.signUp?.passwordHash
  if (!hash) return false
  return isSameBrowser(link, request) || (typed !== '' && (await verifyPassword(typed, hash)))
}

function linkPage(
  { purpose, email, signUp: pending }: Link,
  token: string,
  sameBrowser: boolean,
  t: Translate,
) {
  const title = t(`account:link.${purpose}.title`)
  return {
    head: { title, noindex: true },
    title,
    lede: t(`account:link.${purpose}.text`, { email: email ?? '' }),
    signUp: pending && {
      name: pending.name,
      email,
      consents: pending.consents.map(({ text }) => text),
      consentsTitle: t(pending.consents.length ? 'account:link.agreed' : 'account:link.noneAgreed'),
    },
    password: pending?.passwordHash &&
      !sameBrowser && {
        name: 'password',
        label: t('account:link.otherBrowser.password'),
        hint: t('account:link.otherBrowser.hint'),
        type: 'password',
        autocomplete: 'current-password',
        optional: true,
      },
    scripts: ['password.js'],
    action: secretPath(secretRoutes.link, token),
    button: t(`account:link.${purpose}.button`),
    notYou: t(`account:link.${purpose}.notYou`),
  }
}

async function useForMarketing(link: Link, response: Response): Promise<void> {
  const email = await Emails.findById(`confirmMarketing:${link.consent}`)
  const isConfirmed = await confirmMarketing(link.consent!, email?.text ?? '')
  await consumeLink(link)
  if (!isConfirmed) return linkExpired(response)
  response.redirect(303, '/email-preferences/confirmed')
}

/**
 * Creates the account.
 *
 * @param keepsPassword whether the password that was typed at sign-up is theirs (`knowsPassword`).
 * @returns null when another email has created an account with this address in the meantime, so this link no longer
 * works
 */
async function finishSignUp(link: Link, keepsPassword: boolean): Promise<Person | null> {
  const { person: id, name, passwordHash, consents, touches, brand, at } = link.signUp!
  const { person } = await signUp({
    id,
    email: link.email!,
    name,
    how: passwordHash ? 'password' : 'link',
    passwordHash: keepsPassword ? passwordHash : null,
    consents,
    touches,
    brand,
    at,
  })
  return String(person._id) === String(id) ? person : null
}

/** Says on the next page that the account exists, and whether the password was saved. */
function confirmSignUp(response: Response, link: Link, person: Person): void {
  const { t } = textsOf(response)
  const bold = t('account:signedUp.bold')
  const isPasswordDropped = link.signUp?.passwordHash && !person.passwordHash
  if (!isPasswordDropped) return setFlash(response, { kind: 'done', bold })
  setFlash(response, {
    kind: 'done',
    bold,
    text: t('account:signedUp.password'),
    link: { href: '/account', text: t('account:signedUp.choose') },
  })
}

/** Returns the owner of the address that the link was sent to, which using it confirms. */
async function personOf(link: Link): Promise<Person | null> {
  const person = await People.findOne({ email: link.email!, suspendedAt: null })
  return person && confirmPerson(person)
}

function linkExpired(response: Response): void {
  const title = textsOf(response).t('account:linkExpired.title')
  response.status(410).render('account/link-expired', { head: { title, noindex: true } })
}
