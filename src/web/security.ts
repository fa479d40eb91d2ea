import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'

/** Headers of every answer. Scripts and styles only from here, none inline; pictures and media too; nobody may frame a page. */
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
      // Browsers hold a form's redirect to the policy too: paying leads from our form to Stripe's page.
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
 * The demo shows every letter to whoever asks, so it answers only to this computer's own names: a page elsewhere could have its name
 * point here and read along (DNS rebinding).
 */
export const requireLocalHost: RequestHandler = (request, _response, next) => {
  const local =
    /^(localhost|127\.0\.0\.1|\[::1\])$/.test(request.hostname) ||
    request.hostname === new URL(config.baseUrl).hostname
  next(local ? undefined : new HttpError(421, 'web:errors.wrongHost'))
}
