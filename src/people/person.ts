import { STALE_AFTER_MS, cached } from '../platform/cached'
import { config } from '../platform/config'
import {
  date,
  defineRecord,
  list,
  mapOf,
  nested,
  nullable,
  number,
  oneOf,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { purposes } from './consent'

/** A contributor, such as a partner or an expert of another company, opens only the courses they were added to. */
export const roles = [
  'prospect',
  'author',
  'reviewer',
  'contributor',
  'sales',
  'sales-lead',
  'admin',
] as const
export type Role = (typeof roles)[number]

/** How a visitor got here: the page they opened and the site before it. */
export const touch = nested({
  at: date(),
  /** The route of the page, such as `/courses/pumps` or `/links/:token`; never a path with a secret. */
  landing: string(),
  referrer: nullable(string()),
  source: nullable(string()),
  medium: nullable(string()),
  campaign: nullable(string()),
  term: nullable(string()),
  content: nullable(string()),
})

export const People = defineRecord(
  'Person',
  'people',
  {
    /** Normalised; identifies a person everywhere (`dedupe_key` in webhooks). */
    email: string(),
    name: string(),
    /** Folded words to find the person by; see `searchWords`. */
    search: list(string()),
    role: oneOf(roles),
    /**
     * The brand that the person joined: it stays theirs wherever they sign in. Emails and messages about them are made
     * with it. Missing for the default brand, in accounts from before there were others.
     */
    brand: optional(string()),
    /** argon2id; null for a person who signs in by link only. */
    passwordHash: nullable(string()),
    signedUpAt: date(),
    /** When the person proved by using a link that the address is theirs; null before. */
    confirmedAt: nullable(date()),
    title: nullable(string()),
    country: nullable(string()),
    /** IANA time zone of a teammate, such as `Europe/Prague`; null for the academy's own (`timeZoneOf`). */
    timeZone: nullable(string()),
    /** Registrable domain of the email address; null for free, disposable and university providers. */
    company: nullable(nested({ domain: string(), name: string() })),
    emailKind: oneOf(['company', 'free', 'disposable', 'university']),
    /** The purposes that the person consents to now. The proof of each is in the collection `consents`. */
    consents: list(oneOf(purposes)),
    /** When sharing with sales was paused; null when it isn't paused. The consent itself stays. */
    sharingPausedAt: nullable(date()),
    /** Number of pauses and resumptions, so that each is one event however often it is requested. */
    sharingChanges: withDefault(number(), 0),
    /** Number of changes to the name, job title or country, so that each is one event. */
    profileChanges: withDefault(number(), 0),
    firstTouch: nullable(touch),
    lastTouch: nullable(touch),
    /** Answers to the needs assessment, and the learning path it suggested. */
    needsAssessment: nullable(nested({ answers: mapOf(string()), path: nullable(string()), at: date() })),
    /** When the person was suspended and could no longer sign in; null for everyone else. */
    suspendedAt: nullable(date()),
    /** When the account was deleted: what is left is an id that events refer to. */
    erasedAt: nullable(date()),
  },
  {
    indexes: [
      [{ email: 1 }, { unique: true }],
      [{ search: 1 }],
      [{ 'company.domain': 1 }],
      [{ role: 1, _id: 1 }],
      [{ role: 1, signedUpAt: 1 }],
      [{ brand: 1 }],
    ],
    onWrite: (): void => readPerson.forget(),
  },
)
export type Person = RecordOf<typeof People>
export type Touch = NonNullable<Person['firstTouch']>
export type Touches = { first: Touch; last: Touch }

/** Returns the time zone that a teammate works in. */
export function timeZoneOf({ timeZone }: Pick<Person, 'timeZone'>): string {
  return timeZone ?? config.timeZone
}

/** True while a person lets sales know who they are. */
export function sharesWithSales({
  consents,
  sharingPausedAt,
}: Pick<Person, 'consents' | 'sharingPausedAt'>): boolean {
  return consents.includes('share_with_sales') && !sharingPausedAt
}

/**
 * Returns a person's record, or null, for requests that only read it. Requests share the record, so it is frozen. A
 * change made by another process is visible after `STALE_AFTER_MS`.
 */
export const readPerson = cached(STALE_AFTER_MS, async (id: string) =>
  Object.freeze(await People.findById(id)),
)
