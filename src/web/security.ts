import helmet from 'helmet'
import { config } from '../config'

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
