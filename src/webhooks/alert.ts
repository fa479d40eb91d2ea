import { date, nullable, number, objectId, oneOf, string, type RecordOf } from '../platform/record'
import { minutes, now } from '../platform/clock'
import { defineQueue, work, type Consumer } from '../platform/queue'
import type { Delivery } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'
import type { CallResult } from './post'
import { maxAttempts } from './retry-schedule'

const alertKinds = ['refused', 'failing', 'exhausted', 'disabled', 'gone'] as const

/** A problem with an endpoint that needs a person: shown above the deliveries, and emailed once. */
export const Alerts = defineQueue(
  'Alert',
  'alerts',
  {
    /** `endpoint:kind:failing since`, so each kind is raised once per outage. */
    _id: string(),
    endpoint: objectId(),
    kind: oneOf(alertKinds),
    at: date(),
    status: nullable(number()),
    error: nullable(string()),
  },
  { queue: 'alerts', indexes: [[{ endpoint: 1, at: -1 }]] },
)
export type Alert = RecordOf<typeof Alerts>

/** The failure count of one delivery that raises `failing`. */
const failingThreshold = 4

/** Returns the likely cause of the failures, as the last part of a translation key (`integrations:alert.<cause>`). */
export function causeOf({ status }: Pick<Alert, 'status'>): 'noResponse' | 'secret' | 'url' | 'status' {
  if (status === null) return 'noResponse'
  if (status === 401 || status === 403) return 'secret'
  return status === 404 || status === 405 ? 'url' : 'status'
}

/**
 * Raises the alerts that a failed attempt calls for: a 4xx status immediately (retrying rarely helps), the fourth
 * failure of a delivery, its tenth, and an endpoint that was disabled.
 */
export async function raiseAlerts(endpoint: Endpoint, delivery: Delivery, result: CallResult): Promise<void> {
  const { status, error } = result
  const since = (endpoint.failingSince ?? now()).getTime()
  for (const kind of alertKindsFor(endpoint, delivery, status)) {
    const _id = `${endpoint._id}:${kind}:${since}`
    const alert = { _id, endpoint: endpoint._id, kind, at: now(), status, error, dueAt: now() }
    await Alerts.insertOnce(alert)
  }
}

function alertKindsFor(endpoint: Endpoint, delivery: Delivery, status: number | null): Alert['kind'][] {
  const kinds: Alert['kind'][] = []
  // 429 means that we should slow down, and 410 disables the endpoint, which has its own alert.
  const isRefusal = status !== null && status >= 400 && status < 500 && status !== 429 && status !== 410
  if (isRefusal) kinds.push('refused')
  if (delivery.failures === failingThreshold) kinds.push('failing')
  if (delivery.failures === maxAttempts) kinds.push('exhausted')
  if (endpoint.state === 'disabled_auto') kinds.push('disabled')
  if (endpoint.state === 'disabled_gone') kinds.push('gone')
  return kinds
}

/**
 * Creates the consumer that passes each alert to `sendEmails` once. A failure is retried every 5 minutes for 24 hours.
 */
export function emailAlerts(sendEmails: (alert: Alert, endpoint: Endpoint) => Promise<unknown>): Consumer {
  const policy = { lease: minutes(1), backoff: () => minutes(5), maxAttempts: 288 }
  return work(Alerts, policy, async alert => {
    const endpoint = await Endpoints.findById(alert.endpoint)
    if (endpoint) await sendEmails(alert, endpoint)
  })
}
