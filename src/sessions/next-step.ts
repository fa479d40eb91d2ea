import { isDeepStrictEqual } from 'node:util'
import { hours, later, minutes } from '../platform/clock'
import { overrunMinutes, type LiveSession, type TimeAndPlace } from './live-session'

/** What has to be done about a session, besides its bookings. */
export type SessionStep =
  /** Notes the time and place that people plan by, and tells them about a change or a cancellation. */
  | 'tell'
  /** Cancels it if too few have booked. */
  | 'minimum'
  /** Ends it and counts who came. */
  | 'finish'
  /** Counts again, because a file or a meeting service has said more. */
  | 'recount'
  /** Sends the materials, which a host has asked for. */
  | 'materials'

/** How long a change of time or place waits for another one, so that people are told once. */
const quiet = minutes(5)

/** Returns what is done next about a session, and when it is due; null when nothing is left. */
export function nextStep(session: LiveSession): { step: SessionStep; dueAt: Date } | null {
  const steps = Object.entries(dueTimes(session)).flatMap(([step, dueAt]) =>
    dueAt ? [{ step: step as SessionStep, dueAt }] : [],
  )
  return steps.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())[0] ?? null
}

function dueTimes(session: LiveSession): Partial<Record<SessionStep, Date | null>> {
  const { state, finishedAt, recountAt, materialsDueAt, materialsSentAt } = session
  if (state === 'draft') return {}
  const tell = tellAt(session)
  if (state === 'cancelled') return { tell }
  return {
    tell,
    minimum: minimumAt(session),
    finish: finishedAt ? null : finishAt(session),
    recount: finishedAt && recountAt,
    // Who gets which words is known once attendance was counted.
    materials: finishedAt && !materialsSentAt ? materialsDueAt : null,
  }
}

/** A change is noticed at once, and told when no other one has followed it, or at once in the last hour. */
function tellAt(session: LiveSession): Date | null {
  const { state, sequence, notifiedSequence, notice, startsAt, undoUntil } = session
  const atOnce = new Date(0)
  if (sequence === notifiedSequence) return isAsAnnounced(session) || state === 'cancelled' ? null : atOnce
  if (state === 'cancelled') return undoUntil ?? atOnce
  if (notice?.sequence !== sequence) return atOnce
  return later(notice.seenAt, later(startsAt, -hours(1)) > notice.seenAt ? quiet : 0)
}

/** A meeting service says who was there a while after the end: they aren't counted as absent before. */
function finishAt({ endsAt, meeting }: LiveSession): Date {
  return later(endsAt, minutes(meeting ? overrunMinutes + 15 : overrunMinutes))
}

function minimumAt({ minimum, minimumMetFor, startsAt, finishedAt }: LiveSession): Date | null {
  const isMet = minimumMetFor?.getTime() === startsAt.getTime()
  return minimum && !isMet && !finishedAt ? later(startsAt, -hours(minimum.hours)) : null
}

export function timeAndPlaceOf({ startsAt, endsAt, timeZone, kind, place }: TimeAndPlace): TimeAndPlace {
  return { startsAt, endsAt, timeZone, kind, place }
}

/** Whether people come at the time and to the place that they have been told. */
export function isAsAnnounced({ told, ...session }: TimeAndPlace & Pick<LiveSession, 'told'>): boolean {
  return told !== null && isDeepStrictEqual(timeAndPlaceOf(told), timeAndPlaceOf(session))
}
