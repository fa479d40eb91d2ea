import { model, Schema, type Types } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { messageTypes, type MessageType } from './message-types'
import { encryptSecret, decryptSecret } from './encrypt-secret'
import { newSecret } from './sign'

const endpointStates = ['active', 'paused', 'disabled_auto', 'disabled_gone'] as const
type EndpointState = (typeof endpointStates)[number]

/** A URL of another system that receives our messages: a CRM, an automation tool, a partner's LMS. */
export type Endpoint = {
  _id: Types.ObjectId
  name: string
  url: string
  /** The message types it subscribes to. */
  types: MessageType[]
  /** At most two live ones, newest first, encrypted (see encrypt-secret.ts). An old one also signs until it expires. */
  secrets: { encrypted: string; createdAt: Date; expiresAt: Date | null }[]
  /** When the newest secret was shown to a teammate; it is shown once. */
  secretShownAt: Date | null
  state: EndpointState
  createdAt: Date
  /** A removed endpoint stays as a name for its deliveries, without secrets. */
  removedAt: Date | null
  /** The rate limit: messages per second, and the largest burst. */
  perSecond: number
  /** The calls under way. A slot that is never released, as after a crash, expires at `until`. */
  slots: { token: string; until: Date }[]
  /**
   * When the rate limit next has room: the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371).
   */
  nextSendAt: Date | null
  /** Calls in a row that got no response. */
  unanswered: number
  /** While the circuit breaker is open: when it closes. */
  breakerUntil: Date | null
  /** The first failed call since the last success. */
  failingSince: Date | null
  lastSuccessAt: Date | null
  lastFailure: { at: Date; status: number | null; error: string | null } | null
  /** The result of the last test message. */
  lastTest: {
    at: Date
    status: number | null
    error: string | null
    durationMs: number
    response: string
  } | null
}

const optionalDate = { type: Date, default: null }
const schema = new Schema<Endpoint>(
  {
    name: { type: String, required: true },
    url: { type: String, required: true },
    types: { type: [String], enum: messageTypes, required: true },
    secrets: [{ _id: false, encrypted: String, createdAt: Date, expiresAt: optionalDate }],
    secretShownAt: optionalDate,
    state: { type: String, enum: endpointStates, default: 'active' },
    createdAt: { type: Date, required: true },
    removedAt: optionalDate,
    perSecond: { type: Number, default: 5 },
    slots: { type: [{ _id: false, token: String, until: Date }], default: [] },
    nextSendAt: optionalDate,
    unanswered: { type: Number, default: 0 },
    breakerUntil: optionalDate,
    failingSince: optionalDate,
    lastSuccessAt: optionalDate,
    lastFailure: { type: Schema.Types.Mixed, default: null },
    lastTest: { type: Schema.Types.Mixed, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ removedAt: 1, name: 1 })

export const Endpoints = model<Endpoint>('Endpoint', schema, 'endpoints')

/** How long the previous secret also signs after a rotation. */
const secretOverlap = hours(24)
/** An endpoint is disabled after this long without a success, once its failures span at least `minFailureSpan`. */
export const disableAfter = days(5)
export const minFailureSpan = hours(12)

/** Returns the endpoints that aren't removed, by name. */
export async function currentEndpoints(): Promise<Endpoint[]> {
  return Endpoints.find({ removedAt: null }).sort({ name: 1 }).lean<Endpoint[]>()
}

/** Returns the decrypted secrets that sign now, newest first. */
export function liveSecrets(endpoint: Pick<Endpoint, '_id' | 'secrets'>, at = now()): string[] {
  return endpoint.secrets
    .filter(secret => !secret.expiresAt || secret.expiresAt > at)
    .slice(0, 2)
    .map(secret => decryptSecret(secret.encrypted, String(endpoint._id)))
}

/** Returns a secret as it is stored: a new one, unless one is given. */
export function storedSecret(endpoint: Types.ObjectId, secret = newSecret()): Endpoint['secrets'][number] {
  return { encrypted: encryptSecret(secret, String(endpoint)), createdAt: now(), expiresAt: null }
}

/**
 * Returns an endpoint's secrets after a rotation: the new one, and the previous one until the overlap (in ms) ends.
 * Older ones are dropped.
 */
export function rotatedSecrets(
  endpoint: Endpoint,
  newest: Endpoint['secrets'][number],
  overlap = secretOverlap,
): Endpoint['secrets'] {
  const [previous] = endpoint.secrets
  if (!previous || overlap === 0) return [newest]
  return [newest, { ...previous, expiresAt: later(now(), overlap) }]
}
