import type { Event } from '../events/event'
import { certifyAttendance } from '../learning/certify-attendance'
import { bookingId, SessionBookings } from '../sessions/booking'
import { LiveSessions, SessionSeries, type LiveSession } from '../sessions/live-session'

/**
 * Reaction to `session.attended`: issues the certificate of the session, and that of its series once enough of its
 * parts were attended. What the session and the series say at that moment counts.
 */
export async function certifyAttended({ person, data }: Event<'session.attended'>): Promise<void> {
  const session = await LiveSessions.findById(data.session)
  if (!session) return
  if (session.certificate) {
    await certifyAttendance({
      ...{ person, subject: session._id, slug: session.slug, title: session.title, minutes: data.minutes },
      attended: { of: 'session', sessions: 1, topic: session.topic, language: session.language },
      signedBy: signerOf(session),
      issuedAt: session.endsAt,
    })
  }
  const series = session.series && (await SessionSeries.findById(session.series))
  if (!series?.certificate || series.kind !== 'parts') return
  const parts = await LiveSessions.find({ series: series._id, state: 'published' }).sort({ startsAt: 1 })
  const attended = await attendedOf(parts, { person, data })
  if (!attended.length || attended.length < (series.required ?? parts.length)) return
  await certifyAttendance({
    ...{ person, subject: series._id, slug: series.slug, title: series.title },
    minutes: attended.reduce((sum, { minutes }) => sum + minutes, 0),
    attended: {
      of: 'series',
      sessions: attended.length,
      topic: session.topic,
      language: session.language,
    },
    signedBy: signerOf(session),
    issuedAt: attended.at(-1)!.part.endsAt,
  })
}

/** Returns the parts that someone attended, in order. The event comes before its booking says so. */
async function attendedOf(
  parts: readonly LiveSession[],
  { person, data }: Pick<Event<'session.attended'>, 'person' | 'data'>,
): Promise<{ part: LiveSession; minutes: number }[]> {
  const bookings = await SessionBookings.find({
    _id: { $in: parts.map(({ _id }) => bookingId(_id, person)) },
  })
  return parts.flatMap(part => {
    if (String(part._id) === data.session) return [{ part, minutes: data.minutes }]
    const booking = bookings.find(({ session }) => session.equals(part._id))
    return booking?.outcome === 'attended' ? [{ part, minutes: booking.minutes ?? 0 }] : []
  })
}

/** Who hosted it signs. */
function signerOf({ hosts }: LiveSession): { name: string; role: string } | null {
  const host = hosts.find(({ isPanel }) => !isPanel)
  return host ? { name: host.name, role: host.role } : null
}
