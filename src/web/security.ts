import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'

/**
 * Security headers for every response: scripts, styles, images and media come only from this site, none are inline, and
 * no site may frame a page.
 */
export const secure = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      mediaSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      // Browsers apply the policy to a form's redirect as well: paying leads from our form to Stripe's page.
      formAction: ["'self'", () => config.stripe.apiBase ?? 'https://checkout.stripe.com'],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      ...(config.production ? { upgradeInsecureRequests: [] } : {}),
    },
  },
  referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  strictTransportSecurity: config.production ? { maxAge: 31_536_000, includeSubDomains: true } : false,
  crossOriginEmbedderPolicy: false,
})

/**
 * Refuses other host names with 421 in the demo, which shows every email to anyone: another site could otherwise point
 * its own host name at this computer and read them (DNS rebinding).
 */
export const requireLocalHost: RequestHandler = (request, _response, next) => {
  const local =
    /^(localhost|127\.0\.0\.1|\[::1\])$/.test(request.hostname) ||
    request.hostname === new URL(config.baseUrl).hostname
  next(local ? undefined : new HttpError(421, 'web:errors.wrongHost'))
}
