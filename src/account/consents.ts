import type { Request, Response } from 'express'
import { notFound } from '../platform/errors'
import { activeConsent, purposes, type Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import { renewConsent } from '../people/renew-consent'
import { withdrawConsent } from '../people/withdraw-consent'
import type { Handler, MemberHandler } from '../web/handler'
import { setFlash, showFlash } from '../web/flash'
import { localPath } from '../web/local-path'
import { textsOf } from '../web/texts'
import { consentsGiven, hasChanged } from '../web/consent-texts'
import * as emailPreferences from './email-preferences'
import * as sharing from './sharing'

/** Puts the purpose named in the URL into `response.locals.purpose`, or responds with 404. */
export const load: Handler = (request, response) => {
  if (!purposes.includes(request.params.purpose as Purpose)) throw notFound()
  response.locals.purpose = request.params.purpose
}

/**
 * Gives a consent. The button is next to the text that is stored as proof. Shows the page again with 409 when its form
 * doesn't have the present text.
 */
export const create: MemberHandler = async (request, response, person) => {
  const purpose = response.locals.purpose as Purpose
  if (hasChanged(request, response, purpose)) return showAgain(request, response, person)
  for (const input of consentsGiven(originOf(request), response, [purpose]))
    await giveConsent(person._id, input)
  const isUnconfirmed =
    purpose === 'marketing_email' && !(await activeConsent(person._id, purpose))?.confirmedAt
  goBack(request, response, isUnconfirmed ? 'account:consents.checkInbox' : 'account:consents.given')
}

/** Agrees to the present text of a consent that was given to an earlier one. Shows the page again as `create` does. */
export const renew: MemberHandler = async (request, response, person) => {
  const purpose = response.locals.purpose as Purpose
  if (hasChanged(request, response, purpose)) return showAgain(request, response, person)
  for (const input of consentsGiven(originOf(request), response, [purpose]))
    await renewConsent(person._id, input)
  goBack(request, response, 'account:consents.renewed')
}

/** Withdraws a consent with one button: as easy as giving it (GDPR Art. 7(3)). */
export const destroy: MemberHandler = async (request, response, person) => {
  await withdrawConsent(person._id, response.locals.purpose as Purpose)
  goBack(request, response, 'account:consents.withdrawn')
}

const showAgain: MemberHandler = (request, response, person) => {
  showFlash(response.status(409), { kind: 'warning', bold: textsOf(response).t('account:consents.changed') })
  const page = originOf(request) === '/account/email-preferences' ? emailPreferences : sharing
  return page.show(request, response, person)
}

function goBack(request: Request, response: Response, key: string) {
  setFlash(response, { kind: 'done', bold: textsOf(response).t(key) })
  response.redirect(303, originOf(request))
}

/** Returns the path of the page whose form was sent. */
function originOf(request: Request): string {
  return localPath(request.body?.back) ?? '/account/sharing'
}
