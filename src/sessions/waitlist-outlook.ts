import { cached } from '../platform/cached'
import { minutes, now } from '../platform/clock'
import { SessionBookings } from './booking'
import type { LiveSession } from './live-session'
import { publishedSessions } from './shown-sessions'

/** How many sessions of before are looked at, and how many with a wait-list say something. */
const [maxBefore, minBefore] = [6, 2]

/** How often a place in the wait-list got a seat before, of how many sessions like this one that had a wait-list. */
export type WaitlistOutlook = { reached: number; total: number }

/**
 * Returns how often a place in the wait-list got a seat in the latest sessions of the same series or course; null when
 * fewer than two of them had a wait-list, which would say nothing.
 */
export async function waitlistOutlook(session: LiveSession, place: number): Promise<WaitlistOutlook | null> {
  const lastPlaces = await lastSeatedPlaces(session)
  if (lastPlaces.length < minBefore) return null
  return { reached: lastPlaces.filter(last => last >= place).length, total: lastPlaces.length }
}

/** The last place that was offered a seat, of each session like this one with a wait-list; 0 for none. */
const lastSeatedPlaces = cached<LiveSession, number[]>(
  minutes(1),
  async ({ _id, series, course }) => {
    const moment = now()
    const isLike = (other: LiveSession) =>
      series ? series.equals(other.series ?? '') : course !== null && course.equals(other.course ?? '')
    const before = (await publishedSessions())
      .filter(each => !each._id.equals(_id) && each.state === 'published' && each.endsAt < moment)
      .filter(isLike)
      .slice(-maxBefore)
    if (!before.length) return []
    const waited = await SessionBookings.find(
      { session: { $in: before.map(each => each._id) }, firstPlace: { $gte: 1 } },
      { session: 1, state: 1, firstPlace: 1 },
    )
    return before.flatMap(each => {
      const ofIt = waited.filter(({ session }) => session.equals(each._id))
      // Who let the offer lapse could have had the seat.
      const seated = ofIt.filter(({ state }) => state === 'booked' || state === 'lapsed')
      return ofIt.length ? [Math.max(0, ...seated.map(({ firstPlace }) => firstPlace ?? 0))] : []
    })
  },
  { max: 200, nameOf: ({ _id }) => String(_id) },
)
