import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Types } from 'mongoose'
import { days, hours, later, now, seconds } from '../platform/clock'
import { outcomeNames } from '../leads/apply-outcome'
import { messageTypes } from './message-types'
import { encryptSecret, decryptSecret } from '../platform/encrypt-secret'
import { newSecret } from './sign'

/** `listening`: a developer's command fetches its messages (see listener.ts); nothing is ever posted to its URL. */
const endpointStates = ['active', 'paused', 'disabled_auto', 'disabled_gone', 'listening'] as const

/** A URL of another system that receives our messages: a CRM, an automation tool, a partner's LMS. */
export const Endpoints = defineRecord(
  'Endpoint',
  'endpoints',
  {
    name: string(),
    url: string(),
    /** The URL of a record in that system, with `{crm_id}` where the id goes that it reports; null when unknown. */
    recordUrl: nullable(string()),
    /** The message types it subscribes to. */
    types: list(oneOf(messageTypes)),
    /** The outcomes that it may report, about people whom it was sent. */
    inbound: list(oneOf(outcomeNames)),
    /** At most two live ones, newest first, encrypted (see encrypt-secret.ts). The old one signs until it expires. */
    secrets: list(
      nested({
        encrypted: string(),
        createdAt: date(),
        expiresAt: nullable(date()),
        /** The press of the button that made it; null for the first one. */
        submission: nullable(string()),
      }),
    ),
    /** When the newest secret was shown to a teammate; it is shown once. */
    secretShownAt: nullable(date()),
    state: withDefault(oneOf(endpointStates), 'active'),
    createdAt: date(),
    /** A removed endpoint is kept as a name for its deliveries, without secrets. */
    removedAt: nullable(date()),
    /** The rate limit: messages per second, and the largest burst. */
    perSecond: withDefault(number(), 5),
    /** The calls in progress. A slot that is never released, as after a crash, expires at `until`. */
    slots: list(nested({ token: string(), until: date() })),
    /**
     * When the rate limit next has room: the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371).
     */
    nextSendAt: nullable(date()),
    /** Calls in a row that got no response. */
    unanswered: withDefault(number(), 0),
    /** While the circuit breaker is open: when it closes. */
    breakerUntil: nullable(date()),
    /** The first failed call since the last success. */
    failingSince: nullable(date()),
    lastSuccessAt: nullable(date()),
    lastFailure: nullable(nested({ at: date(), status: nullable(number()), error: nullable(string()) })),
    /** The result of the last test message. */
    lastTest: nullable(
      nested({
        at: date(),
        status: nullable(number()),
        error: nullable(string()),
        durationMs: number(),
        response: string(),
        location: nullable(string()),
        type: withDefault(oneOf(messageTypes), 'webhook.test'),
        /** The press of the button that sent it. */
        submission: nullable(string()),
      }),
    ),
    /** The version of its field mapping, as the id of a `FieldMappings` record; null when data goes out as it is. */
    mapping: nullable(string()),
    /** For an endpoint that is a developer's command: whose it is, and what it forwards to. */
    listener: nullable(
      nested({
        /** The id of the token that it signs in with. */
        token: string(),
        /** The endpoint that it receives the same message types as. */
        source: objectId(),
        forwardsTo: string(),
        seenAt: date(),
        /** Test messages that wait for the command. */
        tests: list(nested({ id: string(), type: oneOf(messageTypes), body: string() })),
      }),
    ),
  },
  { indexes: [[{ removedAt: 1, name: 1 }]] },
)
export type Endpoint = RecordOf<typeof Endpoints>

/** How long the previous secret still signs after a rotation. */
const secretOverlap = hours(24)
/** An endpoint is disabled after this long without a success, once its failures span at least `minFailureSpan`. */
export const disableAfter = days(5)
export const minFailureSpan = hours(12)
/** How long an open circuit breaker stays open. */
export const breakerPeriod = seconds(30)

/** Returns the endpoints that aren't removed, by name. */
export async function currentEndpoints(): Promise<Endpoint[]> {
  return Endpoints.find({ removedAt: null }).sort({ name: 1 })
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
  const encrypted = encryptSecret(secret, String(endpoint))
  return { encrypted, createdAt: now(), expiresAt: null, submission: null }
}

/** Returns the version of an endpoint's mapping; null without one, as in an endpoint of before there were mappings. */
export function mappingOf({ mapping }: Pick<Endpoint, 'mapping'>): string | null {
  return mapping ?? null
}

/** Returns when the secret before the newest stops signing; null when it already has, or there is none. */
export function overlapEnd({ secrets }: Pick<Endpoint, 'secrets'>, at = now()): Date | null {
  const until = secrets[1]?.expiresAt
  return until && until > at ? until : null
}

/** Returns the last characters of an endpoint's newest secret, by which a person recognizes it; empty without one. */
export function secretEnding({ _id, secrets: [newest] }: Pick<Endpoint, '_id' | 'secrets'>): string {
  return newest ? decryptSecret(newest.encrypted, String(_id)).slice(-5) : ''
}

/** Names an endpoint's newest secret without revealing it. */
export function newestSecret({ secrets }: Pick<Endpoint, 'secrets'>): string {
  return secrets[0]?.createdAt.toISOString() ?? ''
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
