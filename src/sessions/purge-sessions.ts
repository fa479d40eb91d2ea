import { days, later, now } from '../platform/clock'
import { SessionBookings } from './booking'
import { LiveSessions } from './live-session'
import { PollVotes } from './poll'
import { SessionSeats } from './seats'
import { SessionQuestions } from './session-question'

/** As long as other activity of learners is kept: 13 months. */
const keptFor = days(396)

/**
 * Deletes who booked a session, what they answered and asked, how they voted and how long they were there, 13 months
 * after it. Certificates stay, and the session's page.
 */
export async function purgeOldSessions(): Promise<void> {
  const before = later(now(), -keptFor)
  const old = await LiveSessions.find({ startsAt: { $lt: before }, endsAt: { $lt: before }, purgedAt: null })
  for (const { _id } of old) {
    await SessionBookings.deleteMany({ session: _id })
    await PollVotes.deleteMany({ session: _id })
    await SessionQuestions.deleteMany({ session: _id })
    await SessionSeats.updateOne({ _id }, { $set: { holders: [], waiting: [] } })
    await LiveSessions.updateOne({ _id }, { $set: { purgedAt: now() } })
  }
}
