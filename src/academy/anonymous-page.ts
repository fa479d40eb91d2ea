import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Request, RequestHandler, Response } from 'express'
import type { ShownBrand } from '../brand/brand'
import { PricingPages } from '../brand/plans'
import { catalogueLists } from '../courses/catalogue-lists'
import { catalogueOrder } from '../courses/catalogue-order'
import { Paths } from '../courses/path'
import { publishedCourses } from '../courses/published'
import { NeedsAssessments } from '../signals/needs-content'
import { isPreviewing } from '../web/shown-brand'
import { theme } from '../web/appearance'
import { languageOf } from '../web/page'
import { hasFlash } from '../web/flash'
import { hasSessionCookie } from '../web/session'
import { readerHeader, readerKey } from '../web/reader-key'
import { pageOf, renderView } from '../web/views'
import { landingOf } from '../web/visits'

type StoredPage = {
  html: Buffer
  etag: string
  sources: readonly unknown[]
  renderedAt: number
  landing: string
}

/** Milliseconds. Figures on a cached page, such as the number of learners, may be this old. */
const maxAge = 60_000
const pages = new LRUCache<string, StoredPage>({ max: 200 })

/**
 * Runs before the session middleware and serves cached pages to requests without a session, at a third of the cost.
 * A request with a query string is never served from the cache.
 */
export const serveAnonymous: RequestHandler = async (request, response, next) => {
  if (request.method !== 'GET' || request.url.includes('?')) return next()
  if (hasSessionCookie(request) || hasFlash(request) || isPreviewing(request)) return next()
  const { brand } = response.locals
  const cached = pages.get(keyOf(request, brand))
  if (cached && isFresh(cached, await sourcesOf(brand))) return send(response, cached)
  next()
}

/**
 * Renders a page that is the same for all anonymous visitors, from memory where possible: one copy per brand, path,
 * language and theme, rendered again when the set of published courses changes and at least once a minute. Signed-in
 * visitors, and visitors with a flash message waiting, get their own page.
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
  const sources = await sourcesOf(brand)
  const key = keyOf(request, brand)
  const cached = pages.get(key)
  if (cached && isFresh(cached, sources)) return send(response, cached)
  const html = Buffer.from(renderView(view, pageOf(response, await values(), withoutSession)))
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const page = { html, etag, sources, renderedAt: performance.now(), landing: landingOf(request) }
  pages.set(key, page)
  send(response, page)
}

/** A CSRF token in a shared page would be a security hole, so a view that asks for one fails. */
const withoutSession = {
  flash: null,
  get csrf(): string {
    throw new Error('A page shared by all anonymous visitors must not contain a CSRF token')
  },
}

/** Sets the stored ETag, so that Express does not compute it for every response. */
function send(response: Response, { html, etag, landing }: StoredPage): void {
  response.locals.landing = landing
  response.setHeader('etag', etag)
  response.setHeader(readerHeader, readerKey(null))
  response.setHeader('cache-control', 'private, no-cache')
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.send(html)
}

function keyOf(request: Request, brand: ShownBrand): string {
  return `${brand.id}|${request.path}|${languageOf(request, brand)}|${theme.of(request) ?? ''}`
}

/** What a page is made of: each is the same object as long as nothing of it changes. */
async function sourcesOf(brand: ShownBrand): Promise<readonly unknown[]> {
  const published = await Promise.all([
    publishedCourses(),
    Paths.published(),
    NeedsAssessments.published(),
    PricingPages.published(),
    catalogueLists(),
    catalogueOrder(),
  ])
  return [brand, ...published]
}

/** Versions never change, so the same sources always render the same page. */
function isFresh({ sources, renderedAt }: StoredPage, current: readonly unknown[]): boolean {
  const isSame = sources.every((source, n) => source === current[n])
  return isSame && performance.now() - renderedAt <= maxAge
}
