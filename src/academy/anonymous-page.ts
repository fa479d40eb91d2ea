import { createHash, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { Request, RequestHandler, Response } from 'express'
import { brandAt, knownBrandAt, type ShownBrand } from '../brand/brand'
import { PricingPages } from '../brand/plans'
import { catalogueLists } from '../courses/catalogue-lists'
import { catalogueOrder } from '../courses/catalogue-order'
import { embedList } from '../courses/embed-list'
import { Paths } from '../courses/path'
import { publishedCourses } from '../courses/published'
import { config } from '../platform/config'
import { NeedsAssessments } from '../signals/needs-content'
import { isPreviewing } from '../web/shown-brand'
import { publishedSessions } from '../sessions/shown-sessions'
import { textSize, theme } from '../web/appearance'
import { languageOf } from '../web/page'
import { hasFlash } from '../web/flash'
import { refusedHere } from '../web/security'
import { hasSessionCookie } from '../web/session'
import { touchesOf } from '../web/carry-touches'
import { readerHeader, readerKey } from '../web/reader-key'
import { readerZone } from '../web/reader-zone'
import { pageOf, renderView } from '../web/views'
import { landingOf } from '../web/visits'

type StoredPage = {
  html: Buffer
  /** Made once a browser takes it. No such page has a token of its reader, which a compression could give away. */
  gzip?: Buffer
  etag: string
  /** The headers besides those about the body, as `writeHead` takes them: names and values. */
  headers: string[]
  brand: ShownBrand
  sources: readonly unknown[]
  renderedAt: number
  landing: string
  route: string
}

/** Milliseconds. Figures on a cached page, such as the number of learners, may be this old. */
const maxAge = 60_000
const pages = new LRUCache<string, StoredPage>({ max: 500 })

type Served = { id: string; route: string; startedAt: number }

/**
 * Runs before all other middleware, and answers requests for pages that are the same for everyone. A request whose page
 * may differ for its visitor is passed on: one with a session, a flash message, a query or a referrer from another
 * site.
 *
 * @param served called after each answer, because no later middleware sees the request.
 */
export function serveFromMemory(
  served: (request: Request, response: Response, about: Served) => void,
): RequestHandler {
  return async (request, response, next) => {
    const startedAt = performance.now()
    if (!isForAnyone(request)) return next()
    // Waiting for what is known anyway would cost as much as all the rest.
    const brand = knownBrandAt(request.hostname ?? '') ?? (await brandAt(request.hostname ?? ''))
    const page = pages.get(keyOf(request, brand))
    if (!page || !(isFresh(page, brand, knownSources()) || isFresh(page, brand, await readSources()))) {
      return next()
    }
    const id = randomUUID()
    const { encoding, etag, body } = bodyFor(request, page)
    const about = [...page.headers, 'x-request-id', id, 'etag', etag]
    if (request.headers['if-none-match'] === etag) response.writeHead(304, about).end()
    else {
      about.push('content-length', String(body.length))
      if (encoding) about.push('content-encoding', encoding)
      response.writeHead(200, about).end(body)
    }
    Object.assign(response.locals, { brand, landing: page.landing })
    served(request, response, { id, route: page.route, startedAt })
  }
}

/** Returns the body of a page as a request takes it. */
function bodyFor(request: Request, page: StoredPage) {
  const { html, etag } = page
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'])))
    return { body: html, etag, encoding: null }
  const body = (page.gzip ??= gzipSync(html, { level: 9 }))
  return { body, etag: etag.replace(/"$/, '-gzip"'), encoding: 'gzip' }
}

function isForAnyone(request: Request): boolean {
  const { method, url, headers } = request
  if (method !== 'GET' || url.includes('?') || (config.demo && refusedHere(request))) return false
  // A page that another site links to carries where its reader came from.
  if (headers.referer && !headers.referer.startsWith(`${request.protocol}://${headers.host}/`)) return false
  return !headers.cookie || !(hasSessionCookie(request) || hasFlash(request) || isPreviewing(request))
}

/**
 * Renders a page that is the same for all anonymous visitors, from memory where possible: one copy per brand, path,
 * language and appearance, rendered again when the set of published courses changes and at least once a minute.
 * Signed-in visitors, and visitors with a flash message waiting, get their own page.
 */
export async function anonymousPage(
  request: Request,
  response: Response,
  view: string,
  values: () => Promise<object>,
): Promise<void> {
  const { brand } = response.locals
  if (request.user || hasFlash(request) || isPreviewing(request) || brand.isDraft) {
    return response.render(view, await values())
  }
  const current = await readSources()
  const key = keyOf(request, brand)
  const known = pages.get(key)
  if (known && isFresh(known, brand, current)) return send(request, response, known)
  const html = Buffer.from(renderView(view, pageOf(response, await values(), withoutSession)))
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const page: StoredPage = {
    ...{ html, etag, brand, sources: current, renderedAt: performance.now(), headers: headersOf(response) },
    landing: landingOf(request),
    route: (request.route as { path: string }).path,
  }
  // With a parameter it is the same page, and a stranger could fill the memory with its addresses.
  if (!request.originalUrl.includes('?') && !response.hasHeader('set-cookie')) pages.set(key, page)
  send(request, response, page)
}

/** A CSRF token in a shared page would be a security hole, so a view that asks for one fails. */
const withoutSession = {
  flash: null,
  get csrf(): string {
    throw new Error('A page shared by all anonymous visitors must not contain a CSRF token')
  },
}

const ownHeaders = {
  [readerHeader]: readerKey(null),
  'cache-control': 'private, no-cache',
  'content-type': 'text/html; charset=utf-8',
  vary: 'accept-encoding, accept-language, cookie',
}

/** Returns the headers of all answers with a page: those that the response has so far, such as its policy, and more. */
function headersOf(response: Response): string[] {
  const { 'x-request-id': _id, ...others } = response.getHeaders()
  return Object.entries({ ...others, ...ownHeaders }).flatMap(([name, value]) => [name, String(value)])
}

/** Sets the stored ETag, so that Express does not compute it for every response. */
function send(request: Request, response: Response, page: StoredPage): void {
  response.locals.landing = page.landing
  const plain = { body: page.html, etag: page.etag, encoding: null }
  // How a visitor got here is written into the links of their page on its way out.
  const isSame = isForAnyone(request) && !touchesOf(request, response)
  const { body, etag, encoding } = isSame ? bodyFor(request, page) : plain
  response.set({ ...ownHeaders, etag, ...(encoding && { 'content-encoding': encoding }) }).send(body)
}

/** Everything that a shared page differs by. */
function keyOf(request: Request, brand: ShownBrand): string {
  const [path] = request.url.split('?', 1)
  const appearance = request.headers.cookie ? `${theme.of(request) ?? ''} ${textSize.of(request) ?? ''}` : ' '
  const zone = request.headers.cookie && showsTimes.test(path!) ? (readerZone(request) ?? '') : ''
  return `${brand.id}|${path}|${languageOf(request, brand)}|${appearance}|${zone}`
}

/** The pages that say when live sessions are, in the reader's time zone. */
const showsTimes = /^\/(?:$|sessions(?:\/|$)|courses\/[^/]+$)/i

/** What a page is made of besides its brand: each is the same object as long as nothing of it changes. */
const sources = [
  publishedCourses,
  Paths.published,
  NeedsAssessments.published,
  PricingPages.published,
  catalogueLists,
  catalogueOrder,
  embedList,
  publishedSessions,
] as const

const knownSources = () => sources.map(source => source.known())
const readSources = () => Promise.all(sources.map(source => source()))

/** Versions never change, so the same sources always render the same page. */
function isFresh(page: StoredPage, brand: ShownBrand, current: readonly unknown[]): boolean {
  const isSame = page.brand === brand && page.sources.every((source, n) => source === current[n])
  return isSame && performance.now() - page.renderedAt <= maxAge
}
