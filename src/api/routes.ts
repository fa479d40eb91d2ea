import { hostCheckPath } from '../brand/check-host'
import { anyone, machines } from '../web/guard'
import { rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as messageTypes from './message-types'
import * as inboundEmails from './inbound-emails'
import * as health from './health'
import * as metrics from './metrics'
import * as listeners from './listeners'
import * as outcomes from './outcomes'

const limitEmails = rateLimit('inbound-emails', 1200, 60)
const limitListeners = rateLimit('listeners', 1200, 60)

export const routes: Route[] = [
  ['post', '/api/crm/outcomes', machines, rateLimit('outcomes', 1200, 60), ...outcomes.create],
  ['post', '/api/listeners', machines, limitListeners, ...listeners.start],
  ['get', '/api/listeners/messages', machines, limitListeners, listeners.messages],
  ['post', '/api/listeners/results', machines, limitListeners, ...listeners.result],
  ['delete', '/api/listeners', machines, limitListeners, listeners.end],
  ['post', '/api/inbound-email/postmark', inboundEmails.postmarkOnly, limitEmails, ...inboundEmails.postmark],
  ['post', '/api/inbound-email/mailgun', inboundEmails.mailgunOnly, limitEmails, ...inboundEmails.mailgun],
  ['post', '/api/inbound-email/ses', inboundEmails.sesOnly, limitEmails, ...inboundEmails.ses],
  ['get', '/webhooks/message-types', anyone, messageTypes.show],
  ['get', '/webhooks/message-types.json', anyone, messageTypes.showJson],
]

/** The monitoring routes, which are the only routes of a worker process. */
export const opsRoutes: Route[] = [
  ['get', '/healthz', anyone, health.alive],
  ['get', '/readyz', anyone, health.ready],
  ['get', hostCheckPath, anyone, rateLimit('host-check', 120, 60), health.host],
  ['get', '/metrics', metrics.metricsToken, metrics.show],
]
