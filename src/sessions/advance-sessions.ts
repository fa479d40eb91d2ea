import { audit } from '../events/audit'
import { hours, later, minutes, now } from '../platform/clock'
import { completeUnlessDue, doubling, wakeWorker, work, type Consumer } from '../platform/queue'
import { reconcileBookings } from './book-seat'
import { activeStates, nextReminder, remindedBy, SessionBookings, type SessionBooking } from './booking'
import { LiveSessions, type LiveSession, type TimeAndPlace } from './live-session'
import { materialsFor } from './materials'
import { isAsAnnounced, nextStep, timeAndPlaceOf, type SessionStep } from './next-step'
import { SessionSeats, setSeatsOpen } from './seats'
import { noteAdded } from './series-news'
import { arrangeMeeting } from './session-meeting'

/** What people are told about a session, some at a time. Each may run twice and tells them once. */
export type SessionNotices = {
  /** @param before what they were told before; null when that isn't known. */
  changed: (bookings: SessionBooking[], session: LiveSession, before: TimeAndPlace | null) => Promise<void>
  /** Tells its hosts; people who have booked are told by the event of their booking. */
  cancelled: (session: LiveSession) => Promise<void>
  materials: (bookings: SessionBooking[], session: LiveSession) => Promise<void>
}

/** Bookings that are handled before the work is saved, so that a crash repeats few. */
const pageSize = 200

/**
 * Does what is due about a session, one step at a time: tells about changes, cancels it when too few have booked,
 * counts attendance after its end, and sends materials. 20 attempts take 14 hours.
 *
 * @param count counts who came; may run twice.
 */
export function advanceSessions(
  notices: SessionNotices,
  count: (session: LiveSession) => Promise<unknown>,
): Consumer {
  const steps: Record<SessionStep, (session: LiveSession) => Promise<Partial<LiveSession>>> = {
    tell: session => tell(session, notices),
    minimum: requireMinimum,
    finish: async session => {
      await setSeatsOpen(session._id, false)
      await count(session)
      return { finishedAt: now() }
    },
    recount: async session => {
      const { _id, recountAt } = session
      await count(session)
      // More may have become known meanwhile.
      await LiveSessions.updateOne({ _id, recountAt }, { $set: { recountAt: null } })
      return { dueAt: nextStep({ ...session, recountAt: null })?.dueAt ?? null }
    },
    materials: session => deliverMaterials(session, notices),
  }
  return work(
    LiveSessions,
    { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20, atOnce: 2 },
    async session => {
      const next = nextStep(session)
      const done = next && next.dueAt <= now() ? await steps[next.step](session) : {}
      const dueAt = nextStep({ ...session, ...done })?.dueAt ?? null
      // A host may change it again at any moment.
      return completeUnlessDue(LiveSessions, session, { dueAt, ...done })
    },
  )
}

/**
 * Has the materials sent to those who attended and those who didn't, with words for each, once.
 *
 * @returns false when they have been already.
 */
export async function sendMaterials(
  session: Pick<LiveSession, '_id'>,
  messages: NonNullable<LiveSession['messages']>,
): Promise<boolean> {
  const moment = now()
  const { matchedCount } = await LiveSessions.updateOne(
    { _id: session._id, state: 'published', endsAt: { $lte: moment }, materialsDueAt: null },
    { $set: { messages, materialsDueAt: moment, dueAt: moment, attempts: 0, failedAt: null } },
  )
  if (matchedCount) wakeWorker.emit('due', LiveSessions.queue)
  return matchedCount > 0
}

async function tell(session: LiveSession, notices: SessionNotices): Promise<Partial<LiveSession>> {
  const { _id, sequence, notifiedSequence, notice, told, movedAt } = session
  const allTold = {
    notifiedSequence: sequence,
    told: timeAndPlaceOf(session),
    notice: null,
    movedAt: null,
    ...minimumOf(session),
  }
  if (session.state === 'cancelled') {
    const cancelled = { _id, state: 'cancelled' as const, sequence }
    const { matchedCount } = await LiveSessions.updateOne(cancelled, { $set: { undoUntil: null } })
    // Taken back at the last moment.
    if (!matchedCount) return {}
    await setSeatsOpen(_id, false)
    if (session.meetingService) await arrangeMeeting(_id)
    await notices.cancelled(session)
    await reconcileBookings(session)
    return allTold
  }
  if (sequence === notifiedSequence) {
    await noteAdded(session)
    return allTold
  }
  if (notice?.sequence !== sequence) return { notice: { sequence, seenAt: now(), after: '' } }
  // Put back to what it was, or corrected afterwards.
  const isPutBack = isAsAnnounced(session)
  if (isPutBack || session.endsAt <= now()) {
    // What was put off for the other time is due at this one.
    await SessionBookings.updateMany({ session: _id, state: 'booked' }, { $set: { dueAt: now() } })
    if (session.endsAt <= now() || !movedAt) return allTold
  }
  const bookings = await SessionBookings.find({
    session: _id,
    _id: { $gt: notice.after },
    state: { $in: [...activeStates] },
    // People who booked later know it. Of one that was put back, only those know another time who booked in between.
    bookedAt: { $lte: notice.seenAt, ...(isPutBack && movedAt && { $gte: movedAt }) },
  })
    .sort({ _id: 1 })
    .limit(pageSize)
  await notices.changed(bookings, session, isPutBack ? null : told)
  await remindAnew(bookings, session)
  return bookings.length < pageSize ? allTold : { notice: { ...notice, after: bookings.at(-1)!._id } }
}

/** Reminders are of the new time, except those whose time has passed: this told them. */
async function remindAnew(bookings: SessionBooking[], { startsAt }: LiveSession): Promise<void> {
  const moment = now()
  for (const booking of bookings.filter(({ state }) => state === 'booked')) {
    const { _id, number } = booking
    const told = remindedBy(startsAt, moment)
    const dueAt = nextReminder({ ...booking, ...told }, startsAt, moment)?.dueAt ?? null
    await SessionBookings.updateOne(
      { _id, number, state: 'booked' },
      { $set: { ...told, dueAt, attempts: 0 } },
    )
  }
}

async function requireMinimum(session: LiveSession): Promise<Partial<LiveSession>> {
  const { _id, startsAt, minimum, changes } = session
  const seats = await SessionSeats.findById(_id)
  const booked = seats?.holders.filter(({ kind }) => kind === 'booked').length ?? 0
  if (!minimum || booked >= minimum.seats || startsAt <= now()) return { minimumMetFor: startsAt }
  const { matchedCount } = await LiveSessions.updateOne(
    { _id, state: 'published', startsAt, changes },
    {
      $set: { state: 'cancelled', cancelledAt: now(), cancellation: { because: 'minimum', text: '' } },
      $inc: { sequence: 1, changes: 1 },
    },
  )
  if (matchedCount) {
    const detail = { booked, minimum: minimum.seats }
    await audit({ actor: null, action: 'session.cancelled', subject: session.slug, detail })
  }
  return { dueAt: now() }
}

async function deliverMaterials(
  session: LiveSession,
  notices: SessionNotices,
): Promise<Partial<LiveSession>> {
  const bookings = await SessionBookings.find({
    _id: { $gt: session.materialsAfter },
    $or: [materialsFor(session, 'attended'), materialsFor(session, 'missed')],
    session: session._id,
  })
    .sort({ _id: 1 })
    .limit(pageSize)
  await notices.materials(bookings, session)
  return bookings.length < pageSize ? { materialsSentAt: now() } : { materialsAfter: bookings.at(-1)!._id }
}

/** Nobody could book in time for a minimum that was over when the start was set: it isn't asked for. */
function minimumOf({ minimum, startsAt, told }: LiveSession): Partial<LiveSession> {
  const isNew = told?.startsAt.getTime() !== startsAt.getTime()
  const isOver = minimum && later(startsAt, -hours(minimum.hours)) <= now()
  return isNew && isOver ? { minimumMetFor: startsAt } : {}
}
