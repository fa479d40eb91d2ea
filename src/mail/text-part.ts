/**
 * Returns the plain text of an email's HTML: paragraphs apart, list items with a dash, links as `text: URL`. Reads the
 * markup of views/mail only: headings, paragraphs, lists and links.
 */
export function textOf(html: string): string {
  return html
    .replace(/<head[\s\S]*?<\/head>/g, '')
    .replace(/\s+/g, ' ')
    .replace(/<a\b[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/g, (_all, href: string, text: string) =>
      text.trim() === href ? href : `${text.trim()}: ${href}`,
    )
    .replace(/<li\b[^>]*>/g, '\n- ')
    .replace(/<br\b[^>]*>/g, '\n')
    .replace(/<\/(p|h1|h2|ul|ol|div|blockquote)>|<hr\b[^>]*>/g, '\n\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:(amp|lt|gt|quot|nbsp)|#(x[0-9a-f]+|[0-9]+));/gi, decodeEntity)
    .split('\n')
    .map(line => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' }

/** Decodes an entity by name or number: EJS writes `&#34;`, i18next `&#x2F;`. */
function decodeEntity(_all: string, name: keyof typeof entities | undefined, code: string): string {
  return name ? entities[name] : String.fromCodePoint(Number(code.replace(/^(?=x)/i, '0')))
}
