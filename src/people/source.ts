import { getDomain } from 'tldts'
import { config } from '../platform/config'
import type { Touch } from './person'

export type Source =
  'website' | 'search' | 'newsletter' | 'social' | 'paid' | 'invited' | 'referral' | 'direct'

const searchEngines =
  /(^|\.)(google|bing|duckduckgo|ecosia|qwant|seznam|yandex|baidu|yahoo|startpage|brave)\./
const networks =
  /(^|\.)(linkedin|lnkd|facebook|instagram|t|x|twitter|youtube|reddit|mastodon|bsky|xing|tiktok)\./

/**
 * Puts a touch into one of eight sources: what the link says of itself (utm_medium, utm_source) before the page it came
 * from. Nothing known is `direct`.
 */
export function sourceOf(touch: Pick<Touch, 'source' | 'medium' | 'referrer'> | null | undefined): Source {
  const medium = touch?.medium?.toLowerCase() ?? ''
  const source = touch?.source?.toLowerCase() ?? ''
  if (/^(cpc|ppc|paid|display|ads?|paid[-_ ]?social|paidsearch)$/.test(medium)) return 'paid'
  if (/mail|newsletter/.test(medium) || /newsletter/.test(source)) return 'newsletter'
  if (/invite|invitation/.test(medium) || source === 'colleague') return 'invited'
  if (/social/.test(medium)) return 'social'
  if (/^(website|product)$/.test(medium) || source === 'website') return 'website'
  const referrer = touch?.referrer?.toLowerCase() ?? ''
  if (!referrer) return source || medium ? 'referral' : 'direct'
  if (searchEngines.test(referrer)) return 'search'
  if (networks.test(referrer)) return 'social'
  return isOurs(referrer) ? 'website' : 'referral'
}

/** The company's other sites: the same registrable name as the academy's, `www.lyceum.example` beside `learn.lyceum.example`. */
function isOurs(host: string): boolean {
  const domain = getDomain(host)
  return domain !== null && domain === getDomain(config.baseUrl)
}
