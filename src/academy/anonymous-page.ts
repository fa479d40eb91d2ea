import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { publishedCourses, type Published } from '../courses/published'
import { languageOf, themeOf } from '../web/page'
import { hasFlash } from '../web/flash'
import { hasSessionCookie } from '../web/session'
import { pageOf, renderView } from '../web/views'

type StoredPage = { html: Buffer; etag: string; courses: Published[]; madeAt: number }

/** Figures on such a page, as how many people learn here, may be this old. */
const longest = 60_000
const most = 200
const pages = new Map<string, StoredPage>()

/**
 * Stands before the sessions: who comes without one is answered a kept page at once, for a third of the work. An address with a
 * question mark goes the whole way.
 */
export const serveAnonymous: RequestHandler = async (request, response, next) => {
  if (request.method !== 'GET' || request.url.includes('?')) return next()
  if (hasSessionCookie(request) || hasFlash(request)) return next()
  const known = pages.get(keyOf(request))
  if (known && isFresh(known, await publishedCourses())) return send(response, known)
  next()
}

/**
 * Answers a page that is the same for all strangers from memory: one copy per path, language and theme, made again when another
 * set of courses is published, and once a minute. Somebody who is signed in, or who is to read a message, gets a page of
 * their own.
 */
export async function anonymousPage(
  request: Request,
  response: Response,
  view: string,
  values: () => Promise<object>,
): Promise<void> {
  if (request.user || hasFlash(request)) return response.render(view, await values())
  const courses = await publishedCourses()
  const key = keyOf(request)
  const known = pages.get(key)
  if (known && isFresh(known, courses)) return send(response, known)
  const page = pageOf(response, await values(), shared)
  const html = Buffer.from(renderView(view, page))
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  const made = { html, etag, courses, madeAt: performance.now() }
  if (pages.size >= most) pages.clear()
  pages.set(key, made)
  send(response, made)
}

/** A token in a page that others read would be a hole, so a view that asks for one fails here. */
const shared = {
  flash: null,
  get csrf(): string {
    throw new Error('a page that is kept for all strangers must not hold a token')
  },
}

/** With its ETag, so that Express need not compute one for each answer. */
function send(response: Response, { html, etag }: StoredPage): void {
  response.set('etag', etag).type('html').send(html)
}

function keyOf(request: Request): string {
  return `${request.path}|${languageOf(request)}|${themeOf(request) ?? ''}`
}

/** Revisions never change, so the same ones show the same page. */
function isFresh({ courses, madeAt }: StoredPage, now: Published[]): boolean {
  if (performance.now() - madeAt > longest) return false
  return courses === now || (courses.length === now.length && courses.every((course, n) => course === now[n]))
}
