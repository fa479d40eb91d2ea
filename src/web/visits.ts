import { LRUCache } from 'lru-cache'
import type { Request, RequestHandler } from 'express'
import { now } from '../platform/clock'
import { log } from '../platform/log'
import type { Touch } from '../people/person'
import { recordVisit, hasAttribution, type Visitor } from '../people/visit'

const knownVisitors = new LRUCache<string, true>({ max: 10_000 })

/**
 * Records how anonymous visitors arrive, without a cookie (people/visit.ts). Only pages that a browser received
 * count; a visitor whom this process has already seen today costs no database call.
 */
export const recordVisits: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || isBot(request.get('user-agent'))) return next()
  response.once('finish', () => {
    const isPage = response.statusCode === 200 && String(response.get('content-type')).startsWith('text/html')
    if (!isPage || request.user) return
    const touch = touchOf(request)
    const visitor = visitorOf(request)
    if (isKnown(visitor, touch.at) && !hasAttribution(touch)) return
    recordVisit(visitor, touch).catch(error => log.warn({ err: error }, 'visit not recorded'))
  })
  next()
}

/** What identifies a visitor for one day: see people/visit.ts. */
export function visitorOf(request: Request): Visitor {
  return { ip: request.ip ?? '', userAgent: request.get('user-agent') ?? '' }
}

/** False the first time a visitor is seen on a day. */
function isKnown({ ip, userAgent }: Visitor, at: Date): boolean {
  const key = `${at.toISOString().slice(0, 10)}\n${ip}\n${userAgent}`
  const isKnown = knownVisitors.get(key) ?? false
  knownVisitors.set(key, true)
  return isKnown
}

/** Search engines, link checkers, monitors and command-line tools. */
function isBot(userAgent: string | undefined): boolean {
  return (
    !userAgent ||
    /bot|crawl|spider|slurp|preview|scan|monitor|curl|wget|python|java\/|go-http|headlesschrome/i.test(
      userAgent,
    )
  )
}

function touchOf(request: Request): Touch {
  const query = request.query as Record<string, unknown>
  const utm = (name: string) => {
    const value = query[`utm_${name}`]
    return (typeof value === 'string' && value.trim().slice(0, 100)) || null
  }
  return {
    at: now(),
    landing: request.path.slice(0, 300),
    referrer: referrerHost(request),
    source: utm('source'),
    medium: utm('medium'),
    campaign: utm('campaign'),
    term: utm('term'),
    content: utm('content'),
  }
}

/** The host of the page that linked here, unless it is this academy. */
function referrerHost(request: Request): string | null {
  try {
    const { host, hostname } = new URL(request.get('referer') ?? '')
    return host === request.get('host') ? null : hostname.replace(/^www\./, '').slice(0, 100)
  } catch {
    return null
  }
}
