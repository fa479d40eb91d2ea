import type { RequestHandler } from 'express'
import { Letters, type Letter } from '../mail/email'
import { livingConsent } from '../people/consent'
import type { Translate } from '../web/i18n'
import { textOfBox } from './consent-boxes'

/** Which letters somebody gets: what they agreed to, and the last ones that were sent. */
export const show: RequestHandler = async (request, response) => {
  const person = request.user!
  const [consent, letters] = await Promise.all([
    livingConsent(person._id, 'marketing_email'),
    Letters.find({ person: person._id }, { subject: 1, kind: 1, writtenAt: 1, sentAt: 1, gate: 1 })
      .sort({ writtenAt: -1 })
      .limit(20)
      .lean<Letter[]>(),
  ])
  response.render('account/letters', {
    head: { title: (response.locals.t as Translate)('account:letters.title'), noindex: true },
    consent,
    letters,
    text: textOfBox(response, 'marketing_email'),
  })
}
