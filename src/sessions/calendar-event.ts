import type { ShownBrand } from '../brand/brand'
import type { CalendarEvent } from '../mail/calendar'
import { config } from '../platform/config'
import { now } from '../platform/clock'
import type { LiveSession } from './live-session'

/**
 * Returns a session as calendars show it: in files, feeds and invitations it is the same event for ever. Its place is
 * the room, or its page at the brand: the address of the meeting is in no calendar.
 */
export function calendarEventOf(
  session: LiveSession,
  { baseUrl, content }: Pick<ShownBrand, 'baseUrl' | 'content'>,
): CalendarEvent {
  const url = `${baseUrl}/sessions/${session.slug}`
  const { startsAt, endsAt, sequence } = session
  return {
    // Without the academy's address, which may change.
    uid: `session-${session._id}`,
    ...{ sequence, startsAt, endsAt, url },
    at: now(),
    summary: session.title,
    description: [session.summary, url].filter(Boolean).join('\n\n'),
    place: session.kind === 'room' ? roomText(session) : url,
    organizer: { name: content.academyName, email: content.senderAddress || academyAddress() },
    isCancelled: session.state === 'cancelled',
  }
}

/** The name and address of a room; empty for a session online. */
export function roomText({ place }: Pick<LiveSession, 'place'>): string {
  return place ? [place.name, place.address].filter(Boolean).join(', ') : ''
}

/** The address that emails come from, without its name. */
const academyAddress = () => /<([^>]+)>/.exec(config.mailFrom)?.[1] ?? config.mailFrom.trim()
