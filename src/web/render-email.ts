import type { ShownBrand } from '../brand/brand'
import { emailColours, languagesOf, textsOfBrand } from './shown-brand'
import { directionOf, type Language } from './i18n'
import { renderBrandText } from './legal-page'
import { fileUrl } from './image'
import { renderView } from './views'
import { formattersFor } from './formatters'
import type { Sender } from '../mail/email'

type RenderedEmail = { subject: string; html: string; sender: Sender }

/**
 * Renders an email of a brand in a language: the view `mail/<name>` inside the mail layout, with the subject
 * `mail:subjects.<name>`. Views get `page.t`, `page.html`, the formatters, `page.baseUrl` and `values`.
 *
 * What someone requests on a page is of the brand of that page, and what the worker sends is of the recipient's.
 */
export function renderEmail(
  name: string,
  values: Record<string, unknown>,
  brand: ShownBrand,
  language: Language = languagesOf(brand)[0]!,
): RenderedEmail {
  const { t, html } = textsOfBrand(brand, language)
  const subject = t(`mail:subjects.${name}`, values)
  const document = renderView(`mail/${name}`, {
    layout: 'mail',
    lang: language,
    dir: directionOf(language),
    subject,
    t,
    html,
    ...emailColours(brand),
    baseUrl: brand.baseUrl,
    logo: logoOf(brand),
    unsubscribe: null,
    stopReminders: null,
    stopGroups: null,
    footer: brand.content.emailFooter && renderBrandText(brand.content.emailFooter, t, language),
    ...formattersFor(language),
    ...values,
  })
  return { subject, html: document, sender: senderOf(brand, t('brand:academyName')) }
}

/** The height of the logo in emails, in pixels. */
const logoHeight = 32

/** Emails have a light background. */
function logoOf({ content: { logoLight }, baseUrl }: ShownBrand) {
  if (!logoLight) return null
  const { width, height } = logoLight
  const shown = width && height ? Math.min(280, Math.round((width * logoHeight) / height)) : null
  return { src: baseUrl + fileUrl(logoLight), width: shown }
}

function senderOf({ content, baseUrl }: ShownBrand, academyName: string): Sender {
  const { senderName, senderAddress, replyTo } = content
  return {
    name: senderName || academyName,
    address: senderAddress || null,
    replyTo: replyTo || null,
    host: new URL(baseUrl).hostname,
  }
}
