import type { RequestHandler } from 'express'
import { Emails, type Email } from '../mail/email'
import { activeConsent } from '../people/consent'
import type { Translate } from '../web/i18n'
import { consentText } from './consent-boxes'

/** Which letters somebody gets: what they agreed to, and the last ones that were sent. */
export const show: RequestHandler = async (request, response) => {
  const person = request.user!
  const [consent, letters] = await Promise.all([
    activeConsent(person._id, 'marketing_email'),
    Emails.find({ person: person._id }, { subject: 1, kind: 1, createdAt: 1, sentAt: 1, sendDecision: 1 })
      .sort({ createdAt: -1 })
      .limit(20)
      .lean<Email[]>(),
  ])
  response.render('account/email-preferences', {
    head: { title: (response.locals.t as Translate)('account:emailPreferences.title'), noindex: true },
    consent,
    letters,
    text: consentText(response, 'marketing_email'),
  })
}
