import type { Request, RequestHandler, Response } from 'express'
import { readTouches, signTouches } from '../people/carried-touches'
import type { Touches } from '../people/person'
import { hasAttribution, isBot, touchOf } from './visits'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** What the link that the visitor followed carried; null for any other way to open a page. */
      carriedTouches?: Touches | null
    }
  }
}

const parameter = 'touch'

/**
 * Carries how an anonymous visitor got here through the links and forms of the pages that they open, until they sign
 * up: without a cookie, and without guessing from an address and a browser that several people may share. A visitor who
 * came directly has nothing to carry, so their pages stay the same for all.
 */
export const carryTouches: RequestHandler = (request, response, next) => {
  if (isBot(request.get('user-agent'))) return next()
  if (request.method === 'GET') response.locals.carriedTouches = takeFromUrl(request)
  const [send, location] = [response.send.bind(response), response.location.bind(response)]
  response.send = body => {
    response.send = send
    if (request.user || !isHtml(response, body)) return send(body)
    const touches = touchesOf(request, response)
    if (!touches) return send(body)
    // The page is this visitor's own now.
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
 * Removes the parameter from the URL, so that it is in no page, log or database. It counts only when the visitor came
 * from a page of ours: a link that somebody copied and sent on must not give its reader the sender's touches.
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

/** By the header that every current browser sends and no page can set; by the referrer in older ones. */
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

/** Puts the token into every link to a page of ours, and into every form that is sent to us. */
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
