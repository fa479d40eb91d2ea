import type { RequestHandler } from 'express'
import type { Translate } from '../web/i18n'

/** The pages that say how this academy deals with people, and the parts of each. */
const sections = {
  sharing: ['what', 'who', 'when', 'stop'],
  privacy: ['who', 'what', 'why', 'consents', 'cookies', 'recipients', 'howLong', 'rights', 'contact'],
  terms: ['what', 'account', 'courses', 'paid', 'conduct', 'ending', 'law'],
  accessibility: ['aim', 'how', 'known', 'tell'],
  scoring: ['what', 'points', 'fading', 'limits', 'follows', 'never', 'person'],
} as const

/** A page of text by its name. */
export function legalPage(name: keyof typeof sections): RequestHandler {
  return (_request, response) => {
    const t = response.locals.t as Translate
    const title = t(`account:legalPages.${name}.title`)
    const description = t(`account:legalPages.${name}.lede`)
    response.render('account/legal-page', {
      name,
      parts: sections[name],
      head: { title, description, canonical: `${response.locals.baseUrl}/${name}` },
    })
  }
}
