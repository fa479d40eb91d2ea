import { createHash, randomBytes } from 'node:crypto'
import { days, hours, later, now } from '../platform/clock'
import { cached } from '../platform/cached'
import { date, defineRecord, list, oneOf, string } from '../platform/record'
import type { Touch } from './person'
import { sourceOf, sources } from './source'
import { countVisit } from './visit-day'

/**
 * A visit, stored so that it counts once a day without a cookie: the key is a hash of IP address and browser with the
 * day's random salt, and both are deleted after 2 days. Two people may share one, so nothing about a person is derived
 * from it; how a visitor got here is carried by their own links (carried-touches.ts).
 */
export const Visits = defineRecord(
  'Visit',
  'visits',
  {
    _id: string(),
    /** The source that it is counted under. */
    source: oneOf(sources),
    /** Slugs of the courses whose pages were opened. */
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

/** Starts and counts a visit: once, and once for each course whose pages it opens. */
export async function recordVisit(
  visitor: Visitor,
  touch: Pick<Touch, 'at' | 'landing' | 'source' | 'medium' | 'referrer'>,
): Promise<void> {
  const { at } = touch
  const key = await visitKey(visitor, at)
  const source = sourceOf(touch)
  const update = await Visits.updateOne(
    { _id: key },
    { $setOnInsert: { source, expiresAt: later(at, hours(48)) } },
    { upsert: true },
  )
  if (update.upsertedCount) await countVisit(at, source, null)
  const course = landingCourse(touch)
  if (!course) return
  const visit = await Visits.findOneAndUpdate(
    { _id: key, courses: { $ne: course } },
    { $push: { courses: course } },
  )
  if (visit) await countVisit(at, visit.source, course)
}

/** Returns the slug of the course that a touch landed on; null for any other page. */
export function landingCourse({ landing }: Pick<Touch, 'landing'>): string | null {
  return /^\/courses\/([a-z0-9-]{1,80})(?:\/|$)/.exec(landing)?.[1] ?? null
}

async function visitKey({ ip, userAgent }: Visitor, at: Date): Promise<string> {
  const salt = await saltOf(at.toISOString().slice(0, 10))
  return createHash('sha256').update(`${salt}\n${ip}\n${userAgent}`).digest('base64url')
}

/** The salt of a day. The first process that needs it creates it, and all processes use it. */
const saltOf = cached(days(2), async (day: string) => {
  const created = { salt: randomBytes(32).toString('base64url'), expiresAt: later(now(), hours(48)) }
  const salt = await VisitSalts.findOneAndUpdate(
    { _id: day },
    { $setOnInsert: created },
    { upsert: true, returnDocument: 'after' },
  )
  return salt!.salt
})
