import { model, Schema, type Types } from 'mongoose'
import { hours, later, minutes, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { claim, dueIndex, queued, complete, type Queued } from '../platform/queue'
import type { Delivery } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'
import type { CallResult } from './post'

const alertKinds = ['refused', 'failing', 'exhausted', 'disabled', 'gone'] as const

/** Something about a receiver that somebody has to know: said on the desk, and in a letter once. */
export type Alert = Queued & {
  /** `endpoint:kind:failing since`: once in each time of trouble. */
  _id: string
  endpoint: Types.ObjectId
  kind: (typeof alertKinds)[number]
  at: Date
  status: number | null
  error: string | null
}

const schema = new Schema<Alert>(
  {
    _id: { type: String, required: true },
    endpoint: { type: Schema.Types.ObjectId, required: true },
    kind: { type: String, enum: alertKinds, required: true },
    at: { type: Date, required: true },
    status: { type: Number, default: null },
    error: { type: String, default: null },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)
schema.index({ endpoint: 1, at: -1 })

export const Alerts = model<Alert>('Alert', schema, 'alerts')

/** What the answer of a receiver in trouble says about the cause, for a sentence. */
export function causeOf({ status }: Pick<Alert, 'status'>): 'noResponse' | 'secret' | 'url' | 'status' {
  if (status === null) return 'noResponse'
  if (status === 401 || status === 403) return 'secret'
  return status === 404 || status === 405 ? 'url' : 'status'
}

/**
 * Raises what a failed try gives reason for: a refusal at once (4xx: waiting rarely helps), the fourth failure of a message, the
 * first message given up, and a receiver switched off.
 */
export async function raiseAlerts(endpoint: Endpoint, delivery: Delivery, answer: CallResult): Promise<void> {
  const { status, error } = answer
  const kinds: Alert['kind'][] = []
  if (status !== null && status >= 400 && status < 500 && status !== 429 && status !== 410)
    kinds.push('refused')
  if (delivery.failures === 4) kinds.push('failing')
  if (delivery.state === 'failed') kinds.push('exhausted')
  if (endpoint.state === 'disabled_auto') kinds.push('disabled')
  if (endpoint.state === 'disabled_gone') kinds.push('gone')
  const since = (endpoint.failingSince ?? now()).getTime()
  for (const kind of kinds) {
    const _id = `${endpoint._id}:${kind}:${since}`
    const alert = { _id, endpoint: endpoint._id, kind, at: now(), status, error, dueAt: now() }
    await Alerts.create(alert).catch(reason => {
      if (!isDuplicateKey(reason)) throw reason
    })
  }
}

/**
 * Takes one alert that nobody was told of and has `tell` write the letters. True when there was one. What fails is tried again for a
 * day; the desk shows it anyway.
 */
export async function sendNextAlert(
  tell: (alert: Alert, endpoint: Endpoint) => Promise<unknown>,
): Promise<boolean> {
  const alert = await claim(Alerts, minutes(1))
  if (!alert) return false
  const endpoint = await Endpoints.findById(alert.endpoint).lean<Endpoint>()
  try {
    if (endpoint) await tell(alert, endpoint)
    await complete(Alerts, alert, { dueAt: null, lastError: null })
  } catch (error) {
    const isLate = later(alert.at, hours(24)) < now()
    await complete(Alerts, alert, {
      dueAt: isLate ? null : later(now(), minutes(5)),
      lastError: (error as Error).message,
    })
  }
  return true
}
