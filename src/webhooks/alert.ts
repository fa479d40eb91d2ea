import { date, nullable, number, objectId, oneOf, string, type RecordOf } from '../platform/record'
import { hours, later, minutes, now } from '../platform/clock'
import { claim, complete, defineQueue } from '../platform/queue'
import type { Delivery } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'
import type { CallResult } from './post'

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
  { indexes: [[{ endpoint: 1, at: -1 }]] },
)
export type Alert = RecordOf<typeof Alerts>

/** How long a failed alert email is retried. */
const emailRetryPeriod = hours(24)
/** The failure count of one delivery that raises `failing`. */
const failingThreshold = 4

/** Returns the likely cause of the failures, as the last part of a translation key (`integrations:alert.<cause>`). */
export function causeOf({ status }: Pick<Alert, 'status'>): 'noResponse' | 'secret' | 'url' | 'status' {
  if (status === null) return 'noResponse'
  if (status === 401 || status === 403) return 'secret'
  return status === 404 || status === 405 ? 'url' : 'status'
}

/**
 * Raises the alerts that a failed attempt gives reason for: a 4xx status at once (retrying rarely helps), the fourth
 * failure of a delivery, the first delivery that runs out of attempts, and an endpoint that was disabled.
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
  // 429 asks for patience, and 410 disables the endpoint, which has an alert of its own.
  const isRefusal = status !== null && status >= 400 && status < 500 && status !== 429 && status !== 410
  if (isRefusal) kinds.push('refused')
  if (delivery.failures === failingThreshold) kinds.push('failing')
  if (delivery.state === 'failed') kinds.push('exhausted')
  if (endpoint.state === 'disabled_auto') kinds.push('disabled')
  if (endpoint.state === 'disabled_gone') kinds.push('gone')
  return kinds
}

/**
 * Claims one alert that has not been emailed yet and passes it to `sendEmails`. A failure is retried every 5 minutes
 * for 24 hours; the deliveries page shows the alert either way.
 *
 * @returns true when there was an alert to send.
 */
export async function sendNextAlert(
  sendEmails: (alert: Alert, endpoint: Endpoint) => Promise<unknown>,
): Promise<boolean> {
  const alert = await claim(Alerts, minutes(1))
  if (!alert) return false
  const endpoint = await Endpoints.findById(alert.endpoint)
  try {
    if (endpoint) await sendEmails(alert, endpoint)
    await complete(Alerts, alert, { dueAt: null, lastError: null })
  } catch (error) {
    const isTooLate = later(alert.at, emailRetryPeriod) < now()
    await complete(Alerts, alert, {
      dueAt: isTooLate ? null : later(now(), minutes(5)),
      lastError: (error as Error).message,
    })
  }
  return true
}
