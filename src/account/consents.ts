import type { Request, RequestHandler, Response } from 'express'
import { notFound } from '../platform/errors'
import { activeConsent, purposes, type Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import { withdrawConsent } from '../people/withdraw-consent'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { localPath } from '../web/local-path'
import { consentsGiven } from './consent-boxes'

/** Puts the purpose of the address into the answer, or answers 404. */
export const load: RequestHandler<{ purpose: string }> = (request, response, next) => {
  if (!purposes.includes(request.params.purpose as Purpose)) throw notFound()
  response.locals.purpose = request.params.purpose
  next()
}

/** Gives a consent: the button stands beside the very text that is kept as proof. */
export const create: RequestHandler = async (request, response) => {
  const purpose = response.locals.purpose as Purpose
  for (const tick of consentsGiven(pageOf(request), response, [purpose]))
    await giveConsent(request.user!._id, tick)
  const waits =
    purpose === 'marketing_email' && !(await activeConsent(request.user!._id, purpose))?.confirmedAt
  goBack(request, response, waits ? 'account:consents.checkInbox' : 'account:consents.given')
}

/** Withdraws it, as easily: one button, at once. */
export const destroy: RequestHandler = async (request, response) => {
  await withdrawConsent(request.user!._id, response.locals.purpose as Purpose)
  goBack(request, response, 'account:consents.withdrawn')
}

function goBack(request: Request, response: Response, key: string) {
  setFlash(response, { kind: 'done', bold: (response.locals.t as Translate)(key) })
  response.redirect(303, pageOf(request))
}

function pageOf(request: Request): string {
  return localPath(request.body?.back) ?? '/account/sharing'
}
