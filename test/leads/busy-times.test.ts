import { busyTimesIn, UnreadableCalendar } from '../../src/leads/busy-times'
import { days } from '../../src/platform/clock'

const range = { from: new Date('2026-11-23T00:00:00Z'), until: new Date('2026-12-21T00:00:00Z') }
const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']
const busy = (text: string, timeZone = 'UTC') =>
  busyTimesIn(text, range, timeZone).map(
    ({ startsAt, endsAt }) => `${startsAt.toISOString().slice(0, 16)} ${endsAt.toISOString().slice(0, 16)}`,
  )

test('single events are read in UTC, in their own time zone, in that of the owner, and as whole days', () => {
  const text = calendar(
    ...event('UID:1', 'DTSTART:20261124T080000Z', 'DTEND:20261124T083000Z'),
    ...event('UID:2', 'DTSTART;TZID=America/New_York:20261125T090000', 'DURATION:PT45M'),
    ...event('UID:3', 'DTSTART:20261126T090000', 'DTEND:20261126T100000'),
    ...event('UID:4', 'DTSTART;VALUE=DATE:20261127', 'DTEND;VALUE=DATE:20261128'),
  )
  expect(busy(text, 'Europe/Prague')).toEqual([
    '2026-11-24T08:00 2026-11-24T08:30',
    '2026-11-25T14:00 2026-11-25T14:45',
    '2026-11-26T08:00 2026-11-26T09:00',
    '2026-11-26T23:00 2026-11-27T23:00',
  ])
})

test('a series keeps its time on the clock when the clocks change, without what was cancelled or moved', () => {
  const text = calendar(
    ...event(
      'UID:weekly',
      'DTSTART;TZID=Europe/Prague:20260907T100000',
      'DTEND;TZID=Europe/Prague:20260907T110000',
      'RRULE:FREQ=WEEKLY;BYDAY=MO',
      'EXDATE;TZID=Europe/Prague:20261130T100000',
    ),
    ...event(
      'UID:weekly',
      'RECURRENCE-ID;TZID=Europe/Prague:20261207T100000',
      'DTSTART;TZID=Europe/Prague:20261208T120000',
      'DTEND;TZID=Europe/Prague:20261208T130000',
    ),
    // Moved from a day after the range into it, and one that is only cancelled.
    ...event(
      'UID:weekly',
      'RECURRENCE-ID;TZID=Europe/Prague:20261228T100000',
      'DTSTART;TZID=Europe/Prague:20261218T100000',
      'DTEND;TZID=Europe/Prague:20261218T110000',
    ),
    ...event(
      'UID:weekly',
      'RECURRENCE-ID;TZID=Europe/Prague:20261214T100000',
      'DTSTART;TZID=Europe/Prague:20261214T100000',
      'DTEND;TZID=Europe/Prague:20261214T110000',
      'STATUS:CANCELLED',
    ),
  )
  expect(busy(text)).toEqual([
    '2026-11-23T09:00 2026-11-23T10:00',
    '2026-12-08T11:00 2026-12-08T12:00',
    '2026-12-18T09:00 2026-12-18T10:00',
  ])
})

test('what is free, cancelled or out of the range takes no time, and overlapping times are one', () => {
  const at = (start: string, end: string, ...more: string[]) =>
    event(`UID:${start}`, `DTSTART:${start}`, `DTEND:${end}`, ...more)
  const text = calendar(
    ...at('20261124T080000Z', '20261124T090000Z', 'TRANSP:TRANSPARENT'),
    ...at('20261124T100000Z', '20261124T110000Z', 'STATUS:CANCELLED'),
    ...at('20261124T120000Z', '20261124T130000Z', 'X-MICROSOFT-CDO-BUSYSTATUS:FREE'),
    ...at('20261122T230000Z', '20261123T010000Z'),
    ...at('20261221T000000Z', '20261221T010000Z'),
    ...at('20260101T000000Z', '20260101T010000Z'),
    ...at('20261125T080000Z', '20261125T090000Z'),
    ...at('20261125T083000Z', '20261125T100000Z'),
    ...at('20261125T100000Z', '20261125T103000Z'),
    ...at('20261126T100000Z', '20261126T090000Z'),
  )
  expect(busy(text)).toEqual(['2026-11-22T23:00 2026-11-23T01:00', '2026-11-25T08:00 2026-11-25T10:30'])
})

test('a zone that only the file knows is used, and one that nobody knows is that of the owner', () => {
  const zone = [
    'BEGIN:VTIMEZONE',
    'TZID:Customized Time Zone',
    'BEGIN:STANDARD',
    'DTSTART:16010101T000000',
    'TZOFFSETFROM:+0300',
    'TZOFFSETTO:+0300',
    'END:STANDARD',
    'END:VTIMEZONE',
  ]
  const text = calendar(
    ...zone,
    ...event('UID:1', 'DTSTART;TZID=Customized Time Zone:20261124T090000', 'DURATION:PT1H'),
    ...event('UID:2', 'DTSTART;TZID=Nowhere:20261125T090000', 'DURATION:PT1H'),
  )
  expect(busy(text, 'Asia/Tokyo')).toEqual([
    '2026-11-24T06:00 2026-11-24T07:00',
    '2026-11-25T00:00 2026-11-25T01:00',
  ])
})

test('times that a server publishes without their reason count, and so do those of a second calendar', () => {
  const text =
    calendar(
      'BEGIN:VFREEBUSY',
      'FREEBUSY;FBTYPE=BUSY:20261124T080000Z/PT1H,20261124T100000Z/20261124T110000Z',
      'FREEBUSY;FBTYPE=FREE:20261125T080000Z/PT1H',
      'END:VFREEBUSY',
    ) + calendar(...event('UID:1', 'DTSTART:20261201T080000Z', 'DTEND:20261201T090000Z'))
  expect(busy(text)).toEqual([
    '2026-11-24T08:00 2026-11-24T09:00',
    '2026-11-24T10:00 2026-11-24T11:00',
    '2026-12-01T08:00 2026-12-01T09:00',
  ])
})

test('a calendar of ten years is read', () => {
  const lines: string[] = []
  for (let at = new Date('2016-12-01T08:00:00Z').getTime(); at < range.until.getTime(); at += days(1) / 8) {
    const start = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
    lines.push(
      ...event(
        `UID:${start}`,
        `DTSTART:${start}`,
        'DTEND:' + start.replace(/0000Z$/, '3000Z'),
        'SUMMARY:x'.repeat(20),
      ),
    )
  }
  expect(busy(calendar(lines.join('\r\n')))).toHaveLength(28 * 8)
})

test('what is not a calendar, or never ends, is refused', () => {
  const reasonOf = (text: string) => {
    try {
      busyTimesIn(text, range, 'UTC')
      return null
    } catch (error) {
      return (error as UnreadableCalendar).reason
    }
  }
  expect(reasonOf('<!doctype html><html>')).toBe('notCalendar')
  expect(reasonOf('')).toBe('notCalendar')
  expect(reasonOf('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:nonsense\r\n')).toBe('notCalendar')
  const never = event('UID:1', 'DTSTART:20260101T100000Z', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30')
  expect(reasonOf(calendar(...never))).toBe('tooLarge')
  const always = event('UID:1', 'DTSTART:20261124T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')
  expect(reasonOf(calendar(...always))).toBe('tooLarge')
})
