import { config } from '../platform/config'
import { publishedBrand } from '../brand/brand'
import { emailColours, ownTextsOf } from './shown-brand'
import { directionOf, languages, translatorsFor, type Language } from './i18n'
import { renderBrandText } from './legal-page'
import { renderView } from './views'
import { formattersFor } from './formatters'

type RenderedEmail = { subject: string; html: string; sender: { name: string; replyTo: string | null } }

/**
 * Renders an email in a language: the view `mail/<name>` inside the mail layout, with the subject
 * `mail:subjects.<name>`. Views get `page.t`, `page.html`, the formatters, `page.baseUrl` and `values`.
 */
export async function renderEmail(
  name: string,
  values: Record<string, unknown>,
  language: Language = languages[0],
): Promise<RenderedEmail> {
  const brand = await publishedBrand()
  const { t, html } = translatorsFor(language, ownTextsOf(brand))
  const subject = t(`mail:subjects.${name}`, values)
  const document = renderView(`mail/${name}`, {
    layout: 'mail',
    lang: language,
    dir: directionOf(language),
    subject,
    t,
    html,
    ...emailColours(brand),
    baseUrl: config.baseUrl,
    unsubscribe: null,
    footer: brand.content.emailFooter && renderBrandText(brand.content.emailFooter, t, language),
    ...formattersFor(language),
    ...values,
  })
  const { senderName, replyTo } = brand.content
  const sender = { name: senderName || t('brand:academyName'), replyTo: replyTo || null }
  return { subject, html: document, sender }
}
