import type { Request, Response } from 'express'
import { notFound } from '../platform/errors'
import { activeConsent, purposes, type Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import { renewConsent } from '../people/renew-consent'
import { withdrawConsent } from '../people/withdraw-consent'
import type { Handler, MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { localPath } from '../web/local-path'
import { textsOf } from '../web/texts'
import { consentsGiven, hasChanged } from '../web/consent-texts'

/** Puts the purpose named in the URL into `response.locals.purpose`, or responds with 404. */
export const load: Handler = (request, response) => {
  if (!purposes.includes(request.params.purpose as Purpose)) throw notFound()
  response.locals.purpose = request.params.purpose
}

/** Gives a consent. The button is next to the text that is stored as proof. */
export const create: MemberHandler = async (request, response, person) => {
  const purpose = response.locals.purpose as Purpose
  if (hasChanged(request, response, purpose)) return goBack(request, response, 'account:consents.changed')
  for (const input of consentsGiven(originOf(request), response, [purpose]))
    await giveConsent(person._id, input)
  const isUnconfirmed =
    purpose === 'marketing_email' && !(await activeConsent(person._id, purpose))?.confirmedAt
  goBack(request, response, isUnconfirmed ? 'account:consents.checkInbox' : 'account:consents.given')
}

/** Agrees to the present text of a consent that was given to an earlier one. */
export const renew: MemberHandler = async (request, response, person) => {
  const purpose = response.locals.purpose as Purpose
  if (hasChanged(request, response, purpose)) return goBack(request, response, 'account:consents.changed')
  for (const input of consentsGiven(originOf(request), response, [purpose]))
    await renewConsent(person._id, input)
  goBack(request, response, 'account:consents.renewed')
}

/** Withdraws a consent with one button: as easy as giving it (GDPR Art. 7(3)). */
export const destroy: MemberHandler = async (request, response, person) => {
  await withdrawConsent(person._id, response.locals.purpose as Purpose)
  goBack(request, response, 'account:consents.withdrawn')
}

function goBack(request: Request, response: Response, key: string) {
  const kind = key === 'account:consents.changed' ? 'warning' : 'done'
  setFlash(response, { kind, bold: textsOf(response).t(key) })
  response.redirect(303, originOf(request))
}

/** Returns the path of the page whose form was sent. */
function originOf(request: Request): string {
  return localPath(request.body?.back) ?? '/account/sharing'
}
