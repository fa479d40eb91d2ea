import ical, {
  ICalAlarmType,
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
  type ICalCalendar,
} from 'ical-generator'

/** Someone whom a calendar names. */
type CalendarPerson = { name: string; email: string }

/** Something at a time, as a calendar shows it. All moments are written in UTC, so no time zone can shift them. */
export type CalendarEvent = {
  /** The same for ever: an invitation, its changes and its cancellation are about one event. */
  uid: string
  /** 0 for the first version; one more with every change of time or place, and with the cancellation. */
  sequence: number
  startsAt: Date
  endsAt: Date
  /** When this was written. */
  at: Date
  summary: string
  description: string
  /** A link or an address; may be empty. */
  place: string
  /** The event's page. */
  url?: string
  organizer: CalendarPerson
  isCancelled?: boolean
}

/**
 * Returns an invitation to an event, an update of one, or its cancellation, as a file for calendars (RFC 5545) with the
 * method of an email (RFC 5546). Who is invited has booked already, so nothing asks for an answer.
 *
 * @param attendee null when the recipient may not know who it is.
 */
export function invitationFile(
  event: CalendarEvent,
  attendee: CalendarPerson | null,
  method: 'REQUEST' | 'CANCEL',
): string {
  const file = emptyFile(ICalCalendarMethod[method])
  const added = addEvent(file, { ...event, isCancelled: method === 'CANCEL' })
  if (attendee) {
    added.createAttendee({
      ...personIn(attendee),
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.ACCEPTED,
      rsvp: false,
    })
  }
  return textOf(file)
}

export type CalendarFeed = {
  /** What calendars call the feed; may be empty, for a file that is downloaded once. */
  name: string
  /** How long before each event a calendar reminds of it, in milliseconds. */
  remindBefore?: readonly number[]
  /** After how long a calendar should read the feed again, in milliseconds. */
  refreshAfter?: number
}

/**
 * Returns events as one file that calendars add or subscribe to: a series, or a feed. It names nobody but the
 * organizers.
 */
export function calendarFeed(
  events: readonly CalendarEvent[],
  { name, remindBefore = [], refreshAfter }: CalendarFeed,
): string {
  const file = emptyFile(ICalCalendarMethod.PUBLISH)
  // The library writes the name as it is.
  if (name) file.name(oneLine(name).replace(/[\\;,]/g, '\\$&'))
  if (refreshAfter) file.ttl(refreshAfter / 1000)
  for (const event of events) {
    const added = addEvent(file, event)
    if (event.isCancelled) continue
    for (const before of remindBefore) {
      added.createAlarm({ type: ICalAlarmType.display, trigger: before / 1000 })
    }
  }
  return textOf(file)
}

function emptyFile(method: ICalCalendarMethod): ICalCalendar {
  return ical({ prodId: { company: 'Academy', product: 'Calendar', language: 'EN' }, method })
}

function addEvent(file: ICalCalendar, event: CalendarEvent) {
  const { uid, sequence, startsAt, endsAt, at, place, url, organizer, isCancelled } = event
  return file.createEvent({
    id: oneLine(uid),
    sequence,
    stamp: at,
    start: startsAt,
    end: endsAt,
    summary: oneLine(event.summary),
    description: manyLines(event.description) || null,
    location: place ? { title: manyLines(place) } : null,
    url: url ? addressIn(url) : null,
    organizer: personIn(organizer),
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
  })
}

/** The library leaves out the last line break, which some calendars miss. */
function textOf(file: ICalCalendar): string {
  return `${file.toString()}\r\n`
}

/** Some calendars take any control character for the end of a line, which would begin a property of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

/** Text whose only control characters are line breaks; the library writes those as `\n`. */
function manyLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(oneLine)
    .join('\n')
}

/**
 * The value of a parameter can't have quotation marks in any form, and a backslash means nothing in it. The library
 * refuses an empty name, which a new academy has.
 */
function personIn({ name, email }: CalendarPerson): CalendarPerson {
  const shown = oneLine(name).replaceAll('"', "'").replaceAll('\\', '/').trim()
  return { name: shown || oneLine(email), email: oneLine(email) }
}

/** A URL isn't text, in which commas and semicolons would be escaped: the library does so, so they are encoded. */
function addressIn(url: string): string {
  return oneLine(url).replaceAll('\\', '/').replaceAll(',', '%2C').replaceAll(';', '%3B')
}
