import type { Types } from 'mongoose'
import { People } from '../people/person'
import { now } from '../platform/clock'
import { absent } from './attendance'
import { readAttendanceFile, type AttendanceFile, type MeetingStay } from './attendance-file'
import { SessionBookings } from './booking'
import { LiveSessions, type LiveSession } from './live-session'
import { attendedSeconds, matchAttendance } from './match-attendance'

type ImportedAttendance = {
  files: AttendanceFile[]
  /** How many who booked were there. */
  attended: number
  /** Names and addresses in the files that belong to nobody who booked, each once, as the host sees them. */
  unmatched: string[]
}

/**
 * Counts how long those who booked a session were in its meeting, from the files of a meeting service: one for each
 * time that the meeting was begun. The same files again change nothing.
 *
 * @param timeZone of the files' times, for those that don't say it; null when it isn't known.
 * @throws UnreadableAttendance, and nothing is counted.
 */
export async function importAttendance(
  session: LiveSession,
  files: readonly Buffer[],
  timeZone: string | null,
): Promise<ImportedAttendance> {
  const read = files.map(bytes => readAttendanceFile(bytes, session, timeZone))
  const counted = await countMeetingTime(
    session,
    read.flatMap(({ stays }) => stays),
  )
  return { files: read, ...counted }
}

/**
 * Notes with each booking how long its person was in the meeting. What is known already from another report stays when
 * it is more. Attendance that was counted before is counted again with it.
 */
export async function countMeetingTime(
  session: LiveSession,
  stays: readonly MeetingStay[],
): Promise<Pick<ImportedAttendance, 'attended' | 'unmatched'>> {
  const { matched, unmatched } = matchAttendance(stays, await bookedPeople(session._id))
  const present = [...matched]
    .map(([_id, own]) => ({ _id, seconds: attendedSeconds(own, session) }))
    .filter(({ seconds }) => seconds > 0)
  const ids = present.map(({ _id }) => _id)
  await SessionBookings.updateMany({ _id: { $in: ids }, presence: null }, { $set: { presence: absent } })
  await SessionBookings.updateEach(
    present.map(({ _id, seconds }) => ({
      filter: { _id },
      change: { $max: { 'presence.meetingSeconds': seconds } },
    })),
  )
  // Once it was counted, it is counted again.
  await LiveSessions.updateOne(
    { _id: session._id, state: 'published' },
    { $set: { recountAt: now(), dueAt: now(), attempts: 0, failedAt: null } },
  )
  const names = unmatched.map(({ name, email }) => (name && email ? `${name} (${email})` : name || email!))
  return { attended: present.length, unmatched: [...new Set(names)] }
}

/** Those who had a seat, by the ids of their bookings. */
async function bookedPeople(session: Types.ObjectId) {
  const bookings = await SessionBookings.find({ session, state: 'booked' }, { person: 1 })
  const people = await People.find(
    { _id: { $in: bookings.map(({ person }) => person) } },
    { name: 1, email: 1 },
  )
  const byId = new Map(people.map(person => [String(person._id), person]))
  return bookings.flatMap(({ _id, person }) => {
    const found = byId.get(String(person))
    return found ? [{ id: _id, name: found.name, email: found.email }] : []
  })
}
