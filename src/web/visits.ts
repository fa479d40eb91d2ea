import type { Request, RequestHandler } from 'express'
import { now } from '../platform/clock'
import { log } from '../platform/log'
import type { Touch } from '../people/person'
import { recordVisit, hasAttribution, type Visitor } from '../people/visit'

const mostKnown = 20_000
const seenToday = new Set<string>()
let day = ''

/**
 * Keeps how strangers come here, without a cookie (people/visit.ts). Only pages count that were answered to a person's
 * browser; who is known to this process already costs no call to the database.
 */
export const recordVisits: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || isProgram(request.get('user-agent'))) return next()
  response.once('finish', () => {
    const isPage = response.statusCode === 200 && String(response.get('content-type')).startsWith('text/html')
    if (!isPage || request.user) return
    const seen = touchOf(request)
    const visitor = visitorOf(request)
    if (isKnown(visitor, seen.at) && !hasAttribution(seen)) return
    recordVisit(visitor, seen).catch(error => log.warn({ err: error }, 'a visit was not noted'))
  })
  next()
}

export function visitorOf(request: Request): Visitor {
  return { ip: request.ip ?? '', userAgent: request.get('user-agent') ?? '' }
}

/** Says so of each visitor but once a day, and forgets them all when there are too many. */
function isKnown({ ip, userAgent }: Visitor, at: Date): boolean {
  const today = at.toISOString().slice(0, 10)
  if (day !== today || seenToday.size >= mostKnown) seenToday.clear()
  day = today
  const key = `${ip}\n${userAgent}`
  return seenToday.has(key) || !seenToday.add(key)
}

/** What asks for pages without a person behind it: search engines, link checkers, monitors, tools. */
function isProgram(userAgent: string | undefined): boolean {
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
    referrer: otherHost(request),
    source: utm('source'),
    medium: utm('medium'),
    campaign: utm('campaign'),
    term: utm('term'),
    content: utm('content'),
  }
}

/** The host of the page before, unless it is this academy. */
function otherHost(request: Request): string | null {
  try {
    const { host, hostname } = new URL(request.get('referer') ?? '')
    return host === request.get('host') ? null : hostname.replace(/^www\./, '').slice(0, 100)
  } catch {
    return null
  }
}
