import { createHash, randomBytes } from 'node:crypto'
import { days, hours, later, now } from '../platform/clock'
import { cached } from '../platform/cached'
import { date, defineRecord, list, string } from '../platform/record'
import { touch, type Touch, type Touches } from './person'
import { countVisit } from './visit-day'

/**
 * The visit of an anonymous visitor, recognised without a cookie: the key is a hash of IP address and browser with a
 * random salt of the day, and both are deleted after 2 days. At sign-up, its touches are copied to the person.
 */
export const Visits = defineRecord(
  'Visit',
  'visits',
  {
    _id: string(),
    first: touch,
    last: touch,
    /** Slugs of the courses of which a page was opened. */
    courses: list(string()),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)

const VisitSalts = defineRecord(
  'VisitSalt',
  'visit_salts',
  {
    /** The day, UTC, `YYYY-MM-DD`. */
    _id: string(),
    salt: string(),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)

export type Visitor = { ip: string; userAgent: string }

/**
 * Starts and counts a visit, once for each course of which it opens a page, or updates its last touch when the visitor
 * comes back by another way.
 */
export async function recordVisit(visitor: Visitor, touch: Touch): Promise<void> {
  const key = await visitKey(visitor, touch.at)
  const update = await Visits.updateOne(
    { _id: key },
    { $setOnInsert: { first: touch, last: touch, expiresAt: later(touch.at, hours(48)) } },
    { upsert: true },
  )
  if (update.upsertedCount) await countVisit(touch, null)
  else if (hasAttribution(touch)) await Visits.updateOne({ _id: key }, { $set: { last: touch } })
  const course = landingCourse(touch)
  const visit =
    course &&
    (await Visits.findOneAndUpdate({ _id: key, courses: { $ne: course } }, { $push: { courses: course } }))
  if (visit) await countVisit(visit.first, course)
}

/** Returns the slug of the course that a touch landed on; null for any other page. */
export function landingCourse({ landing }: Pick<Touch, 'landing'>): string | null {
  return /^\/courses\/([a-z0-9-]{1,80})(?:\/|$)/.exec(landing)?.[1] ?? null
}

/** True for a touch that says where the visitor came from: another site or a campaign link. */
export function hasAttribution(touch: Touch): boolean {
  return Boolean(touch.referrer || touch.source || touch.campaign)
}

/** Returns a visitor's touches from today's visit or, around midnight, yesterday's; null without a visit. */
export async function touchesOf(visitor: Visitor): Promise<Touches | null> {
  for (const day of [now(), later(now(), -days(1))]) {
    const visit = await Visits.findOne({ _id: await visitKey(visitor, day) })
    if (visit) return { first: visit.first, last: visit.last }
  }
  return null
}

async function visitKey({ ip, userAgent }: Visitor, at: Date): Promise<string> {
  const salt = await saltOf(at.toISOString().slice(0, 10))
  return createHash('sha256').update(`${salt}\n${ip}\n${userAgent}`).digest('base64url')
}

/** The salt of a day. The first process that asks creates it, and all use the same. */
const saltOf = cached(days(2), async (day: string) => {
  const created = { salt: randomBytes(32).toString('base64url'), expiresAt: later(now(), hours(48)) }
  const salt = await VisitSalts.findOneAndUpdate(
    { _id: day },
    { $setOnInsert: created },
    { upsert: true, returnDocument: 'after' },
  )
  return salt!.salt
})
