import ICAL from 'ical.js'
import { convertIcsCalendar } from 'ts-ics'
import { calendarFeed, invitationFile, type CalendarEvent } from '../../src/mail/calendar'
import { days, hours, minutes } from '../../src/platform/clock'
import { instantOf } from '../../src/platform/zoned-time'

const event: CalendarEvent = {
  uid: 'session-1@learn.example',
  sequence: 0,
  startsAt: new Date('2026-12-01T15:00:00Z'),
  endsAt: new Date('2026-12-01T16:30:00Z'),
  at: new Date('2026-11-20T08:30:15Z'),
  summary: 'Sizing pumps; the basics, with C:\\drive',
  description: 'First line, with a comma\nSecond line; "quoted"',
  place: 'Room 4, Long Street 1; Brno',
  url: 'https://learn.example/sessions/sizing?seats=a,b;c',
  organizer: { name: 'Tarnwell "Academy"', email: 'academy@tarnwell.example' },
}
const ada = { name: 'Ada, Countess of Lovelace', email: 'ada@example.com' }

type Jcal = ConstructorParameters<typeof ICAL.Component>[0]

/** What ical.js reads in each event of a file. */
function readOnce(file: string) {
  const calendar = new ICAL.Component(ICAL.parse(file) as Jcal)
  const events = calendar.getAllSubcomponents('vevent').map(component => {
    const read = new ICAL.Event(component)
    const person = (name: string) => {
      const property = component.getFirstProperty(name)
      if (!property) return null
      const email = String(property.getFirstValue()).replace(/^mailto:/i, '')
      return { name: property.getFirstParameter('cn'), email }
    }
    return {
      uid: read.uid,
      sequence: read.sequence ?? 0,
      startsAt: read.startDate.toJSDate(),
      endsAt: read.endDate.toJSDate(),
      at: (component.getFirstPropertyValue('dtstamp') as InstanceType<typeof ICAL.Time>).toJSDate(),
      summary: read.summary,
      description: read.description ?? '',
      place: read.location ?? '',
      url: component.getFirstPropertyValue('url'),
      status: component.getFirstPropertyValue('status'),
      organizer: person('organizer'),
      attendee: person('attendee'),
      alarms: component
        .getAllSubcomponents('valarm')
        .map(alarm => String(alarm.getFirstPropertyValue('trigger'))),
    }
  })
  return { method: calendar.getFirstPropertyValue('method'), events }
}

/** The same as ts-ics reads it. */
function readTwice(file: string) {
  const calendar = convertIcsCalendar(undefined, file)
  const events = (calendar.events ?? []).map(read => ({
    uid: read.uid,
    sequence: read.sequence ?? 0,
    startsAt: read.start.date,
    endsAt: 'end' in read ? read.end!.date : null,
    at: read.stamp.date,
    summary: read.summary,
    description: read.description ?? '',
    place: read.location ?? '',
    url: read.url,
    status: read.status,
    // ts-ics takes the line break before an alarm for a part of the address.
    organizer: read.organizer ? { name: read.organizer.name, email: read.organizer.email.trim() } : null,
    attendee: read.attendees?.[0] ? { name: read.attendees[0].name, email: read.attendees[0].email } : null,
    alarms: (read.alarms ?? []).map(({ trigger }) => {
      const { days: d, hours: h, minutes: m } = trigger.type === 'relative' ? trigger.value : {}
      return `-P${d ? `${d}D` : ''}${h || m ? 'T' : ''}${h ? `${h}H` : ''}${m ? `${m}M` : ''}`
    }),
  }))
  return { method: calendar.method, events }
}

test('an academy without a name invites under its address', () => {
  const email = 'academy@tarnwell.example'
  const file = invitationFile({ ...event, organizer: { name: ' ', email } }, ada, 'REQUEST')
  expect(readOnce(file).events[0]!.organizer).toEqual({ name: email, email })
})

test('an invitation, its change and its cancellation are about one event, as two calendars read them', () => {
  const files = [
    invitationFile(event, ada, 'REQUEST'),
    invitationFile({ ...event, sequence: 1, place: 'Room 5' }, ada, 'REQUEST'),
    invitationFile({ ...event, sequence: 2 }, null, 'CANCEL'),
  ]
  const [first, changed, cancelled] = files.map(readOnce)
  expect(files.map(readTwice)).toEqual([first, changed, cancelled])
  expect(first).toEqual({
    method: 'REQUEST',
    events: [
      {
        ...event,
        url: 'https://learn.example/sessions/sizing?seats=a%2Cb%3Bc',
        organizer: { name: "Tarnwell 'Academy'", email: 'academy@tarnwell.example' },
        attendee: ada,
        status: 'CONFIRMED',
        alarms: [],
      },
    ],
  })
  const [moved, gone] = [changed!.events[0]!, cancelled!.events[0]!]
  expect(moved).toMatchObject({ uid: event.uid, sequence: 1, place: 'Room 5' })
  expect(gone).toMatchObject({ uid: event.uid, sequence: 2, status: 'CANCELLED', attendee: null })
  expect(cancelled!.method).toBe('CANCEL')
  expect(files[0]).toContain('PARTSTAT=ACCEPTED;RSVP=FALSE')
})

test('a feed has every part of a series, reminds of each but the cancelled one, and names nobody who booked', () => {
  const parts = [1, 2, 3].map(part => ({
    ...event,
    uid: `session-${part}@learn.example`,
    isCancelled: part === 3,
  }))
  const feed = {
    name: 'My sessions, all; of them',
    remindBefore: [days(1), minutes(90)],
    refreshAfter: hours(1),
  }
  const file = calendarFeed(parts, feed)
  const read = readOnce(file)
  expect(readTwice(file)).toEqual(read)
  expect(read.method).toBe('PUBLISH')
  expect(read.events.map(({ uid, status, alarms }) => [uid, status, alarms])).toEqual([
    ['session-1@learn.example', 'CONFIRMED', ['-P1D', '-PT1H30M']],
    ['session-2@learn.example', 'CONFIRMED', ['-P1D', '-PT1H30M']],
    ['session-3@learn.example', 'CANCELLED', []],
  ])
  expect(file).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n')
  expect(file).toContain('X-WR-CALNAME:My sessions\\, all\\; of them\r\n')
  expect(file).not.toContain('ATTENDEE')
})

test('around each change of the clocks, calendars in three zones show the moment that was meant', () => {
  const changes = {
    'Europe/London': ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
    'America/New_York': ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z'],
    // Half an hour forwards and back.
    'Australia/Lord_Howe': ['2026-10-03T15:30:00Z', '2026-04-04T15:00:00Z'],
  }
  const moments = Object.entries(changes).flatMap(([zone, changed]) =>
    changed.flatMap(at =>
      [-90, -30, -15, 0, 15, 30, 90].map(offset => ({ zone, at: Date.parse(at) + minutes(offset) })),
    ),
  )
  // At nine on the day before, the day itself and the day after, as a host chooses it.
  const mornings = Object.entries(changes).flatMap(([zone, changed]) =>
    changed.flatMap(at =>
      [-1, 0, 1].map(day => {
        const local = Date.parse(`${at.slice(0, 10)}T09:00:00Z`) + days(day)
        return { zone, at: instantOf(local, zone), local }
      }),
    ),
  )
  const all = [...moments, ...mornings]
  const events = all.map(({ at }, n) => ({
    ...{ ...event, uid: `${n}@x.example` },
    ...{ startsAt: new Date(at), endsAt: new Date(at + minutes(45)) },
  }))
  const file = calendarFeed(events, { name: '' })
  for (const { events: read } of [readOnce(file), readTwice(file)]) {
    expect(read.map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual(
      events.map(({ startsAt, endsAt }) => [startsAt, endsAt]),
    )
  }
  for (const { at, zone, local } of mornings) {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short', dateStyle: 'short' })
    const day = new Date(local).toISOString().slice(0, 10).split('-').reverse().join('/')
    expect(clock.format(at)).toBe(`${day}, 09:00`)
  }
})

test('nothing that people type can add a line, and no line is longer than 75 bytes', () => {
  const evil = 'A\r\nATTENDEE:mailto:evil@x.example\u0085METHOD:CANCEL\u2028X\0"\\;,'
  const typed = { summary: evil, description: evil, place: evil, uid: evil, url: `https://x.example/${evil}` }
  const long = { ...event, summary: '日本語の長い題名👩‍🏭'.repeat(20), description: 'é'.repeat(4_000) }
  const person = { name: evil, email: `ada@example.com\r\nX-EVIL:1` }
  const files = [
    invitationFile({ ...event, ...typed, organizer: person }, person, 'REQUEST'),
    calendarFeed([long], { name: evil }),
  ]
  for (const file of files) {
    const lines = file.split('\r\n')
    expect(lines.at(-1)).toBe('')
    expect(lines.filter(line => Buffer.byteLength(line) > 75)).toEqual([])
    const written = file.replaceAll('\r\n ', '').split(/[\r\n\u0085\u2028\0]+/)
    expect(written.filter(line => /^(ATTENDEE:|METHOD:CANCEL|X-EVIL)/.test(line))).toEqual([])
    expect(readTwice(file).events).toHaveLength(1)
  }
  expect(readOnce(files[1]!).events[0]).toMatchObject({
    summary: long.summary,
    description: long.description,
  })
  expect(readTwice(files[1]!).events[0]).toMatchObject({
    summary: long.summary,
    description: long.description,
  })
})
