import type { RequestHandler, Response } from 'express'
import { z } from 'zod'
import { normaliseEmail } from '../people/email-address'
import { issueLink } from '../people/link'
import { People, type Person, type Role } from '../people/person'
import { setFlash } from '../web/flash'
import { field, readForm, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { emailField } from './sign-up'
import { sendNoAccountEmail, sendSignInEmail } from './sign-in-emails'
import { localPath } from '../web/local-path'
import { personByPassword, signIn, signOut } from './passport'
import { endSessions } from './session'

const byPassword = z.object({ email: emailField, password: field('account:errors.password', 200) })
const byLink = z.object({ email: emailField })

export const show: RequestHandler = (request, response) => {
  if (request.user) return response.redirect(303, localPath(request.query.next) ?? homeOf(request.user.role))
  response.render('account/sign-in', shown(response, request.query.next))
}

export const create: RequestHandler = async (request, response, next) => {
  const values = shown(response, request.body?.next)
  const read = readForm(byPassword, request, response)
  if (!read.data) return refuseForm(response, 'account/sign-in', read.form, values)
  const person = await personByPassword(request, response, next)
  if (!person) {
    const errors = { email: (response.locals.t as Translate)('account:errors.signIn') }
    return refuseForm(response, 'account/sign-in', { values: request.body, errors }, values)
  }
  await signIn(request, person)
  response.redirect(303, values.next ?? homeOf(person.role))
}

/** Sends a link to whoever has an account, and says so to others by letter too: the page never tells. */
export const sendLink: RequestHandler = async (request, response) => {
  const next = localPath(request.body?.next)
  const read = readForm(byLink, request, response)
  if (!read.data) return refuseForm(response, 'account/sign-in', read.form, shown(response, next))
  const email = normaliseEmail(read.data.email)
  const person = await People.findOne({ email, suspendedAt: null }).lean<Person>()
  const token = await issueLink({ purpose: 'sign-in', email, next })
  await (person ? sendSignInEmail(person, token) : sendNoAccountEmail(email, token))
  request.session.wroteTo = email
  response.redirect(303, '/sign-up/email-sent')
}

export const destroy: RequestHandler = async (request, response) => {
  await signOut(request)
  response.redirect(303, '/')
}

/** Signs out everywhere but here. */
export const destroyOthers: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  await endSessions(request.user!._id, request.sessionID)
  setFlash(response, { kind: 'done', bold: t('account:profile.signedOutElsewhere') })
  response.redirect(303, '/account')
}

/** Where each role begins. */
export function homeOf(role: Role): string {
  if (role === 'prospect') return '/learning'
  if (role === 'author' || role === 'reviewer') return '/studio'
  return role === 'admin' ? '/admin/people' : '/sales/leads'
}

function shown(response: Response, typed: unknown) {
  const title = (response.locals.t as Translate)('account:signIn.title')
  return {
    head: { title, noindex: true },
    next: localPath(typed),
    scripts: ['password.js'],
  }
}
