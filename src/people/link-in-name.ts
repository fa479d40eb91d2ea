import { parse } from 'tldts'

/**
 * A name travels in our emails, and anyone who signs up can choose it. With a link in it, our mail server would send
 * advertising and phishing in our name to any address.
 */

/** Top-level domains that aren't on the Public Suffix List, as those of examples and local networks. */
const specialUse = /\.(example|test|invalid|local|localhost|localdomain|onion|internal|lan|home|corp)$/
const scheme = /:\s*[/\\]{2}|[/\\]{2}\s*\w|\b(h(tt|xx)ps?|s?ftp|mailto|tel|sms|data|javascript|file)\s*:/
const www = /\bwww\d*\s*\./
const mailbox = /\S@[^\s@]+\.[^\s@]{2,}/
const host = /[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)+/gu
/** `J.R.R.Tolkien`, `St.John`, `B.Com`: initials, titles and degrees that are written without a space. */
const abbreviation =
  /(?<![\p{L}\p{N}.@/-])(?:\p{Lu}|St|Ste|Dr|Mr|Mrs|Ms|Mx|Prof|Jr|Sr|Fr|Rev|Ing|Mgr|Ph|Dipl)\.(?=\p{Lu})/gu

/**
 * Returns true when a name contains a web or email address, however it is disguised: `https://evil.com`, `evil.com`,
 * `evil．com`, `hxxp://`, `evil[dot]com`, `www.evil`, `me@evil.com`. `St. John` and `J.R.R. Tolkien` contain none.
 *
 * @param of `organisation` also allows a bare domain, because companies are called `Booking.com`.
 */
export function hasLink(name: string, of: 'person' | 'organisation' = 'person'): boolean {
  const text = plain(name)
  const lower = text.toLowerCase()
  if (scheme.test(lower) || www.test(lower) || mailbox.test(lower)) return true
  if (withDomains(lower, domain => lower.includes(`${domain}/`))) return true
  if (of === 'organisation') return false
  return lower.includes('@') || withDomains(withoutAbbreviations(text).toLowerCase(), () => true)
}

/** Undoes disguises: other forms of letters and dots, and dots and at signs that are spelled out. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/%2e|&#(?:0*46|x0*2e);|&period;/gi, '.')
    .replace(/[\u3002\u2024\u0701\u0702\u06d4\uff0e\uff61\ufe52]/g, '.')
    .replace(/\s*[[({<]\s*(?:dot|punkt|\.)\s*[\])}>]\s*/gi, '.')
    .replace(/\s*[[({<]\s*(?:at|@)\s*[\])}>]\s*/gi, '@')
    .replace(
      /[\s_-]+dot[\s_-]+(?=(?:com|net|org|info|biz|io|co|ru|cn|xyz|top|app|dev|example)(?![\p{L}\p{N}]))/giu,
      '.',
    )
    .replace(/\s+\.\s*|\.\s+(?=(?:com|net|org|info|biz)(?![\p{L}\p{N}]))/gu, '.')
    .replace(/\.{2,}/g, '.')
}

function withoutAbbreviations(text: string): string {
  const shorter = text.replace(abbreviation, '')
  return shorter === text ? text : withoutAbbreviations(shorter)
}

function withDomains(text: string, test: (domain: string) => boolean): boolean {
  return (text.match(host) ?? []).some(labels => domainsOf(labels).some(test))
}

/** Returns the beginnings of a dotted word that are domains: `evil.com` and `evil.com.jr`'s `evil.com`. */
function domainsOf(labels: string): string[] {
  const parts = labels.split('.')
  return parts.flatMap((_, n) => {
    const domain = parts.slice(0, n + 2).join('.')
    return n < parts.length - 1 && isDomain(domain) ? [domain] : []
  })
}

function isDomain(domain: string): boolean {
  if (specialUse.test(domain)) return true
  const { isIp, isIcann, domainWithoutSuffix } = parse(domain)
  return Boolean(isIp || (isIcann && domainWithoutSuffix))
}
