import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { config } from '../platform/config'
import { forbidden } from '../platform/errors'
import { countDue, countFailed } from '../platform/queue'
import { countHeldAtActive } from '../webhooks/apply-endpoint-state'
import { Deliveries, deliveryStates } from '../webhooks/delivery'
import type { OpenGuard } from '../web/guard'
import type { Handler } from '../web/handler'

const registry = new Registry()
const sessionQueues = ['session-bookings', 'live-sessions', 'session-series', 'session-meetings'] as const
/**
 * The process itself is measured from the first request for metrics: most installations never get one, and
 * measuring can't be ended.
 */
let isProcessMeasured = false

const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests, by the pattern of their route',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [registry],
})

gauge('academy_events_due', 'Events with reactions that are due', () => countDue('events'))
gauge('academy_outcomes_due', 'CRM outcomes that are due to be applied', () => countDue('outcomes'))
gauge('academy_emails_due', 'Emails that are due to be sent', () => countDue('emails'))
gauge('academy_payments_due', "Stripe's events that are due to be applied", () => countDue('stripe-events'))
gauge('academy_recoveries_due', 'Webhook replays with messages to resend', () => countDue('recoveries'))

new Gauge({
  name: 'academy_sessions_due',
  help: 'Work on live sessions that is due, by queue',
  labelNames: ['queue'],
  registers: [registry],
  async collect() {
    for (const queue of sessionQueues) this.set({ queue }, await countDue(queue))
  },
})

gauge(
  'academy_deliveries_held_at_active',
  'Webhook deliveries that are held although their endpoint is active',
  countHeldAtActive,
)

new Gauge({
  name: 'academy_deliveries',
  help: 'Webhook deliveries, by state',
  labelNames: ['state'],
  registers: [registry],
  async collect() {
    for (const state of deliveryStates) this.set({ state }, await Deliveries.count({ state }))
  },
})

new Gauge({
  name: 'academy_dead_letters',
  help: 'Work that has failed for good and waits for an administrator, by queue',
  labelNames: ['queue'],
  registers: [registry],
  async collect() {
    for (const [queue, count] of Object.entries(await countFailed())) this.set({ queue }, count)
  },
})

/**
 * Allows callers with `METRICS_TOKEN` as a bearer token. Without that setting, nobody gets metrics, except in the demo,
 * which only responds to this computer.
 */
export const metricsToken: OpenGuard = {
  roles: 'anyone',
  csrf: false,
  check: request => {
    if (config.demo && !config.metricsToken) return
    const [, given = ''] = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '') ?? []
    if (!config.metricsToken || !timingSafeEqual(sha256(given), sha256(config.metricsToken)))
      throw forbidden()
  },
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/**
 * `GET /metrics`: metrics in the Prometheus text format. Besides the defaults of prom-client:
 * - `http_request_duration_seconds` (histogram): by `method`, `route` (the pattern) and `status`.
 * - `academy_events_due` (gauge): events whose reactions are due. A growing number means that the workers are falling
 *   behind.
 * - `academy_outcomes_due` (gauge): CRM outcomes that are due to be applied.
 * - `academy_emails_due` (gauge): emails that are due to be sent.
 * - `academy_payments_due` (gauge): Stripe's events that are due to be applied.
 * - `academy_recoveries_due` (gauge): webhook replays with messages to resend.
 * - `academy_sessions_due` (gauge): work on live sessions that is due, by `queue`: reminders and offers of bookings,
 *   what people are told about sessions and series, and meetings.
 * - `academy_dead_letters` (gauge): work that has failed for good, by `queue`. Alert when it isn't 0.
 * - `academy_deliveries_held_at_active` (gauge): deliveries that are held although their endpoint is active. A sweep
 *   releases them every minute, so alert when it stays above 0.
 * - `academy_deliveries` (gauge): webhook deliveries by `state` (see src/webhooks/README.md).
 */
export const show: Handler = async (_request, response) => {
  if (!isProcessMeasured) collectDefaultMetrics({ register: registry })
  isProcessMeasured = true
  response.type(registry.contentType).send(await registry.metrics())
}

/** Measures each request. All unknown paths count as the route `none`, so a scanner can't fill the memory. */
export const measureRequests: RequestHandler = (request, response, next) => {
  const stop = durations.startTimer()
  response.on('finish', () => {
    const route = (request.route as { path?: string } | undefined)?.path ?? 'none'
    stop({ method: request.method, route, status: response.statusCode })
  })
  next()
}

/** Measures a request that was answered from memory, whose page has this route. */
export function measureFromMemory(route: string, status: number, startedAt: number): void {
  durations.observe({ method: 'GET', route, status }, (performance.now() - startedAt) / 1000)
}

function gauge(name: string, help: string, count: () => Promise<number>): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await count())
    },
  })
}
