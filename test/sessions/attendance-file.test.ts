import {
  attendanceFileCaps,
  readAttendanceFile,
  UnreadableAttendance,
} from '../../src/sessions/attendance-file'
import { attendedSeconds, matchAttendance } from '../../src/sessions/match-attendance'

/** 17:00 to 18:30 in Prague. */
const session = { startsAt: new Date('2026-11-05T16:00:00Z'), endsAt: new Date('2026-11-05T17:30:00Z') }
const zone = 'Europe/Prague'

const read = (text: string | Buffer, about = session, timeZone: string | null = zone) =>
  readAttendanceFile(Buffer.isBuffer(text) ? text : Buffer.from(text), about, timeZone)
const shown = (text: string | Buffer, about = session, timeZone: string | null = zone) =>
  read(text, about, timeZone).stays.map(({ name, email, joinedAt, leftAt, seconds }) =>
    [name, email, joinedAt.toISOString().slice(11, 19), leftAt.toISOString().slice(11, 19), seconds].join(
      ' ',
    ),
  )
const problemOf = (text: string | Buffer, timeZone: string | null = zone) => {
  try {
    read(text, session, timeZone)
    return null
  } catch (error) {
    return error instanceof UnreadableAttendance ? error.reason : error
  }
}
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

const zoom = `Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
"812 3456 7890","Sizing, part 1",11/05/2026 04:55:00 PM,11/05/2026 06:40:00 PM,host@tarnwell.example,105,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room
Bobby (Robert Smith),,11/05/2026 04:58:00 PM,11/05/2026 04:59:30 PM,2,Yes,,Yes
Bobby (Robert Smith),,11/05/2026 04:59:30 PM,11/05/2026 06:05:00 PM,66,Yes,,No
"Lovelace, Ada",Ada@Example.com,11/05/2026 05:10:15 PM,11/05/2026 06:30:00 PM,80,No,Y,No
=HYPERLINK("http://evil.example"),,11/05/2026 05:10:00 PM,11/05/2026 05:20:00 PM,10,Yes,,No
`

const teams = [
  '1. Summary',
  'Meeting title\tSizing',
  'Attended participants\t2',
  'Start time\t11/5/26, 4:55:01 PM',
  '',
  '2. Participants',
  'Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole',
  'Ada Lovelace\t11/5/26, 5:00:00 PM\t11/5/26, 6:30:00 PM\t1h 5m 3s\tada@example.com\tada@example.com\tPresenter',
  'Björn "Bear" Å (Guest)\t11/5/26, 5:20:00 PM\t11/5/26, 5:43:12 PM\t23m 12s\t\t\tAttendee',
  '',
].join('\r\n')
const activities = [
  '3. In-Meeting Activities',
  'Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole',
  'Ada Lovelace\t11/5/26, 5:00:00 PM\t11/5/26, 5:40:00 PM\t40m\tada@example.com\tPresenter',
  'Ada Lovelace\t11/5/26, 6:04:57 PM\t11/5/26, 6:30:00 PM\t25m 3s\tada@example.com\tPresenter',
  'Björn "Bear" Å (Guest)\t11/5/26, 5:20:00 PM\t11/5/26, 5:43:12 PM\t23m 12s\t\tAttendee',
].join('\r\n')

const meet = `First name,Last name,Email,Duration,Time joined,Time exited
Ada,Lovelace,ada@example.com,1 hr 2 min,5:00 PM,6:02 PM
Grace,Hopper,grace@example.com,58 min,17:32,18:30
`

const webex = [
  'Event Name\tEvent Start Time\tEvent End Time\tName\tAttendee Email\tJoin Time\tLeave Time\tAttendance Duration\tConnection Type',
  'Sizing\t"=""2026-11-05 17:00:00"""\t"=""2026-11-05 18:30:00"""\tAda\tada@example.com\t"=""2026-11-05 16:58:50"""\t"=""2026-11-05 17:43:40"""\t45 mins\tDesktop',
].join('\n')

test('a host uploads the file of each meeting service as it was exported', () => {
  expect(shown(zoom)).toEqual([
    'Bobby (Robert Smith)  15:59:30 17:05:00 3930',
    'Lovelace, Ada ada@example.com 16:10:15 17:30:00 4785',
    '=HYPERLINK("http://evil.example")  16:10:00 16:20:00 600',
  ])
  expect(shown(utf16(teams))).toEqual([
    'Ada Lovelace ada@example.com 16:00:00 17:30:00 3903',
    'Björn "Bear" Å (Guest)  16:20:00 16:43:12 1392',
  ])
  expect(shown(utf16(`${teams}\r\n${activities}`))).toEqual([
    'Ada Lovelace ada@example.com 16:00:00 16:40:00 2400',
    'Ada Lovelace ada@example.com 17:04:57 17:30:00 1503',
    'Björn "Bear" Å (Guest)  16:20:00 16:43:12 1392',
  ])
  expect(shown(meet)).toEqual([
    'Ada Lovelace ada@example.com 16:00:00 17:02:00 3720',
    'Grace Hopper grace@example.com 16:32:00 17:30:00 3480',
  ])
  expect(shown(utf16(webex))).toEqual(['Ada ada@example.com 15:58:50 16:43:40 2690'])
  expect([zoom, utf16(teams), meet, utf16(webex)].map(text => read(text).maker)).toEqual([
    ...['zoom', 'teams', 'meet', 'webex'],
  ])
})

test('files of a webinar, and of minutes only, are read too', () => {
  const webinar = `Attendee Report
Report generated time,11/06/2026 08:00:00 AM
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes)
Sizing,123,11/05/2026 05:00:00 PM,90
Host Details,,,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest
Yes,Host,host@tarnwell.example,"Nov 5, 2026 16:50:00","Nov 5, 2026 18:35:00",105,No
Attendee Details,,,,,,
Attended,User Name (Original Name),First Name,Last Name,Email,Join Time,Leave Time,Time in Session (minutes),Is Guest
Yes,Ada,Ada,L,ada@example.com,"Nov 5, 2026 17:02:00","Nov 5, 2026 17:58:00",56,Yes
No,Linus,Linus,T,linus@example.com,--,--,--,--
`
  expect(shown(webinar)).toEqual([
    'Host host@tarnwell.example 15:50:00 17:35:00 6300',
    'Ada ada@example.com 16:02:00 16:58:00 3360',
  ])
  const minutes = 'Name (original name),Email,Total duration (minutes),Guest\nAda,ada@example.com,57,No\n'
  expect(shown(minutes, session, null)).toEqual(['Ada ada@example.com 16:00:00 16:57:00 3420'])
})

test('the encoding, the separator and the order of day and month are found out', () => {
  const rows = `Name (Original Name);User Email;Join Time;Leave Time;Duration (Minutes)\r
José;jose@example.com;05.11.2026, 17:00:00;05.11.2026, 17:30:00;30\r
Zoë;;05/11/26 17.05;05/11/26 17.35;30`
  const expected = ['José jose@example.com 16:00:00 16:30:00 1800', 'Zoë  16:05:00 16:35:00 1800']
  const encodings = [
    Buffer.from(rows),
    Buffer.from(`\uFEFF${rows}`),
    utf16(rows),
    Buffer.from(rows, 'utf16le'),
    utf16(rows).swap16(),
    Buffer.from(rows, 'latin1'),
  ]
  for (const bytes of encodings) expect(shown(bytes)).toEqual(expected)
})

test('a file that names its zone needs no other, and clocks that change are those of the zone', () => {
  const utc = teams.replace('First Join', 'First Join (UTC)').replaceAll('5:', '4:')
  expect(shown(utf16(utc), session, null)[0]).toBe(
    'Ada Lovelace ada@example.com 16:00:00 17:30:00 3903'.replace('17:30:00', '18:30:00'),
  )
  expect(problemOf(zoom, null)).toBe('timeZone')
  const iso = zoom
    .replaceAll(/11\/05\/2026 (\d\d:\d\d:\d\d) PM/g, '2026-11-05T$1+01:00')
    .replaceAll('T04', 'T16')
  expect(shown(iso.replaceAll('T05', 'T17').replaceAll('T06', 'T18'), session, null)).toEqual(shown(zoom))
  // In London, clocks go back from 02:00 to 01:00: someone came at 01:50 and left 20 minutes later, at 01:10.
  const night = { startsAt: new Date('2026-10-25T00:30:00Z'), endsAt: new Date('2026-10-25T02:30:00Z') }
  const file =
    'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\nAda,,10/25/2026 01:50:00 AM,10/25/2026 01:10:00 AM,20\n'
  expect(read(file, night, 'Europe/London').stays[0]!.seconds).toBe(1200)
})

test('a line that cannot be read is named, and the others count', () => {
  const file = `Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)
Ada,ada@example.com,11/05/2026 05:00:00 PM,11/05/2026 05:30:00 PM,30
,,11/05/2026 05:00:00 PM,11/05/2026 05:30:00 PM,30
Bob,,yesterday,11/05/2026 05:30:00 PM,30
"Cleo,,11/05/2026 05:00:00 PM,11/05/2026 05:30:00 PM,30
Dan,not an address,11/05/2026 05:00:00 PM,,
Eve,,02/31/2026 05:00:00 PM,11/05/2026 05:30:00 PM,30
Flo,,11/12/2026 05:00:00 PM,11/12/2026 05:30:00 PM,30
Gus,,11/05/2026 05:30:00 PM,11/05/2026 05:00:00 PM,
Hal,,11/05/2026 05:45:00 PM,11/05/2026 06:00:00 PM,15`
  const { stays, faults } = read(file)
  expect(stays.map(({ name, line }) => [name, line])).toEqual([
    ['Ada', 2],
    ['"Cleo', 5],
    ['Hal', 10],
  ])
  expect(faults).toEqual([
    ...[
      { line: 3, reason: 'name' },
      { line: 4, reason: 'time' },
      { line: 6, reason: 'time' },
    ],
    ...[
      { line: 7, reason: 'time' },
      { line: 8, reason: 'day' },
      { line: 9, reason: 'order' },
    ],
  ])
})

test('what is no attendance file is refused, and so is one that is too large', () => {
  const heading = 'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n'
  const rows = (n: number) => heading + 'A,,11/05/2026 05:00:00 PM,11/05/2026 05:30:00 PM,30\n'.repeat(n)
  expect(problemOf('')).toBe('format')
  expect(problemOf('PK\u0003\u0004\0\0\0')).toBe('format')
  expect(problemOf('id,price\n1,2\n')).toBe('format')
  expect(problemOf('Name,Duration\nAda,30\n')).toBe('format')
  expect(read(rows(attendanceFileCaps.rows)).stays).toHaveLength(5_000)
  expect(problemOf(rows(attendanceFileCaps.rows + 1))).toBe('rows')
  expect(problemOf(Buffer.alloc(attendanceFileCaps.bytes + 1, 'a'))).toBe('size')
})

test('a cell as large as the file is read in no time, and a stay of a thousand years is none', () => {
  const heading = 'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)'
  // A search for the end of a column name took hours.
  const spaces = `Ada${' '.repeat(1_000_000)}(x`
  const lines = [
    heading,
    `${spaces},,11/05/2026 05:00:00 PM,11/05/2026 05:10:00 PM,10`,
    `Ben,,,,${1e21}`,
    'Cleo,,,,30',
  ]
  const startedAt = Date.now()
  const { stays, faults } = read(lines.join('\n'))
  expect(Date.now() - startedAt).toBeLessThan(5000)
  expect(stays.map(({ line, seconds }) => [line, seconds])).toEqual([
    [2, 600],
    [4, 1800],
  ])
  expect(faults).toEqual([{ line: 3, reason: 'time' }])
})

test('stays belong to whoever booked with the address, or else with the name, if only one did', () => {
  const booked = [
    { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    { id: 'bob', name: 'Robert Smith', email: 'bob@example.com' },
    { id: 'bjorn', name: 'Bjorn "Bear" Å', email: 'bjorn@example.com' },
    { id: 'jo1', name: 'Jo Doe', email: 'jo1@example.com' },
    { id: 'jo2', name: 'JO  DOE', email: 'jo2@example.com' },
  ]
  const stay = (name: string, email: string | null = null) => ({ ...session, name, email })
  const stays = [
    stay('iPhone', 'ada@example.com'),
    stay('Ada  LOVELACE', 'private@mail.example'),
    stay('Bobby (Robert Smith)'),
    stay('Björn "Bear" Å (Guest)'),
    stay('Jo Doe'),
    stay('jo doe', 'jo2@example.com'),
    stay('Nobody', 'nobody@example.com'),
  ].map(({ name, email }) => ({
    name,
    email,
    joinedAt: session.startsAt,
    leftAt: session.endsAt,
    seconds: 60,
  }))
  const { matched, unmatched } = matchAttendance(stays, booked)
  expect(Object.fromEntries([...matched].map(([id, found]) => [id, found.map(({ name }) => name)]))).toEqual({
    ada: ['iPhone', 'Ada  LOVELACE'],
    bob: ['Bobby (Robert Smith)'],
    bjorn: ['Björn "Bear" Å (Guest)'],
    jo2: ['jo doe'],
  })
  expect(unmatched.map(({ name }) => name)).toEqual(['Jo Doe', 'Nobody'])
})

test('minutes are those of the session, and two devices at once count once', () => {
  const at = (from: string, until: string, seconds?: number) => {
    const [joinedAt, leftAt] = [from, until].map(time => new Date(`2026-11-05T${time}Z`))
    const whole = (leftAt!.getTime() - joinedAt!.getTime()) / 1000
    return { name: 'Ada', email: null, joinedAt: joinedAt!, leftAt: leftAt!, seconds: seconds ?? whole }
  }
  expect(attendedSeconds([], session)).toBe(0)
  expect(attendedSeconds([at('15:30:00', '18:30:00')], session)).toBe(90 * 60)
  expect(attendedSeconds([at('15:00:00', '15:59:00'), at('17:30:00', '18:00:00')], session)).toBe(0)
  const devices = [at('16:20:00', '16:50:00'), at('16:00:00', '16:30:00'), at('17:00:00', '17:10:00')]
  expect(attendedSeconds(devices, session)).toBe(60 * 60)
  // A line for the whole time in which they were there for 20 minutes.
  expect(attendedSeconds([at('16:00:00', '17:00:00', 1200)], session)).toBe(1200)
  expect(attendedSeconds([at('16:00:00', '17:00:00', 1200), at('16:00:00', '17:00:00')], session)).toBe(3600)
})
