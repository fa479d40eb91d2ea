import type { RequestHandler } from 'express'
import { notFound } from '../platform/errors'
import { objectToMarketing } from '../people/object-to-marketing'
import { People, type Person } from '../people/person'
import { suppress } from '../people/suppression'
import { personOfToken } from '../people/unsubscribe-token'
import { withdrawConsent } from '../people/withdraw-consent'

/** Whose letters the token of the address ends, or 404. */
export const load: RequestHandler<{ token: string }> = async (request, response, next) => {
  const id = personOfToken(request.params.token)
  const person = id && (await People.findOne({ _id: id }).lean<Person>())
  if (!person) throw notFound()
  Object.assign(response.locals, { leaver: person, token: request.params.token, layout: 'plain' })
  response.locals.head = { title: response.locals.t('account:unsubscribe.title'), noindex: true }
  next()
}

/** A page with buttons: programs that check mail follow links, and must not unsubscribe anybody. */
export const show: RequestHandler = (_request, response) => {
  response.render('account/unsubscribe', { done: null })
}

/**
 * Ends the letters at once, without cookie or sign-in: this is also the one-click of mail programs (RFC 8058). With
 * `what=all` it is an objection to direct marketing altogether.
 */
export const create: RequestHandler = async (request, response) => {
  const person = response.locals.leaver as Person
  const all = request.body?.what === 'all'
  if (all) await objectToMarketing(person._id)
  else {
    await withdrawConsent(person._id, 'marketing_email')
    if (!person.erasedAt) await suppress(person.email, 'unsubscribed')
  }
  response.render('account/unsubscribe', { done: all ? 'all' : 'emails' })
}
