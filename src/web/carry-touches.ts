import type { Request, RequestHandler, Response } from 'express'
import { readTouches, signTouches } from '../people/carried-touches'
import type { Touches } from '../people/person'
import { hasAttribution, isBot, touchOf } from './visits'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** What the visitor's link carried; null for any other way of opening a page. */
      carriedTouches?: Touches | null
    }
  }
}

const parameter = 'touch'

/**
 * Carries how an anonymous visitor got here through the links and forms of the pages that they open, until they sign
 * up: without a cookie, and without guessing from an address and a browser that several people may share. A visitor who
 * came directly has nothing to carry, so they get the same pages as everyone else.
 */
export const carryTouches: RequestHandler = (request, response, next) => {
  if (hasNothingToCarry(request) || isBot(request.get('user-agent'))) return next()
  if (request.method === 'GET') response.locals.carriedTouches = takeFromUrl(request)
  const [send, location] = [response.send.bind(response), response.location.bind(response)]
  response.send = body => {
    response.send = send
    if (request.user || response.locals.isFramed || !isHtml(response, body)) return send(body)
    const touches = touchesOf(request, response)
    if (!touches) return send(body)
    // The page is now specific to this visitor.
    response.removeHeader('etag')
    response.set('cache-control', 'private, no-store')
    return send(withTouches(String(body), signTouches(touches)))
  }
  response.location = url => {
    const touches = /^\/(?!\/)/.test(url) && !request.user ? touchesOf(request, response) : null
    return location(touches ? withParameter(url, signTouches(touches), '&') : url)
  }
  next()
}

/** True for a page that was opened directly: its URL has no parameters, and no page linked to it. */
function hasNothingToCarry({ method, url, headers }: Request): boolean {
  return method === 'GET' && !url.includes('?') && !headers.referer
}

/**
 * Returns the first and last touch of a visitor: what their link or form carried, and how they opened this page if that
 * was from another site or by a campaign link. Null when they came directly, or when it isn't known for sure.
 */
export function touchesOf(request: Request, response: Response): Touches | null {
  const carried =
    response.locals.carriedTouches ?? readTouches((request.body as { touch?: unknown } | undefined)?.touch)
  if (request.method !== 'GET') return carried
  const touch = touchOf(request, response)
  if (!hasAttribution(touch)) return carried
  return { first: carried?.first ?? touch, last: touch }
}

/**
 * Removes the parameter from the URL, so that no page, log or database contains it. It counts only when the visitor
 * came from one of our pages: a link that someone copied and forwarded must not give its reader the sender's touches.
 */
function takeFromUrl(request: Request): Touches | null {
  const [path = '', query] = request.url.split('?')
  if (!query?.includes(`${parameter}=`)) return null
  const parameters = new URLSearchParams(query)
  const token = parameters.get(parameter)
  parameters.delete(parameter)
  request.url = parameters.size ? `${path}?${parameters}` : path
  request.originalUrl = request.url
  return isFromOurPage(request) ? readTouches(token) : null
}

/** Uses the header that every current browser sends and no page can set; in older browsers, the referrer. */
function isFromOurPage(request: Request): boolean {
  const site = request.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const referrer = request.get('referer') ?? ''
  return URL.canParse(referrer) && new URL(referrer).host === request.get('host')
}

function isHtml(response: Response, body: unknown): boolean {
  const type = response.get('content-type')
  if (type) return type.startsWith('text/html')
  return typeof body === 'string'
}

/** Puts the token into every link to one of our pages, and into every form that is sent to us. */
function withTouches(html: string, token: string): string {
  return html
    .replace(
      /(<a\b[^>]*?\shref=")(\/(?!\/)[^"#]*)/g,
      (all, begin: string, path: string) =>
        begin + (isFile(path) ? path : withParameter(path, token, '&amp;')),
    )
    .replace(
      /<form\b(?![^>]*\saction="(?!\/(?!\/)))[^>]*>/g,
      form => `${form}<input type="hidden" name="${parameter}" value="${token}">`,
    )
}

const isFile = (path: string) => /\.[a-z0-9]+(\?|$)/i.test(path)

function withParameter(url: string, token: string, and: '&' | '&amp;'): string {
  const [, path, fragment] = /^([^#]*)(.*)$/s.exec(url)!
  return `${path}${path!.includes('?') ? and : '?'}${parameter}=${token}${fragment}`
}
