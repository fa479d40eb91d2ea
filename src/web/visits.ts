import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Request, RequestHandler, Response } from 'express'
import { clearWithDatabase } from '../platform/cached'
import { now } from '../platform/clock'
import { log } from '../platform/log'
import { networkOf } from '../platform/network'
import { normaliseLine } from '../platform/text'
import { withoutSecrets } from '../platform/secret-routes'
import type { Touch } from '../people/person'
import { landingCourse, recordVisit, type Visitor } from '../people/visit'

/** By a hash, since a caller may send a browser name of many kilobytes. */
const knownVisitors = new LRUCache<string, true>({ max: 10_000 })
clearWithDatabase(() => knownVisitors.clear())

/**
 * Counts the visits of everyone but the team and readers of a draft, without a cookie (people/visit.ts). Only pages
 * that a browser received count; a visitor that this process has already seen today, on a page of the same course,
 * costs no database call.
 */
export const recordVisits: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || isNoVisitor(request)) return next()
  response.once('finish', () => {
    const isPage = response.statusCode === 200 && String(response.get('content-type')).startsWith('text/html')
    const isTeam = request.user !== undefined && request.user.role !== 'prospect'
    const isDraft = response.locals.brand.isDraft || response.locals.isPreview === true
    if (!isPage || isTeam || isDraft || response.locals.isFramed) return
    countVisit(request, response)
  })
  next()
}

/** Counts the visit of a page that came from memory, unless no person reads it. */
export function countVisitFromMemory(request: Request, response: Response): void {
  if (!isNoVisitor(request)) countVisit(request, response)
}

const isNoVisitor = (request: Request) => isBot(request.get('user-agent')) || isPrefetch(request)

function countVisit(request: Request, response: Response): void {
  const touch = touchOf(request, response)
  const visitor = { ip: request.ip ?? '', userAgent: request.get('user-agent') ?? '' }
  const { id } = response.locals.brand
  if (isKnown(visitor, touch, id)) return
  recordVisit(visitor, touch, id).catch(error => log.warn({ err: error }, 'visit not recorded'))
}

/** False the first time a visitor is seen at a brand on a day, and the first time on a page of each course. */
function isKnown({ ip, userAgent }: Visitor, touch: Touch, brand: string): boolean {
  const day = touch.at.toISOString().slice(0, 10)
  const text = [day, brand, landingCourse(touch), networkOf(ip), userAgent].join('\n')
  const key = createHash('sha256').update(text).digest('base64url')
  const isKnown = knownVisitors.get(key) ?? false
  knownVisitors.set(key, true)
  return isKnown
}

/** Search engines, link checkers, monitors, command-line tools, HTTP libraries and browsers that a script drives. */
export function isBot(userAgent: string | undefined): boolean {
  return !userAgent || bots.test(userAgent)
}

const bots = new RegExp(
  [
    ...['(?<!cu)bot', 'crawl', 'spider', 'slurp', 'archiver', 'externalhit', 'facebookcatalog', 'embedly'],
    ...[
      'preview',
      'scan',
      'monitor',
      'pingdom',
      'uptime',
      'lighthouse',
      'pagespeed',
      'validator',
      'checker',
      'feed',
    ],
    ...[
      'curl',
      'wget',
      'python',
      'aiohttp',
      'httpx',
      'scrapy',
      'java/',
      'okhttp',
      'httpclient',
      'http-client',
      'go-http',
    ],
    ...[
      'libwww',
      'lwp',
      'perl',
      'ruby',
      'php',
      'guzzle',
      '^node',
      'node-fetch',
      'axios',
      'undici',
      'got ',
      '^rust',
    ],
    ...[
      'reqwest',
      'httpie',
      'postman',
      'insomnia',
      'powershell',
      '^k6',
      'jmeter',
      'autocannon',
      'apachebench',
    ],
    ...['headless', 'phantomjs', 'selenium', 'puppeteer', 'playwright', 'cypress'],
  ].join('|'),
  'i',
)

/** True for a page that a browser loads in case its reader opens it. */
export function isPrefetch(request: Request): boolean {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => request.get(name) ?? '')
  return /prefetch|prerender|preview/.test(purposes.join(' '))
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** What `landingOf` returned when the page was rendered, for a page that comes from memory without a route. */
      landing?: string
      /** Whether the page is for a frame of another site, and no visit. */
      isFramed?: boolean
    }
  }
}

/** The parameters of public pages whose values are public too. */
const publicParameters = new Set(['slug', 'lesson'])

/**
 * Returns the page that a request opened, as it may be stored and sent to CRMs: the pattern of its route, such as
 * `/links/:token`. Only the slugs of public courses and paths are filled in: any other value may be a secret.
 */
export function landingOf({ route, params }: Pick<Request, 'route' | 'params'>): string {
  const pattern = typeof route?.path === 'string' ? route.path : '/'
  if (!/^\/(courses|paths)\//.test(pattern)) return pattern
  return pattern.replace(/:(\w+)/g, (parameter: string, name: string) =>
    publicParameters.has(name) ? String(params[name]).slice(0, 100) : parameter,
  )
}

/** True for a touch that says where the visitor came from: another site or a campaign link. */
export function hasAttribution(touch: Touch): boolean {
  return Boolean(touch.referrer || touch.source || touch.campaign)
}

/** Returns how a request opened a page that has been handled. */
export function touchOf(request: Request, response: Response): Touch {
  const query = request.query as Record<string, unknown>
  const utm = (name: string) => {
    const value = query[`utm_${name}`]
    return (
      (typeof value === 'string' && withoutSecrets(normaliseLine(value.slice(0, 400))).slice(0, 100)) || null
    )
  }
  return {
    at: now(),
    landing: response.locals.landing ?? landingOf(request),
    referrer: referrerHost(request),
    source: utm('source'),
    medium: utm('medium'),
    campaign: utm('campaign'),
    term: utm('term'),
    content: utm('content'),
  }
}

/** The start of a longer one has the host as well. */
const maxReferrerLength = 2000

/** The host of the page that linked here, unless it is this academy. */
function referrerHost(request: Request): string | null {
  const referrer = (request.get('referer') ?? '').slice(0, maxReferrerLength)
  if (!URL.canParse(referrer)) return null
  const { host, hostname } = new URL(referrer)
  return host === request.get('host') ? null : hostname.replace(/^www\./, '').slice(0, 100) || null
}
