import { domainToASCII } from 'node:url'
import type { Types } from 'mongoose'
import { getDomain } from 'tldts'
import { audit } from '../events/audit'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { conflict } from '../platform/errors'
import { defineRecord, list, number, string } from '../platform/record'

/** The most sites of a brand. */
export const maxSites = 50

/** Which other sites may show pages of a brand in frames, as sources of a content security policy. */
const EmbeddingSites = defineRecord('EmbeddingSites', 'embedding_sites', {
  /** The id of the brand. */
  _id: string(),
  /** Such as `https://www.northwind.com` or `https://*.northwind.com`; none until an administrator lists one. */
  sites: list(string()),
  /** Number of changes; one that is based on an older number is rejected with 409. */
  changes: number(),
})

/** Returns the list of a brand as it is stored. */
export async function readEmbeddingSites(brand: string): Promise<{ sites: string[]; changes: number }> {
  return (await EmbeddingSites.findById(brand)) ?? { sites: [], changes: 0 }
}

/** Returns the sites of a brand, for pages. */
export const embeddingSites = cached<string, readonly string[]>(
  STALE_AFTER_MS,
  async brand => (await readEmbeddingSites(brand)).sites,
)

/**
 * Replaces the sites of a brand.
 *
 * @param changes the number of changes that the list was read at.
 * @throws 409 when someone else has changed it since.
 */
export async function changeEmbeddingSites(
  brand: string,
  sites: string[],
  changes: number,
  by: Types.ObjectId,
): Promise<void> {
  const isSaved = changes
    ? (await EmbeddingSites.updateOne({ _id: brand, changes }, { $set: { sites, changes: changes + 1 } }))
        .matchedCount === 1
    : await EmbeddingSites.insertOnce({ _id: brand, sites, changes: 1 })
  if (!isSaved) throw conflict('admin:errors.websitesChanged')
  embeddingSites.forget()
  await audit({ actor: by, action: 'embedding_sites.changed', subject: brand, detail: { sites } })
}

const hostName = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/**
 * Returns the site of what was typed: a host, the address of one of its pages, or `*.` and a host for all hosts below
 * it. Only this computer may be without encryption and have a port. Null for anything else, such as `*.com`.
 */
export function siteIn(typed: string): string | null {
  const [, scheme = '', star = '', rest = ''] = /^(https?:\/\/)?(\*\.)?(.*)$/is.exec(typed.trim()) ?? []
  const address = `${scheme || 'https://'}${rest}`
  if (!URL.canParse(address)) return null
  const { hostname, port, username, protocol, origin } = new URL(address)
  if (username) return null
  if (!star && (hostname === 'localhost' || hostname === '127.0.0.1')) return origin
  const host = domainToASCII(hostname)
  if (protocol !== 'https:' || port || !hostName.test(host)) return null
  const isOwned = getDomain(host, { allowPrivateDomains: true }) !== null
  return isOwned ? `https://${star}${host}` : null
}

/** Whether an origin is one of the sites. */
export function isListedSite(origin: string, sites: readonly string[]): boolean {
  return sites.some(site => {
    if (!site.startsWith('https://*.')) return site === origin
    return origin.startsWith('https://') && origin.endsWith(site.slice('https://*'.length))
  })
}
