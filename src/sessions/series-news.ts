import type { Types } from 'mongoose'
import { later, minutes, now, seconds } from '../platform/clock'
import { completeUnlessDue, doubling, work, type Consumer } from '../platform/queue'
import { activeStates, SessionBookings, type SessionBooking } from './booking'
import { LiveSessions, SessionSeries, type LiveSession } from './live-session'
import { finishSeries } from './series'

/** How long a new date waits for others to be published, so that one email covers them all. */
const quiet = minutes(2)
const pageSize = 200

/**
 * Tells people about dates that were added to a series they have booked. May run twice and tells them once.
 *
 * @param added in order; the first one stays the same however often it runs.
 */
export type TellOfDates = (
  people: readonly Pick<SessionBooking, 'person' | 'timeZone'>[],
  series: SessionSeries,
  added: LiveSession[],
) => Promise<void>

/** Makes the worker tell the people of a series about a session that was added to it and published. */
export async function noteAdded({ series, isNews }: Pick<LiveSession, 'series' | 'isNews'>): Promise<void> {
  if (!series || !isNews) return
  await SessionSeries.updateOne(
    { _id: series },
    { $set: { dueAt: later(now(), quiet), attempts: 0, failedAt: null } },
  )
}

/**
 * Finishes changes of several sessions that were interrupted, and tells about dates that were added. 10 attempts take
 * an hour.
 */
export function advanceSeries(tell: TellOfDates): Consumer {
  return work(
    SessionSeries,
    { lease: minutes(2), backoff: doubling(seconds(10), minutes(10)), maxAttempts: 10 },
    async claimed => {
      await finishSeries(claimed._id)
      return completeUnlessDue(SessionSeries, claimed, await advanceNews(claimed, tell))
    },
  )
}

async function advanceNews(series: SessionSeries, tell: TellOfDates): Promise<Partial<SessionSeries>> {
  const { _id, news } = series
  if (!news) {
    const found = await LiveSessions.find({ series: _id, isNews: true, state: 'published' }, { startsAt: 1 })
    if (!found.length) return {}
    // Written first: it stays the same news after an interruption.
    const sessions = found.toSorted((a, b) => Number(a.startsAt) - Number(b.startsAt))
    return { news: { sessions: sessions.map(each => each._id), after: '' }, dueAt: now() }
  }
  const added = await LiveSessions.find({ _id: { $in: news.sessions } }).sort({ startsAt: 1 })
  const open = added.filter(({ state, startsAt }) => state === 'published' && startsAt > now())
  const bookings = open.length ? await bookingsOfSeries(series, news) : []
  if (bookings.length) await tell(bookings, series, open)
  if (bookings.length === pageSize) {
    return { news: { ...news, after: bookings.at(-1)!._id }, dueAt: now() }
  }
  await LiveSessions.updateMany({ _id: { $in: news.sessions } }, { $set: { isNews: false } })
  // Others may have been published meanwhile.
  return { news: null, dueAt: now() }
}

/**
 * Returns a page of those whom added dates concern: of a training, everyone who has booked a part; of other dates of
 * one session, those who wait for a seat in one of them.
 */
async function bookingsOfSeries(
  { _id, kind }: SessionSeries,
  { sessions, after }: { sessions: Types.ObjectId[]; after: string },
): Promise<SessionBooking[]> {
  const others = await LiveSessions.find(
    { series: _id, _id: { $nin: sessions }, ...(kind === 'dates' && { startsAt: { $gt: now() } }) },
    { _id: 1 },
  )
  return SessionBookings.find({
    session: { $in: others.map(each => each._id) },
    _id: { $gt: after },
    isWanted: true,
    state: kind === 'parts' ? { $in: [...activeStates] } : 'waiting',
  })
    .sort({ _id: 1 })
    .limit(pageSize)
}
