import type { Response } from 'express'
import { z } from 'zod'
import { config } from '../platform/config'
import { normaliseEmail } from '../people/email-address'
import { issueLink } from '../people/link'
import { demoAccounts } from '../people/demo-accounts'
import { People, type Role } from '../people/person'
import type { Handler, MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import { invitationCookie } from '../web/invitation-cookie'
import { localPath } from '../web/local-path'
import { readerZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { academyCover } from './academy-cover'
import { followNext } from './follow-next'
import { emailAttempt, passwordAttempt, refuseForNow } from './limits'
import { personByPassword, signIn, signOut } from './passport'
import { endSessions } from '../web/end-sessions'
import { sendNoAccountEmail, sendSignInEmail } from './sign-in-emails'
import { emailedToCookie, emailField } from './sign-up'

/** Exactly what was typed: spaces count. One that is too long is simply wrong. */
const typedPassword = z
  .string({ error: 'account:errors.password' })
  .min(1, { error: 'account:errors.password' })
const passwordForm = z.object({ email: emailField, password: typedPassword })
const linkForm = z.object({ email: emailField })

export const show: Handler = (request, response, person) => {
  if (person) return response.redirect(303, localPath(request.query.next) ?? homeOf(person.role))
  response.render('account/sign-in', signInPage(response, request.query.next))
}

export const create: Handler = async (request, response) => {
  const page = signInPage(response, request.body?.next)
  const { data, form } = readForm(passwordForm, request, response)
  if (!data) return refuseForm(response, 'account/sign-in', form, page)
  const attempt = await passwordAttempt(request, data.email)
  if (attempt.wait) return refuseForNow(response, 'account/sign-in', request.body, attempt.wait, page)
  const person = await personByPassword(request, response)
  if (!person) {
    const errors = { email: textsOf(response).t('account:errors.signIn') }
    return refuseForm(response, 'account/sign-in', { values: request.body, errors }, page)
  }
  await attempt.succeeded()
  await signIn(request, response, person)
  const { next } = page
  const invitation = invitationCookie.read(request)
  const follow = { next, invitation, brand: response.locals.brand, timeZone: readerZone(request) }
  response.redirect(303, (await followNext(person, follow)) ?? homeOf(person.role))
}

/** Emails a sign-in link. An address without an account gets an email too, so the page never shows who has one. */
export const sendLink: Handler = async (request, response) => {
  const next = localPath(request.body?.next)
  const { data, form } = readForm(linkForm, request, response)
  if (!data) return refuseForm(response, 'account/sign-in', form, signInPage(response, next))
  const email = normaliseEmail(data.email)
  const { wait, mailboxWait } = await emailAttempt(request, email)
  if (wait) return refuseForNow(response, 'account/sign-in', request.body, wait, signInPage(response, next))
  emailedToCookie.set(response, email)
  // The link that was sent a moment ago works in any browser.
  if (mailboxWait) return response.redirect(303, '/sign-up/email-sent')
  const person = await People.findOne({ email, suspendedAt: null })
  const invitation = invitationCookie.read(request)
  const token = await issueLink({ purpose: 'sign-in', email, next, invitation })
  const { brand } = response.locals
  await (person ? sendSignInEmail(person, token, brand) : sendNoAccountEmail(email, token, brand))
  response.redirect(303, '/sign-up/email-sent')
}

export const destroy: Handler = async (request, response) => {
  await signOut(request, response)
  response.redirect(303, '/')
}

/** Signs the person out on all other devices. */
export const destroyOthers: MemberHandler = async (request, response, person) => {
  await endSessions(person._id, request.sessionID)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:profile.signedOutElsewhere') })
  response.redirect(303, '/account')
}

/** Returns the path of the first page of each role. */
export function homeOf(role: Role): string {
  if (role === 'prospect') return '/learning'
  if (role === 'author' || role === 'reviewer' || role === 'contributor') return '/studio'
  return role === 'admin' ? '/admin/people' : '/sales/queue'
}

function signInPage(response: Response, typedNext: unknown) {
  const { t, html, dir } = textsOf(response)
  const next = localPath(typedNext)
  const signUpHref = next ? `/sign-up?next=${encodeURIComponent(next)}` : '/sign-up'
  return {
    head: { title: t('account:signIn.title'), noindex: true },
    next,
    fields: {
      email: {
        name: 'email',
        label: t('account:signIn.email'),
        type: 'email',
        autocomplete: 'username',
        required: true,
        maxlength: 254,
      },
      password: {
        name: 'password',
        label: t('account:signIn.password'),
        type: 'password',
        autocomplete: 'current-password',
      },
    },
    signUp: html('account:signIn.new', { href: signUpHref }),
    cover: academyCover('academy', 4, dir),
    demoAccounts: config.demo
      ? demoAccounts.map(({ name, email }) => ({ email, text: t(`account:signIn.demo.${name}`) }))
      : [],
    scripts: ['password.js'],
  }
}
