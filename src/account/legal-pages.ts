import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'

/** The legal pages and the sections of each. */
const sections = {
  sharing: ['what', 'who', 'when', 'stop'],
  privacy: ['who', 'what', 'why', 'consents', 'cookies', 'recipients', 'howLong', 'rights', 'contact'],
  terms: ['what', 'account', 'courses', 'paid', 'conduct', 'ending', 'law'],
  accessibility: ['aim', 'how', 'known', 'tell'],
  scoring: ['what', 'points', 'attention', 'fading', 'limits', 'follows', 'never', 'person'],
} as const

/** Returns the handler that shows a legal page. */
export function legalPage(name: keyof typeof sections): Handler {
  return (_request, response) => {
    const { t, html } = textsOf(response)
    const title = t(`account:legalPages.${name}.title`)
    const description = t(`account:legalPages.${name}.lede`)
    response.render('account/legal-page', {
      title,
      lede: description,
      sections: sections[name].map(id => ({
        id,
        title: t(`account:legalPages.${name}.${id}.title`),
        html: html(`account:legalPages.${name}.${id}.text`),
      })),
      head: { title, description, canonical: `/${name}` },
    })
  }
}
