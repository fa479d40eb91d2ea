import type { Request, RequestHandler } from 'express'
import { Emails, type Email } from '../mail/email'
import { confirmMarketing } from '../people/confirm-marketing'
import { signUp } from '../people/sign-up'
import { consumeLink, usableLink, type Link } from '../people/link'
import { People, type Person } from '../people/person'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { signIn } from './passport'
import { homeOf } from './sign-in'

/** Puts the link of the address into the answer; a page that says so when it is used, too old or not ours. */
export const load: RequestHandler<{ token: string }> = async (request, response, next) => {
  response.set('cache-control', 'no-store')
  const link = await usableLink(request.params.token)
  if (!link)
    return response.status(410).render('account/link-expired', { head: invalidLink(response.locals.t) })
  response.locals.link = link
  next()
}

/** A page with one button: programs that check mail follow links, and must not use them up. */
export const show: RequestHandler<{ token: string }> = (request, response) => {
  const link = response.locals.link as Link
  response.render('account/link', {
    layout: 'plain',
    link,
    token: request.params.token,
    sameBrowser: request.session.applied === link._id,
    head: { title: (response.locals.t as Translate)(`account:link.${link.purpose}.title`), noindex: true },
  })
}

export const use: RequestHandler<{ token: string }> = async (request, response) => {
  const link = response.locals.link as Link
  const t = response.locals.t as Translate
  if (link.purpose === 'marketing') return useForMarketing(link, response, t)
  const person = link.purpose === 'sign-up' ? await finishSignUp(link, request) : await personOf(link)
  // Joined first and burnt after it: should the process die in between, the link still works.
  if (!(await consumeLink(link)) || !person) {
    return response.status(410).render('account/link-expired', { head: invalidLink(t) })
  }
  const passwordDropped = link.signUp?.passwordHash && !person.passwordHash
  await signIn(request, person)
  if (link.purpose === 'sign-up') {
    setFlash(response, {
      kind: 'done',
      bold: t('account:signedUp.bold'),
      ...(passwordDropped
        ? {
            text: t('account:signedUp.password'),
            link: { href: '/account', text: t('account:signedUp.choose') },
          }
        : {}),
    })
  }
  response.redirect(303, link.next ?? homeOf(person.role))
}

export const marketingConfirmed: RequestHandler = (_request, response) => {
  const title = (response.locals.t as Translate)('account:subscriptionConfirmed.title')
  response.render('account/subscription-confirmed', { layout: 'plain', head: { title, noindex: true } })
}

const useForMarketing = async (link: Link, response: Parameters<RequestHandler>[1], t: Translate) => {
  const letter = await Emails.findById(`confirmMarketing:${link.consent}`).lean<Email>()
  const confirmed = await confirmMarketing(link.consent!, letter?.text ?? '')
  await consumeLink(link)
  if (confirmed) return response.redirect(303, '/email-preferences/confirmed')
  response.status(410).render('account/link-expired', { head: invalidLink(t) })
}

/**
 * Makes the account. The password counts only in the browser in which it was typed: else somebody could join with another
 * person's address, wait until that person uses the link, and have the key to their account.
 */
async function finishSignUp(link: Link, request: Request): Promise<Person | null> {
  const { person: id, name, passwordHash, consents, touches, at } = link.signUp!
  const own = request.session.applied === link._id
  const { person } = await signUp({
    id,
    email: link.email!,
    name,
    how: passwordHash ? 'password' : 'link',
    passwordHash: own ? passwordHash : null,
    consents: consents,
    touches,
    at,
  })
  // Joined by another letter meanwhile: this one is worth nothing any more.
  return String(person._id) === String(id) ? person : null
}

function personOf(link: Link): Promise<Person | null> {
  return People.findOne({ email: link.email!, suspendedAt: null }).lean<Person>().exec()
}

function invalidLink(t: Translate) {
  return { title: t('account:linkExpired.title'), noindex: true }
}
