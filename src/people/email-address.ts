import { createHash } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'

/** Trimmed, in lower case, the domain in its ASCII form: how an address is kept and compared everywhere. */
export function normaliseEmail(typed: string): string {
  const email = typed.trim().toLowerCase()
  const at = email.lastIndexOf('@')
  if (at < 1) return email
  const domain = domainToASCII(email.slice(at + 1))
  return domain ? `${email.slice(0, at)}@${domain}` : email
}

/** What is wrong with an address, or null: no `@`, no ending such as .com, a sign that addresses do not have. */
export function invalidEmailReason(typed: string): 'at' | 'ending' | 'form' | null {
  const email = normaliseEmail(typed)
  const [local, domain, more] = email.split('@')
  if (!local || !domain) return 'at'
  if (more !== undefined || email.length > 254 || local.length > 64) return 'form'
  if (!/^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+$/.test(local) || /^\.|\.$|\.\./.test(local)) return 'form'
  if (!domain.includes('.')) return 'ending'
  const read = parse(domain)
  return read.isIp || !read.publicSuffix || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) ? 'form' : null
}

/** SHA-256 of the normalised address, hex: what is kept of an address when nothing else may be. */
export function hashOfEmail(email: string): string {
  return createHash('sha256').update(normaliseEmail(email)).digest('hex')
}
