import { model, Schema, type Types } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { messageTypes, type MessageType } from './message-types'
import { encryptSecret, decryptSecret } from './encrypt-secret'
import { newSecret } from './sign'

const endpointStates = ['active', 'paused', 'disabled_auto', 'disabled_gone'] as const
type EndpointState = (typeof endpointStates)[number]

/** Somebody's address that takes our messages: a CRM, an automation, a partner's LMS. The interface calls it a receiver. */
export type Endpoint = {
  _id: Types.ObjectId
  name: string
  url: string
  types: MessageType[]
  /** At most two live ones, newest first; encrypted (see seal.ts). An old one signs along until it expires. */
  secrets: { sealed: string; createdAt: Date; expiresAt: Date | null }[]
  /** When the newest secret was shown to somebody; it is shown once. */
  secretShownAt: Date | null
  state: EndpointState
  createdAt: Date
  /** A removed receiver stays as a name for its deliveries, without secrets. */
  removedAt: Date | null
  /** Messages a second, and at most so many at one go. */
  perSecond: number
  /** Those who are calling it now; a turn that is not given back, as after a crash, ends at `until`. */
  slots: { token: string; until: Date }[]
  /** When the pace of `perSecond` has room again (generic cell rate algorithm: the theoretical arrival time). */
  nextSendAt: Date | null
  /** Calls in a row without any answer. */
  unanswered: number
  /** Not called before this moment, since nobody answers there. */
  breakerUntil: Date | null
  /** The first failed call after the last good one. */
  failingSince: Date | null
  lastSuccessAt: Date | null
  lastFailure: { at: Date; status: number | null; error: string | null } | null
  /** The answer to the last test. */
  lastTest: { at: Date; status: number | null; error: string | null; ms: number; response: string } | null
}

const dated = { type: Date, default: null }
const schema = new Schema<Endpoint>(
  {
    name: { type: String, required: true },
    url: { type: String, required: true },
    types: { type: [String], enum: messageTypes, required: true },
    secrets: [{ _id: false, sealed: String, createdAt: Date, expiresAt: dated }],
    secretShownAt: dated,
    state: { type: String, enum: endpointStates, default: 'active' },
    createdAt: { type: Date, required: true },
    removedAt: dated,
    perSecond: { type: Number, default: 5 },
    slots: { type: [{ _id: false, token: String, until: Date }], default: [] },
    nextSendAt: dated,
    unanswered: { type: Number, default: 0 },
    breakerUntil: dated,
    failingSince: dated,
    lastSuccessAt: dated,
    lastFailure: { type: Schema.Types.Mixed, default: null },
    lastTest: { type: Schema.Types.Mixed, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ removedAt: 1, name: 1 })

export const Endpoints = model<Endpoint>('Endpoint', schema, 'endpoints')

/** How long the secret before the newest one signs along, unless it is withdrawn at once. */
const overlap = hours(24)
/** Without a success for so long, and with failures at least `betweenFailures` apart, a receiver is switched off. */
export const disableAfter = days(5)
export const minFailureSpan = hours(12)

/** The receivers that are not removed, by name. */
export async function currentEndpoints(): Promise<Endpoint[]> {
  return Endpoints.find({ removedAt: null }).sort({ name: 1 }).lean<Endpoint[]>()
}

/** The secrets that sign now, newest first. */
export function liveSecrets(endpoint: Pick<Endpoint, '_id' | 'secrets'>, at = now()): string[] {
  return endpoint.secrets
    .filter(secret => !secret.expiresAt || secret.expiresAt > at)
    .slice(0, 2)
    .map(secret => decryptSecret(secret.sealed, String(endpoint._id)))
}

/** A secret as the record keeps it: a new one, unless a known one is given. */
export function storedSecret(endpoint: Types.ObjectId, secret = newSecret()): Endpoint['secrets'][number] {
  return { sealed: encryptSecret(secret, String(endpoint)), createdAt: now(), expiresAt: null }
}

/** The secrets after a rotation: the new one, and the one before until the overlap ends. Older ones are forgotten. */
export function rotatedSecrets(endpoint: Endpoint, kept: Endpoint['secrets'][number], keepFor = overlap) {
  const [before] = endpoint.secrets
  if (!before || keepFor === 0) return [kept]
  return [kept, { ...before, expiresAt: later(now(), keepFor) }]
}
