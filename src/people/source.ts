import { config } from '../platform/config'
import { parseHost } from './domain-name'
import type { Touch } from './person'

export const sources = [
  'website',
  'search',
  'newsletter',
  'social',
  'paid',
  'invited',
  'referral',
  'direct',
] as const
export type Source = (typeof sources)[number]

const searchEngines =
  /(^|\.)(google|bing|duckduckgo|ecosia|qwant|seznam|yandex|baidu|yahoo|startpage|brave)\./
const socialNetworks =
  /(^|\.)(linkedin|lnkd|facebook|instagram|t|x|twitter|youtube|reddit|mastodon|bsky|xing|tiktok)\./

/**
 * Returns the source of a touch. What the link says about itself (`utm_medium`, `utm_source`) takes precedence over the
 * referrer. Without either, the source is `direct`.
 */
export function sourceOf(touch: Pick<Touch, 'source' | 'medium' | 'referrer'> | null | undefined): Source {
  const medium = touch?.medium?.toLowerCase() ?? ''
  const source = touch?.source?.toLowerCase() ?? ''
  if (/^(cpc|ppc|paid|display|ads?|paid[-_ ]?social|paidsearch)$/.test(medium)) return 'paid'
  if (/mail|newsletter/.test(medium) || /newsletter/.test(source)) return 'newsletter'
  if (/invite|invitation/.test(medium) || source === 'colleague') return 'invited'
  if (/social/.test(medium)) return 'social'
  if (/^(website|product)$/.test(medium) || source === 'website') return 'website'
  // A course that another site shows: its source is that site.
  if (medium === 'embed') return source && isOwnSite(source) ? 'website' : 'referral'
  const referrer = touch?.referrer?.toLowerCase() ?? ''
  if (!referrer) return source || medium ? 'referral' : 'direct'
  if (searchEngines.test(referrer)) return 'search'
  if (socialNetworks.test(referrer)) return 'social'
  return isOwnSite(referrer) ? 'website' : 'referral'
}

/** True for the company's other sites, which share the academy's registrable domain, such as `www.lyceum.example`. */
function isOwnSite(host: string): boolean {
  const { domain } = parseHost(host)
  return domain !== null && domain === parseHost(config.baseUrl).domain
}
