/** A meeting as a calendar shows it. */
export type Meeting = {
  /** The same for an invitation and its cancellation. */
  uid: string
  startsAt: Date
  endsAt: Date
  /** When this was written. */
  at: Date
  summary: string
  description: string
  /** A link or a place; may be empty. */
  place: string
  organizer: { name: string; email: string }
  /** Null when the recipient may not know who it is. */
  attendee: { name: string; email: string } | null
}

/** Returns an invitation to a meeting, or its cancellation, as a file for calendars (RFC 5545). */
export function calendarText(meeting: Meeting, method: 'REQUEST' | 'CANCEL'): string {
  const isCancelled = method === 'CANCEL'
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Academy//Demos//EN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    `UID:${meeting.uid}`,
    `SEQUENCE:${isCancelled ? 1 : 0}`,
    `DTSTAMP:${utc(meeting.at)}`,
    `DTSTART:${utc(meeting.startsAt)}`,
    `DTEND:${utc(meeting.endsAt)}`,
    `SUMMARY:${escaped(meeting.summary)}`,
    ...(meeting.description ? [`DESCRIPTION:${escaped(meeting.description)}`] : []),
    ...(meeting.place ? [`LOCATION:${escaped(meeting.place)}`] : []),
    `ORGANIZER;CN=${quoted(meeting.organizer.name)}:mailto:${meeting.organizer.email}`,
    ...(meeting.attendee
      ? [`ATTENDEE;CN=${quoted(meeting.attendee.name)};ROLE=REQ-PARTICIPANT:mailto:${meeting.attendee.email}`]
      : []),
    `STATUS:${isCancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map(line => `${folded(line)}\r\n`).join('')
}

/** `20261201T100000Z` */
function utc(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** Some calendars take any control character for the end of a line, which would begin a property of its own. */
function escaped(text: string): string {
  return text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n?|\n/g, '\\n')
    .replace(/\p{Cc}/gu, ' ')
}

/** The value of a parameter can't have quotation marks or control characters in any form. */
function quoted(text: string): string {
  return `"${text.replace(/["\p{Cc}]/gu, ' ')}"`
}

/** A line has at most 75 bytes; what is longer goes on after a line break and a space. */
function folded(line: string): string {
  const parts: string[] = ['']
  for (const character of line) {
    const [last, space] = [parts.at(-1)!, parts.length > 1 ? 1 : 0]
    if (Buffer.byteLength(last + character) + space > 75) parts.push(character)
    else parts[parts.length - 1] = last + character
  }
  return parts.join('\r\n ')
}
