import { config } from '../platform/config'
import { directionOf, htmlTranslator, languages, translator, type Language } from './i18n'
import { renderView } from './views'
import { formattersFor } from './formatters'

/**
 * Renders an email in a language: the view `mail/<name>` inside the mail layout, with the subject
 * `mail:subjects.<name>`. Views get `page.t`, `page.html`, the formatters, `page.baseUrl` and `values`.
 */
export function renderEmail(
  name: string,
  values: Record<string, unknown>,
  language: Language = languages[0],
): { subject: string; html: string } {
  const t = translator(language)
  const subject = t(`mail:subjects.${name}`, values)
  const html = renderView(`mail/${name}`, {
    layout: 'mail',
    lang: language,
    dir: directionOf(language),
    subject,
    t,
    html: htmlTranslator(language),
    baseUrl: config.baseUrl,
    unsubscribe: null,
    ...formattersFor(language),
    ...values,
  })
  return { subject, html }
}
