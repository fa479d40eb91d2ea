import { createHash } from 'node:crypto'
import { domainToASCII, domainToUnicode } from 'node:url'
import { parse } from 'tldts'

/** The most characters of an address (RFC 5321). */
const maxLength = 254

/**
 * Trims an address, lower-cases it and turns its domain into ASCII: the form in which it is stored and compared. The
 * domain of an address that is too long stays as it is, because the time to turn it grows with the square of its
 * length.
 */
export function normaliseEmail(typed: string): string {
  const email = typed.trim().toLowerCase()
  const at = email.lastIndexOf('@')
  if (at < 1 || email.length > maxLength) return email
  const domain = domainToASCII(email.slice(at + 1))
  return domain ? `${email.slice(0, at)}@${domain}` : email
}

/** Returns a stored address as people read it, with the letters of its domain: `max@bücher-handel.example`. */
export function shownEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at + 1)}${shownDomain(email.slice(at + 1))}`
}

/** Returns a stored domain as people read it; unchanged when it has no readable form. */
export function shownDomain(domain: string): string {
  return domainToUnicode(domain) || domain
}

/**
 * Returns what is wrong with an address: `at` without an `@`, `ending` without a top-level domain, `form` for
 * anything else; null when it is valid.
 */
export function invalidEmailReason(typed: string): 'at' | 'ending' | 'form' | null {
  const email = normaliseEmail(typed)
  const [local, domain, extra] = email.split('@')
  if (!local || !domain) return 'at'
  if (extra !== undefined || email.length > maxLength || local.length > 64) return 'form'
  if (!/^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+$/.test(local) || /^\.|\.$|\.\./.test(local)) return 'form'
  if (!domain.includes('.')) return 'ending'
  const { isIp, publicSuffix } = parse(domain)
  return isIp || !publicSuffix || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) ? 'form' : null
}

/** Returns the SHA-256 of the normalised address, hex. It is all we store of an address that must not be emailed. */
export function hashOfEmail(email: string): string {
  return createHash('sha256').update(normaliseEmail(email)).digest('hex')
}
