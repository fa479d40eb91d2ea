import { Types } from 'mongoose'
import { freeSlug, slugOf } from '../courses/slug'
import { audit } from '../events/audit'
import type { Event } from '../events/event'
import { hours, later, minutes, now, seconds } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { offerSeats } from './book-seat'
import { SessionBookings } from './booking'
import { LiveSessions, SessionSeries, type LiveSession } from './live-session'
import { PollVotes, SessionPolls } from './poll'
import { weeksLater } from './repetition'
import { changeCapacity, createSeats, extendOffers, SessionSeats, setSeatsOpen } from './seats'
import { SessionQuestions } from './session-question'
import { arrangeMeeting } from './session-meeting'
import { publishedSessions } from './shown-sessions'

/** What the form of a session edits. */
const contentFields = [
  ...(['course', 'topic', 'visibility', 'companies', 'excludedCompanies', 'title', 'summary'] as const),
  ...(['description', 'language', 'startsAt', 'endsAt', 'timeZone', 'kind', 'joinUrl', 'place'] as const),
  ...([
    'meetingService',
    'hosts',
    'agenda',
    'questions',
    'price',
    'refundHours',
    'minimum',
    'claimHours',
  ] as const),
  ...(['isRecorded', 'hasCaptions', 'certificate', 'attendedFrom'] as const),
] as const satisfies (keyof LiveSession)[]
export type SessionContent = Pick<LiveSession, (typeof contentFields)[number]>

/** Everyone who booked is told when one of these changes, and about nothing else. */
const toldFields = [
  'startsAt',
  'endsAt',
  'timeZone',
  'kind',
  'place',
] as const satisfies (keyof SessionContent)[]

/** Pages of the academy below `/sessions` that aren't sessions. */
const reservedSlugs = ['proposals', 'calendar', 'series']

/** How long a request may take before the worker does what it left. */
const grace = seconds(10)

type By = Types.ObjectId | null

export const defaultSeats = 20

/** Returns what the form of a session edits, without the rest of the record. */
export function contentOf(session: SessionContent): SessionContent {
  return Object.fromEntries(contentFields.map(name => [name, session[name]])) as SessionContent
}

/** Returns the fields of which two contents differ. */
export function changedFields(before: SessionContent, after: SessionContent): (keyof SessionContent)[] {
  return contentFields.filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

/**
 * Creates a draft with its seats, once for an id.
 *
 * @returns the session, which an earlier call may have created.
 */
export async function createSession(
  _id: Types.ObjectId,
  content: SessionContent,
  {
    seats,
    by,
    series = null,
    part = null,
    isNews = false,
  }: { seats: number; by: By; series?: Types.ObjectId | null; part?: number | null; isNews?: boolean },
): Promise<LiveSession> {
  for (;;) {
    const known = await LiveSessions.findById(_id)
    if (known) {
      // Again, for one whose process died before it had seats.
      await createSeats(_id, seats)
      return known
    }
    const slug = await freeSessionSlug(content.title)
    const made = { _id, slug, state: 'draft' as const, series, part, isNews, createdAt: now(), createdBy: by }
    // Someone may take the slug first.
    if (!(await LiveSessions.insertOnce({ ...withOwnLink(content, null), ...made }))) continue
    await createSeats(_id, seats)
    const detail = { title: content.title }
    if (by) await audit({ actor: by, action: 'session.created', subject: slug, detail })
  }
}

async function freeSessionSlug(title: string): Promise<string> {
  const base = slugOf(title) || 'session'
  // `.` comes after `-`: all that begin with the slug and a number.
  const near = await LiveSessions.find({ slug: { $gte: base, $lt: `${base}.` } }, { slug: 1 })
  const taken = new Set([...reservedSlugs, ...near.map(({ slug }) => slug)])
  return freeSlug(title, 'session', slug => taken.has(slug))
}

/**
 * Saves what the form says. Those who booked are told when the time or the place has changed, which the record is due
 * for.
 *
 * @param base the number of changes that the form was made from.
 * @returns the session afterwards.
 * @throws 409 when someone else has saved since, or the session was cancelled; 422 for fewer seats than are taken.
 */
export async function changeSession(
  _id: Types.ObjectId,
  content: SessionContent,
  { base, seats, by }: { base: number; seats: number; by: By },
): Promise<LiveSession> {
  const before = await LiveSessions.findById(_id)
  if (!before || before.changes !== base || before.state === 'cancelled') throw changedSince()
  await requireSeats(_id, seats)
  const changed = changedFields(before, content)
  const isPublished = before.state === 'published'
  if (isPublished && (content.meetingService || before.meetingService)) await arrangeMeeting(_id)
  const isTold = isPublished && toldFields.some(name => changed.includes(name))
  // What is next for it depends on these, so that the worker looks at it again.
  const isDue = isTold || (isPublished && (changed.includes('minimum') || changed.includes('meetingService')))
  const moment = now()
  const session = await LiveSessions.findOneAndUpdate(
    { _id, changes: base, state: before.state },
    {
      $set: {
        ...withOwnLink(content, before),
        ...(isDue && { dueAt: moment, attempts: 0, failedAt: null }),
        ...(isTold && { movedAt: before.movedAt ?? moment }),
      },
      $inc: { changes: 1, ...(isTold && { sequence: 1 }) },
    },
    { returnDocument: 'after' },
  )
  if (!session) throw changedSince()
  publishedSessions.forget()
  await saveSeats(session, seats)
  if (by) await audit({ actor: by, action: 'session.changed', subject: session.slug, detail: { changed } })
  return session
}

/** Returns what is written: the link to a meeting that a service creates is the service's. */
function withOwnLink(
  { joinUrl, ...content }: SessionContent,
  before: LiveSession | null,
): Omit<SessionContent, 'joinUrl'> & { joinUrl?: string } {
  if (!content.meetingService) return { ...content, joinUrl }
  return content.meetingService === before?.meetingService ? content : { ...content, joinUrl: '' }
}

const changedSince = () => conflict('studio:sessions.errors.changed')

/** Throws 422 when more seats are taken. */
export async function requireSeats(session: Types.ObjectId, seats: number): Promise<void> {
  const taken = (await SessionSeats.findById(session))?.taken ?? 0
  if (taken > seats) throw new HttpError(422, 'studio:sessions.errors.fewerSeats', { count: taken })
}

/**
 * Changes the number of seats. New ones are offered to those who wait: by the worker, if this process doesn't live to.
 *
 * @throws 422 when more are taken.
 */
export async function saveSeats(session: LiveSession, seats: number): Promise<void> {
  const { _id } = session
  const before = await SessionSeats.findById(_id)
  if (!before) await createSeats(_id, seats)
  if (!before || before.capacity === seats) return
  const due = { dueAt: later(now(), grace), attempts: 0, failedAt: null }
  if (before.waitingCount) await SessionBookings.updateOne({ session: _id, state: 'waiting' }, { $set: due })
  if (!(await changeCapacity(_id, seats))) await requireSeats(_id, seats)
  if (session.state === 'published') await offerSeats(session)
}

/** What keeps a session from being published. */
const sessionProblems = ['past', 'hosts', 'joinUrl', 'place'] as const
export type SessionProblem = (typeof sessionProblems)[number]

/** Returns what a session needs before it can be published. */
export function problemsOf(
  session: Pick<LiveSession, 'startsAt' | 'hosts' | 'kind' | 'joinUrl' | 'meetingService' | 'place'>,
  moment: Date = now(),
): SessionProblem[] {
  const { startsAt, hosts, kind, joinUrl, meetingService, place } = session
  const found: Record<SessionProblem, boolean> = {
    past: startsAt <= moment,
    hosts: !hosts.some(each => !each.isPanel),
    joinUrl: kind === 'online' && !joinUrl && !meetingService,
    place: kind === 'room' && !place?.address,
  }
  return sessionProblems.filter(problem => found[problem])
}

/**
 * Opens a draft for bookings. Publishing it again changes nothing.
 *
 * @throws 422 when something is missing, 409 for a cancelled session.
 */
export async function publishSession(session: LiveSession, by: By): Promise<void> {
  const { _id, slug, state } = session
  if (state === 'cancelled') throw changedSince()
  if (state === 'published') return
  const [problem] = problemsOf(session)
  if (problem) throw new HttpError(422, `studio:sessions.problems.${problem}`)
  await createSeats(_id, defaultSeats)
  await setSeatsOpen(_id, true)
  if (session.meetingService) await arrangeMeeting(_id)
  const { matchedCount } = await LiveSessions.updateOne(
    { _id, state: 'draft', changes: session.changes },
    { $set: { state: 'published', dueAt: now(), attempts: 0, failedAt: null }, $inc: { changes: 1 } },
  )
  if (!matchedCount) throw changedSince()
  publishedSessions.forget()
  if (by) await audit({ actor: by, action: 'session.published', subject: slug })
}

/**
 * Takes a session back that nobody has booked: it is a draft again.
 *
 * @throws 409 when someone has booked it; it can be cancelled then.
 */
export async function withdrawSession({ _id, slug, meetingService }: LiveSession, by: By): Promise<void> {
  // Closed first, so that nobody books in between.
  const { matchedCount } = await SessionSeats.updateOne(
    { _id, taken: 0, waitingCount: 0 },
    { $set: { isOpen: false } },
  )
  if (!matchedCount || (await SessionBookings.exists({ session: _id }))) {
    if (matchedCount) await setSeatsOpen(_id, true)
    throw conflict('studio:sessions.errors.booked')
  }
  if (meetingService) await arrangeMeeting(_id)
  await LiveSessions.updateOne(
    { _id, state: 'published' },
    { $set: { state: 'draft', dueAt: null }, $inc: { changes: 1 } },
  )
  publishedSessions.forget()
  if (by) await audit({ actor: by, action: 'session.withdrawn', subject: slug })
}

/** How long a cancellation can be undone, and how close to the start it goes out at once instead. */
export const [undoWindow, toldAtOnceWithin] = [minutes(5), hours(1)]

/**
 * Cancels a published session. A few minutes later, or at once in the last hour before it, the worker tells everyone
 * who has a seat or waits, and settles their bookings. Cancelling it again changes nothing.
 *
 * @param text why, in the host's words; may be empty.
 * @param moment the same for sessions that are cancelled together, which are also restored together.
 * @throws 409 for one that is over, or a draft.
 */
export async function cancelSession(
  { _id, slug, startsAt }: LiveSession,
  text: string,
  by: By,
  moment: Date = now(),
): Promise<void> {
  const undoUntil = startsAt > later(moment, toldAtOnceWithin) ? later(moment, undoWindow) : null
  // Nobody can claim a seat while it can be undone, and has as long again afterwards.
  if (undoUntil) await extendOffers(_id, later(undoUntil, undoWindow))
  const { matchedCount } = await LiveSessions.updateOne(
    { _id, state: 'published', endsAt: { $gt: moment } },
    {
      $set: {
        ...{ state: 'cancelled', cancelledAt: moment, cancellation: { because: 'host', text } },
        ...{ undoUntil, dueAt: undoUntil ?? moment, attempts: 0, failedAt: null },
      },
      $inc: { sequence: 1, changes: 1 },
    },
  )
  if (!matchedCount && !(await LiveSessions.exists({ _id, state: 'cancelled' }))) {
    throw conflict('studio:sessions.errors.over')
  }
  publishedSessions.forget()
  await setSeatsOpen(_id, false)
  if (by && matchedCount)
    await audit({ actor: by, action: 'session.cancelled', subject: slug, detail: { text } })
}

/**
 * Takes a cancellation back that nobody has been told about, with those of its series that were cancelled together with
 * it. Everyone keeps their seat.
 *
 * @returns how many sessions take place again.
 * @throws 409 once people have been told.
 */
export async function restoreSession({ _id, series, cancelledAt }: LiveSession, by: By): Promise<number> {
  const together = series ? { series, cancelledAt, state: 'cancelled' as const } : { _id }
  let restored = 0
  for (const session of await LiveSessions.find(together)) restored += Number(await restoreOne(session, by))
  if (!restored) throw conflict('studio:sessions.errors.told')
  return restored
}

async function restoreOne({ _id, slug, meetingService }: LiveSession, by: By): Promise<boolean> {
  // Before its state, so that no session takes place without seats; a cancelled one can't be booked.
  await setSeatsOpen(_id, true)
  if (meetingService) await arrangeMeeting(_id)
  const moment = now()
  const session = await LiveSessions.findOneAndUpdate(
    { _id, state: 'cancelled', undoUntil: { $gt: moment } },
    {
      $set: {
        ...{ state: 'published', cancelledAt: null, cancellation: null, undoUntil: null },
        ...{ dueAt: moment, attempts: 0, failedAt: null },
      },
      $inc: { sequence: 1, changes: 1 },
    },
    { returnDocument: 'after' },
  )
  if (!session) {
    const current = await LiveSessions.findById(_id, { state: 1 })
    if (current?.state === 'cancelled') await setSeatsOpen(_id, false)
    return false
  }
  publishedSessions.forget()
  await offerSeats(session)
  if (by) await audit({ actor: by, action: 'session.restored', subject: slug })
  return true
}

/** Removes a draft. Throws 409 for a session that people have seen. */
export async function removeSessionDraft({ _id, slug }: LiveSession, by: By): Promise<void> {
  const { deletedCount } = await LiveSessions.deleteOne({ _id, state: 'draft' })
  if (!deletedCount) throw conflict('studio:sessions.errors.seen')
  await SessionSeats.deleteOne({ _id })
  await Promise.all(
    [SessionQuestions, SessionPolls, PollVotes].map(each => each.deleteMany({ session: _id })),
  )
  if (by) await audit({ actor: by, action: 'session.removed', subject: slug })
}

/** Creates a draft of the same session, once for an id: at the same hour, in the first week that is ahead. */
export async function duplicateSession(
  session: LiveSession,
  _id: Types.ObjectId,
  by: By,
): Promise<LiveSession> {
  const content = contentOf(session)
  const moment = now()
  let weeks = 1
  while (weeksLater(session.startsAt, weeks, session.timeZone) <= moment) weeks++
  const startsAt = weeksLater(session.startsAt, weeks, session.timeZone)
  const endsAt = later(startsAt, session.endsAt.getTime() - session.startsAt.getTime())
  const seats = (await SessionSeats.findById(session._id, { capacity: 1 }))?.capacity ?? defaultSeats
  return createSession(_id, { ...content, startsAt, endsAt }, { seats, by })
}

/** Reaction to `person.erased`: takes their name off the sessions that they hosted, which keep their other hosts. */
export async function removeErasedHost({ person }: Pick<Event, 'person'>): Promise<void> {
  // First, so that no session gets it back from what is still to be written.
  await SessionSeries.updateMany(
    { 'plan.shared.hosts.person': person },
    { $pull: { 'plan.shared.hosts': { person } } },
  )
  await LiveSessions.updateMany(
    { 'hosts.person': person },
    { $pull: { hosts: { person } }, $inc: { changes: 1 } },
  )
  publishedSessions.forget()
}
