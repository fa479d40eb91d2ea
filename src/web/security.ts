import type { Request, RequestHandler, Response } from 'express'
import helmet, { type HelmetOptions } from 'helmet'
import ipaddr from 'ipaddr.js'
import { memoized } from '../platform/cached'
import { config, isLoopbackHost } from '../platform/config'
import { HttpError } from '../platform/errors'
import { isSecretPath } from '../platform/secret-routes'

type Directives = NonNullable<Exclude<HelmetOptions['contentSecurityPolicy'], boolean>>['directives']

const directives = () =>
  ({
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    mediaSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    // Browsers apply the policy to a form's redirect as well: paying leads from our form to Stripe's page.
    formAction: ["'self'", config.stripe.apiBase ?? 'https://checkout.stripe.com'],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    ...(config.production ? { upgradeInsecureRequests: [] } : {}),
  }) satisfies Directives

/** Where the policy of a page differs from that of most. */
const changes = {
  page: {},
  /** The form of a brand or the preview of a course, with its draft in a frame. */
  editor: { frameSrc: ["'self'"] },
  /** A page of a draft: nothing in it runs or sends anything. */
  draft: {
    scriptSrc: ["'none'"],
    connectSrc: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'self'"],
  },
} satisfies Record<string, Directives>

type Header = readonly [name: string, value: string]

/** Returns what helmet sets, which is the same for every response of a kind. */
const headersOf = memoized(
  (kind: keyof typeof changes) => {
    const headers: Header[] = []
    const setHeader = (name: string, value: string) => headers.push([name, value])
    const response = { setHeader, removeHeader: () => {} } as unknown as Response
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { ...directives(), ...changes[kind] } },
      referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
      strictTransportSecurity: config.production ? { maxAge: 31_536_000, includeSubDomains: true } : false,
      crossOriginEmbedderPolicy: false,
    })({} as Request, response, () => {})
    return headers
  },
  { nameOf: kind => `${kind} ${config.stripe.apiBase ?? ''}` },
)

/**
 * Security headers for every response: scripts, styles, images and media come only from this site, none are inline, and
 * no site may frame a page. The drafts of brands and courses are framed by their editors, and the pages below `/embed`
 * by the sites that an administrator lists (`allowFramingBy`).
 */
export const secure: RequestHandler = (request, response, next) => {
  const [isEditor, isDraft] = /^\/admin\/brands\/[^/]+(\/draft\/)?/i.exec(request.path) ?? []
  const isPreview = /^\/course-previews\//i.test(request.path)
  const hasFrame = isEditor || /^\/studio\/courses\/[^/]+\/previews$/i.test(request.path)
  const kind = isDraft || isPreview ? 'draft' : hasFrame ? 'editor' : 'page'
  for (const [name, value] of headersOf(kind)) response.setHeader(name, value)
  next()
}

/** Lets the response be an email, which has its styles inline, as no page of ours has. */
export function allowInlineStyles(response: Response): void {
  setDirective(response, 'style-src-attr', ["'unsafe-inline'"])
}

/** Lets a page show pages of these sites in frames, such as `https://player.vimeo.com`, or `'self'`. */
export function allowFrames(response: Response, sites: readonly string[]): void {
  setDirective(response, 'frame-src', sites)
}

/** Lets these sites, and the academy itself, show a page in a frame. The older header can't name several. */
export function allowFramingBy(response: Response, sites: readonly string[]): void {
  setDirective(response, 'frame-ancestors', ["'self'", ...sites])
  response.removeHeader('x-frame-options')
}

/** Lets pages of other sites load a file of ours, such as a script or a picture. */
export function allowLoadingElsewhere(response: Response): void {
  response.set('cross-origin-resource-policy', 'cross-origin')
}

/** Sets one directive of the response's policy. Of two with the same name, browsers ignore the second. */
function setDirective(response: Response, name: string, values: readonly string[]): void {
  const others = (response.get('content-security-policy') ?? '')
    .split(';')
    .filter(each => each && each.split(' ', 1)[0] !== name)
  response.set('content-security-policy', [...others, [name, ...values].join(' ')].join(';'))
}

/** Lets the scripts of a page say which page a browser should load ahead. Such rules run nothing. */
export function allowLoadingAhead(response: Response): void {
  const policy = response.get('content-security-policy')
  response.set(
    'content-security-policy',
    policy?.replace(/script-src 'self'/, "$& 'inline-speculation-rules'"),
  )
}

/**
 * Keeps responses out of every cache, including the browser's: the next person at this computer must not be able to go
 * back to them. Handlers of public pages and files say how those may be cached instead.
 */
export const keepPrivate: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store')
  next()
}

/**
 * Keeps the address of a page behind a secret link from the sites it links to, from search engines and from caches,
 * whatever the page responds with. Runs before anything that may answer.
 */
export const protectSecretLinks: RequestHandler = (request, response, next) => {
  if (isSecretPath(request.path)) {
    response.set({
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'cache-control': 'no-store',
    })
  }
  next()
}

/** What proxies add to a request. */
const forwardingHeader = /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|(x-|true-|cf-)(client|connecting)-ip)$/

/**
 * Refuses every request to the demo that doesn't come from this computer: the demo's passwords are public, and it
 * shows every email to anyone. Responds with 403 to another computer or a proxy, and with 421 to another host name,
 * because another site could point its own host name at this computer and read them (DNS rebinding).
 */
export const requireThisComputer: RequestHandler = (request, _response, next) => {
  next(refusedHere(request))
}

/** Returns why the demo refuses a request; undefined for one that comes from this computer. */
export function refusedHere(request: Request): HttpError | undefined {
  const isProxied =
    // The version that proxies speak by default when they add no header.
    request.httpVersion === '1.0' || Object.keys(request.headers).some(name => forwardingHeader.test(name))
  if (isProxied || !isLoopbackPeer(request.socket.remoteAddress)) {
    return new HttpError(403, 'web:errors.demoOnly')
  }
  return isLoopbackHost(request.hostname ?? '') ? undefined : new HttpError(421, 'web:errors.wrongHost')
}

function isLoopbackPeer(address: string | undefined): boolean {
  return address !== undefined && isLoopbackAddress(address)
}

const isLoopbackAddress = memoized(
  (address: string) => ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback',
)
