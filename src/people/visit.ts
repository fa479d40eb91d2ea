import { createHash, randomBytes } from 'node:crypto'
import { days, hours, later, now } from '../platform/clock'
import { cached } from '../platform/cached'
import { networkOf } from '../platform/network'
import { date, defineRecord, list, number, oneOf, string } from '../platform/record'
import type { Touch } from './person'
import { sourceOf, sources } from './source'
import { countVisit } from './visit-day'

/**
 * A visit, stored so that it counts once a day without a cookie: the key is a hash of network and browser with the
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

/**
 * How many visits of a network have been counted on a day, under a hash like theirs: a script that calls itself another
 * browser each time is still one caller.
 */
const VisitNetworks = defineRecord(
  'VisitNetwork',
  'visit_networks',
  { _id: string(), visits: number(), expiresAt: date() },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)

/** Visits that one network can add to the figures of a day: room for a class of 30 behind one address. */
const maxVisitsPerNetwork = 30

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
 * Starts and counts a visit: once, and once for each course whose pages it opens. Beyond `maxVisitsPerNetwork` a day,
 * further browsers of a network aren't counted.
 *
 * @param brand the id of the brand that is visited, each of which counts its own visits; the default one without it.
 */
export async function recordVisit(
  visitor: Visitor,
  touch: Pick<Touch, 'at' | 'landing' | 'source' | 'medium' | 'referrer'>,
  brand?: string,
): Promise<void> {
  const { at } = touch
  const [network, key] = await visitKeys(visitor, at, brand)
  const source = sourceOf(touch)
  if (!(await Visits.load(key))) {
    const expiresAt = later(at, hours(48))
    const isCounted = await VisitNetworks.upsertIfMatching(
      { _id: network, visits: { $lt: maxVisitsPerNetwork } },
      { $inc: { visits: 1 }, $setOnInsert: { expiresAt } },
    )
    if (!isCounted) return
    if (await Visits.insertOnce({ _id: key, source, expiresAt })) await countVisit(at, source, null, brand)
  }
  const course = landingCourse(touch)
  if (!course) return
  const visit = await Visits.findOneAndUpdate(
    { _id: key, courses: { $ne: course } },
    { $push: { courses: course } },
  )
  if (visit) await countVisit(at, visit.source, course, brand)
}

/** Returns the slug of the course that a touch landed on; null for any other page. */
export function landingCourse({ landing }: Pick<Touch, 'landing'>): string | null {
  return /^\/courses\/([a-z0-9-]{1,80})(?:\/|$)/.exec(landing)?.[1] ?? null
}

/** Returns the hashes of a visitor's network, and of the network with the browser. */
async function visitKeys(
  { ip, userAgent }: Visitor,
  at: Date,
  brand?: string,
): Promise<[network: string, visit: string]> {
  const salt = await saltOf(at.toISOString().slice(0, 10))
  const network = networkOf(ip)
  const hashOf = (text: string) => createHash('sha256').update(`${salt}\n${text}`).digest('base64url')
  const visitor = [network, userAgent, ...(brand ? [brand] : [])].join('\n')
  return [hashOf(network), hashOf(visitor)]
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
