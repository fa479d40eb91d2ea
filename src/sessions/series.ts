import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { freeSlug, slugOf } from '../courses/slug'
import { audit } from '../events/audit'
import { later, now, seconds } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import {
  changedFields,
  changeSession,
  contentOf,
  createSession,
  requireSeats,
  saveSeats,
  type SessionContent,
} from './change-session'
import { LiveSessions, sessionCaps, SessionSeries, type LiveSession } from './live-session'
import { movedAlong } from './repetition'
import { SessionSeats } from './seats'

type By = Types.ObjectId | null
type Plan = NonNullable<SessionSeries['plan']>

/** How long a request may take before the worker does what it left. */
const grace = seconds(10)

/**
 * Creates a series with a draft for each start, once for an id. What is to be created is written first, so that an
 * interruption leaves nothing out.
 *
 * @param starts in order; every session is as long as the content says.
 * @returns the id of the first session.
 */
export async function createSeries(
  _id: Types.ObjectId,
  content: SessionContent,
  starts: readonly Date[],
  {
    seats,
    by,
    ...series
  }: { seats: number; by: By } & Pick<SessionSeries, 'kind' | 'certificate' | 'required'>,
): Promise<Types.ObjectId> {
  const length = content.endsAt.getTime() - content.startsAt.getTime()
  const plan: Plan = {
    by,
    seats,
    shared: content,
    isNews: false,
    each: starts.map((startsAt, n) => ({
      session: sessionIdOf(_id, n),
      ...{
        base: null,
        part: series.kind === 'parts' ? n + 1 : null,
        startsAt,
        endsAt: later(startsAt, length),
      },
    })),
  }
  while (!(await SessionSeries.exists({ _id }))) {
    const slug = await freeSeriesSlug(content.title)
    const made = { _id, slug, title: content.title, ...series, plan, createdAt: now() }
    await SessionSeries.insertOnce({ ...made, dueAt: later(now(), grace) })
  }
  await finishSeries(_id)
  return plan.each[0]!.session
}

/**
 * Adds drafts to a series, once for an id: sessions like the latest one, at other times. People of the series are told
 * about them once they are published.
 *
 * @param starts in order; the series has none of them yet.
 * @throws 409 while the series is being changed, 422 for more than a series can have.
 */
export async function addToSeries(
  _id: Types.ObjectId,
  latest: LiveSession,
  starts: readonly Date[],
  { seats, by }: { seats: number; by: By },
): Promise<void> {
  const series = latest.series!
  await finishSeries(series)
  if (await LiveSessions.exists({ _id: sessionIdOf(_id, 0) })) return
  const all = await LiveSessions.find({ series }, { part: 1 })
  if (all.length + starts.length > sessionCaps.series) {
    throw new HttpError(422, 'studio:sessions.errors.tooMany', { maximum: sessionCaps.series - all.length })
  }
  const lastPart = Math.max(0, ...all.map(({ part }) => part ?? 0))
  const length = latest.endsAt.getTime() - latest.startsAt.getTime()
  const plan: Plan = {
    ...{ by, seats, shared: contentOf(latest), isNews: true },
    each: starts.map((startsAt, n) => ({
      ...{ session: sessionIdOf(_id, n), base: null, startsAt, endsAt: later(startsAt, length) },
      part: latest.part === null ? null : lastPart + n + 1,
    })),
  }
  await setPlan(series, plan)
  await finishSeries(series)
  const detail = { sessions: starts.length }
  if (by) await audit({ actor: by, action: 'session_series.extended', subject: latest.slug, detail })
}

const sessionIdOf = (series: Types.ObjectId, n: number) =>
  new Types.ObjectId(createHash('sha256').update(`${series}:${n}`).digest('hex').slice(0, 24))

async function freeSeriesSlug(title: string): Promise<string> {
  const base = slugOf(title) || 'series'
  const near = await SessionSeries.find({ slug: { $gte: base, $lt: `${base}.` } }, { slug: 1 })
  const taken = new Set(near.map(({ slug }) => slug))
  return freeSlug(title, 'series', slug => taken.has(slug))
}

/**
 * Saves a session of a series, and gives those that follow what has changed in it: each stays on its own day, or moves
 * by as many days, and gets the new hour on the clocks of the host's time zone.
 *
 * @returns how many sessions follow.
 * @throws 409 when someone else has saved it since, 422 for fewer seats than are taken in it.
 */
export async function changeFollowing(
  session: LiveSession,
  content: SessionContent,
  { base, seats, by }: { base: number; seats: number; by: By },
): Promise<number> {
  if (session.series) await finishSeries(session.series)
  const before = await LiveSessions.findById(session._id)
  if (!before?.series || before.changes !== base || before.state === 'cancelled') {
    throw conflict('studio:sessions.errors.changed')
  }
  await requireSeats(before._id, seats)
  const following = await followingOf(before)
  const changed = changedFields(before, content)
  const isMoved = (['startsAt', 'endsAt', 'timeZone'] as const).some(name => changed.includes(name))
  const length = content.endsAt.getTime() - content.startsAt.getTime()
  const moved = {
    ...{ from: before.startsAt, to: content.startsAt },
    ...{ fromZone: before.timeZone, toZone: content.timeZone },
  }
  const shared = Object.fromEntries(
    changed.filter(name => name !== 'startsAt' && name !== 'endsAt').map(name => [name, content[name]]),
  )
  const timesOf = (each: LiveSession) => {
    if (!isMoved) return { startsAt: each.startsAt, endsAt: each.endsAt }
    const startsAt = movedAlong(each.startsAt, moved)
    return { startsAt, endsAt: later(startsAt, length) }
  }
  const own = { startsAt: content.startsAt, endsAt: content.endsAt }
  const plan: Plan = {
    ...{ by, seats, shared, isNews: false },
    each: [before, ...following].map(each => ({
      ...{ session: each._id, base: each.changes, part: each.part },
      ...(each === before ? own : timesOf(each)),
    })),
  }
  await setPlan(before.series, plan)
  await finishSeries(before.series)
  return following.length
}

/** Throws 409 while something else is being written to its sessions. */
async function setPlan(_id: Types.ObjectId, plan: Plan): Promise<void> {
  const { matchedCount } = await SessionSeries.updateOne(
    { _id, plan: null },
    { $set: { plan, dueAt: later(now(), grace), attempts: 0, failedAt: null } },
  )
  if (!matchedCount) throw conflict('studio:sessions.errors.changed')
}

/** Returns the sessions of a series after one of them that can still be changed, the next one first. */
export async function followingOf({ series, startsAt }: LiveSession): Promise<LiveSession[]> {
  if (!series) return []
  const later = await LiveSessions.find({ series, startsAt: { $gt: startsAt } }).sort({ startsAt: 1 })
  return later.filter(({ state, endsAt }) => state !== 'cancelled' && endsAt > now())
}

/**
 * Writes what was planned for the sessions of a series. A session that someone has changed or cancelled since keeps
 * that, and one with more seats taken than there would be keeps its seats and all the rest.
 */
export async function finishSeries(_id: Types.ObjectId): Promise<void> {
  const series = await SessionSeries.findById(_id)
  if (!series?.plan) return
  const { plan } = series
  const { by, seats } = plan
  for (const { session: id, base, part, startsAt, endsAt } of plan.each) {
    const times = { startsAt, endsAt }
    if (base === null) {
      const content = { ...(plan.shared as SessionContent), ...times }
      await createSession(id, content, { ...{ seats, by, part }, series: _id, isNews: plan.isNews })
      continue
    }
    const current = await LiveSessions.findById(id)
    if (!current) continue
    const taken = (await SessionSeats.findById(id, { taken: 1 }))?.taken ?? 0
    const own = Math.max(seats, taken)
    const content = { ...contentOf(current), ...plan.shared, ...times }
    if (current.changes === base) await unlessRefused(changeSession(id, content, { base, seats: own, by }))
    // The seats come last, and may be what an interruption has left.
    else if (current.changes === base + 1) await unlessRefused(saveSeats(current, own))
  }
  await SessionSeries.updateOne({ _id, plan: { $ne: null } }, { $set: { plan: null } })
}

async function unlessRefused(changing: Promise<unknown>): Promise<void> {
  try {
    await changing
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
  }
}

/** Saves what a series is called, and what its certificate needs. */
export async function changeSeries(
  { _id, slug }: SessionSeries,
  fields: Pick<SessionSeries, 'title' | 'certificate' | 'required'>,
  by: Types.ObjectId,
): Promise<void> {
  await SessionSeries.updateOne({ _id }, { $set: fields })
  await audit({ actor: by, action: 'session_series.changed', subject: slug })
}
