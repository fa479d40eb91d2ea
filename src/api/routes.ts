import { anyone, machines } from '../web/guard'
import { rateLimit } from '../web/rate-limit'
import type { Route } from '../web/route'
import * as catalogue from './message-types'
import * as health from './health'
import * as metrics from './metrics'
import * as outcomes from './outcomes'

export const routes: Route[] = [
  ['post', '/api/crm/outcomes', machines, rateLimit('outcomes', 1200, 60), ...outcomes.create],
  ['get', '/webhooks/message-types', anyone, catalogue.show],
  ['get', '/webhooks/message-types.json', anyone, catalogue.showJson],
]

/** For whoever watches over the processes; all that a worker answers. */
export const opsRoutes: Route[] = [
  ['get', '/healthz', anyone, health.alive],
  ['get', '/readyz', anyone, health.ready],
  ['get', '/metrics', metrics.privateNetworkOnly, metrics.show],
]
