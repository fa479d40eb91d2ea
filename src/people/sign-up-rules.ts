import { domainToASCII } from 'node:url'
import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { conflict } from '../platform/errors'
import { defineRecord, list, number, string, type RecordOf } from '../platform/record'
import { isDisposableEmail } from './company'
import { parseHost } from './domain-name'
import { normaliseEmail } from './email-address'

/** The most domains in one list. */
export const maxSignUpDomains = 1000

/** With which addresses people can sign up at a brand. Each domain stands for its subdomains too. */
const SignUpRules = defineRecord('SignUpRules', 'sign_up_rules', {
  /** The id of the brand. */
  _id: string(),
  /** Only addresses at these domains; empty for all. */
  allowed: list(string()),
  /** No addresses at these. */
  refused: list(string()),
  /** Addresses at these, although the list of disposable ones has them. */
  notDisposable: list(string()),
  /** Number of changes; one that is based on an older number is rejected with 409. */
  changes: number(),
})
export type SignUpRules = RecordOf<typeof SignUpRules>

/** The names of the lists. */
export const signUpLists = ['allowed', 'refused', 'notDisposable'] as const
type Lists = Pick<SignUpRules, (typeof signUpLists)[number]>

/** Returns the rules of a brand; until an administrator has set them, only disposable addresses are refused. */
export async function signUpRules(brand: string): Promise<SignUpRules> {
  const none = { _id: brand, allowed: [], refused: [], notDisposable: [], changes: 0 }
  return (await SignUpRules.findById(brand)) ?? none
}

/**
 * Sets the rules of a brand. People who have an account already can go on signing in.
 *
 * @param changes the number of changes that the lists were read at.
 * @throws 409 when someone else has changed them since.
 */
export async function changeSignUpRules(
  brand: string,
  lists: Lists,
  changes: number,
  by: Types.ObjectId,
): Promise<void> {
  const change = { $set: { ...lists, changes: changes + 1 } }
  const isSaved = changes
    ? (await SignUpRules.updateOne({ _id: brand, changes }, change)).matchedCount === 1
    : await SignUpRules.insertOnce({ _id: brand, ...lists, changes: 1 })
  if (!isSaved) throw conflict('admin:errors.signUpRulesChanged')
  const detail = Object.fromEntries(signUpLists.map(name => [name, lists[name].length]))
  await audit({ actor: by, action: 'sign_up_rules.changed', subject: brand, detail })
}

export type SignUpObstacle = 'refused' | 'notAllowed' | 'disposable'

/**
 * Returns why an address can't be used to sign up at a brand, or null. It follows from the domain alone, and so doesn't
 * tell whether the address has an account.
 */
export async function signUpObstacle(brand: string, email: string): Promise<SignUpObstacle | null> {
  const { allowed, refused, notDisposable } = await signUpRules(brand)
  const stored = normaliseEmail(email)
  const host = stored.slice(stored.lastIndexOf('@') + 1)
  const isIn = (domains: readonly string[]) =>
    domains.some(domain => host === domain || host.endsWith(`.${domain}`))
  if (isIn(refused)) return 'refused'
  if (allowed.length && !isIn(allowed)) return 'notAllowed'
  return isDisposableEmail(stored) && !isIn(notDisposable) && !isIn(allowed) ? 'disposable' : null
}

/**
 * Returns the domain of what was typed, an address or a domain, as addresses have it: in ASCII and lower case. Null for
 * anything else, and for an ending that anyone can have a domain below, such as `co.uk` or `uk.com`.
 */
export function mailDomain(typed: string): string | null {
  const host = domainToASCII(typed.slice(typed.lastIndexOf('@') + 1).toLowerCase())
  const { domain, isIp } = parseHost(host)
  return domain && !isIp && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host) && host.length <= 253 ? host : null
}
