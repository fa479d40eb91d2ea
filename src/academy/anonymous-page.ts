import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Request, RequestHandler, Response } from 'express'
import { publishedBrand, type ShownBrand } from '../brand/brand'
import { catalogueLists, type CatalogueLists } from '../courses/catalogue-lists'
import { Paths, type PublishedPath } from '../courses/path'
import { publishedCourses, type Published } from '../courses/published'
import { isPreviewing } from '../web/shown-brand'
import { languageOf, themeOf } from '../web/page'
import { hasFlash } from '../web/flash'
import { hasSessionCookie } from '../web/session'
import { pageOf, renderView } from '../web/views'
import { landingOf } from '../web/visits'

type StoredPage = {
  html: Buffer
  etag: string
  courses: Published[]
  brand: ShownBrand
  lists: CatalogueLists
  paths: PublishedPath[]
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
  const cached = pages.get(keyOf(request))
  const [courses, paths, brand, lists] = await Promise.all([
    publishedCourses(),
    Paths.published(),
    publishedBrand(),
    catalogueLists(),
  ])
  if (cached && isFresh(cached, { courses, paths, brand, lists })) return send(response, cached)
  next()
}

/**
 * Renders a page that is the same for all anonymous visitors, from memory where possible: one copy per path, language
 * and theme, rendered again when the set of published courses changes and at least once a minute. Signed-in visitors,
 * and visitors with a flash message waiting, get their own page.
 */
export async function anonymousPage(
  request: Request,
  response: Response,
  view: string,
  values: () => Promise<object>,
): Promise<void> {
  if (request.user || hasFlash(request) || isPreviewing(request)) {
    return response.render(view, await values())
  }
  const { brand, lists } = response.locals
  const [courses, paths] = await Promise.all([publishedCourses(), Paths.published()])
  const key = keyOf(request)
  const cached = pages.get(key)
  if (cached && isFresh(cached, { courses, paths, brand, lists })) return send(response, cached)
  const html = Buffer.from(renderView(view, pageOf(response, await values(), withoutSession)))
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const page = {
    ...{ html, etag, courses, paths, brand, lists },
    ...{ renderedAt: performance.now(), landing: landingOf(request) },
  }
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
  response.set({ etag, 'cache-control': 'private, no-cache' }).type('html').send(html)
}

function keyOf(request: Request): string {
  return `${request.path}|${languageOf(request)}|${themeOf(request) ?? ''}`
}

/** Versions never change, so the same published courses, paths, brand and lists always render the same page. */
function isFresh(page: StoredPage, made: Pick<StoredPage, 'courses' | 'paths' | 'brand' | 'lists'>): boolean {
  const isSame =
    page.courses === made.courses &&
    page.paths === made.paths &&
    page.brand === made.brand &&
    page.lists === made.lists
  return isSame && performance.now() - page.renderedAt <= maxAge
}
