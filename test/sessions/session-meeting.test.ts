import { setTimeout as wait } from 'node:timers/promises'
import type { Types } from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { dieAfter } from '../kit/interleave'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { openMeetingStandIn, type MeetingStandIn } from '../kit/meeting-services'
import { config } from '../../src/platform/config'
import { hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { bookSeat } from '../../src/sessions/book-seat'
import { SessionBookings } from '../../src/sessions/booking'
import { importAttendance } from '../../src/sessions/import-attendance'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { createSeats } from '../../src/sessions/seats'
import { arrangeMeeting, keepMeetings, SessionMeetings } from '../../src/sessions/session-meeting'
import { drainQueue } from '../../src/worker'

let academy: Academy
let outside: MeetingStandIn
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  outside = await openMeetingStandIn()
  const account = { clientId: 'client', clientSecret: 'secret', apiBase: outside.base }
  config.zoom = { ...account, accountId: 'account', user: 'host@tarnwell.example' }
  config.teams = { ...account, tenantId: 'tenant', user: 'organiser' }
})
afterEach(async () => {
  await SessionMeetings.deleteMany({})
  Object.assign(config, { zoom: null, teams: null })
  await outside.close()
})

let count = 0
async function onlineSession(given: Partial<LiveSession> = {}): Promise<LiveSession> {
  const session = await LiveSessions.create({
    slug: `online-${++count}`,
    state: 'published',
    topic: 'learning',
    title: 'Sizing pumps',
    summary: 'With trends.',
    language: 'en',
    startsAt: new Date('2026-11-26T16:00:00Z'),
    endsAt: new Date('2026-11-26T17:30:00Z'),
    timeZone: 'Europe/Prague',
    kind: 'online',
    meetingService: 'zoom',
    createdAt: now(),
    ...given,
  })
  await createSeats(session._id, 10)
  return session
}
async function change({ _id }: LiveSession, $set: Partial<LiveSession>): Promise<void> {
  await arrangeMeeting(_id)
  await LiveSessions.updateOne({ _id }, { $set })
}
async function soon(): Promise<void> {
  advance(seconds(5))
  await drainQueue(keepMeetings)
}
const stored = async ({ _id }: Pick<LiveSession, '_id'>) => (await LiveSessions.findById(_id))!
const entryOf = async (_id: Types.ObjectId) => (await SessionMeetings.findById(_id))!

test('a session has the meeting that its host chose: created, moved, at another service, and gone', async () => {
  const session = await onlineSession()
  await change(session, {})
  await soon()
  const [zoom] = outside.meetings
  expect(zoom).toMatchObject({ topic: 'Sizing pumps', start_time: '2026-11-26T16:00:00Z', duration: 90 })
  expect(await stored(session)).toMatchObject({
    joinUrl: `https://zoom.example/j/${zoom!.id}?pwd=open`,
    meeting: { service: 'zoom', id: zoom!.id, hostUrl: `https://zoom.example/s/${zoom!.id}` },
  })
  const asked = outside.requests.length
  // A change of the description asks nothing of the service.
  await change(session, { summary: 'With trends and curves.' })
  await soon()
  expect(outside.requests).toHaveLength(asked)
  await change(session, {
    startsAt: new Date('2026-11-27T16:00:00Z'),
    endsAt: new Date('2026-11-27T17:00:00Z'),
  })
  await soon()
  expect(outside.meetings).toMatchObject([{ id: zoom!.id, start_time: '2026-11-27T16:00:00Z', duration: 60 }])
  await change(session, { meetingService: 'teams' })
  await soon()
  const [teams, ...others] = outside.meetings
  expect(others).toEqual([])
  expect(await stored(session)).toMatchObject({
    joinUrl: `https://teams.example/l/${teams!.id}`,
    meeting: { service: 'teams', id: teams!.id },
  })
  await change(session, { meetingService: null, joinUrl: 'https://meet.example/own' })
  await soon()
  expect(outside.meetings).toEqual([])
  expect(await stored(session)).toMatchObject({ joinUrl: 'https://meet.example/own', meeting: null })
  await change(session, { meetingService: 'zoom', joinUrl: '' })
  await soon()
  expect(outside.meetings).toHaveLength(1)
  await change(session, { state: 'cancelled' })
  await soon()
  expect(outside.meetings).toEqual([])
  expect(await stored(session)).toMatchObject({ joinUrl: '', meeting: null })
})

test('a session with too few people is cancelled with its meeting', async () => {
  const minimum = { seats: 5, hours: 24 }
  const session = await onlineSession({ minimum })
  await change(session, {})
  await soon()
  expect(outside.meetings).toHaveLength(1)
  await LiveSessions.updateOne({ _id: session._id }, { $set: { dueAt: now() } })
  await runAllDue()
  setTime('2026-11-25T16:00:00Z')
  await runAllDue()
  expect(await stored(session)).toMatchObject({ state: 'cancelled' })
  advance(seconds(5))
  await runAllDue()
  expect(outside.meetings).toEqual([])
})

test.each(['zoom', 'teams'] as const)(
  'wherever the process dies, a session has one meeting at %s, and a cancelled one has none',
  async service => {
    let commands = 0
    for (let isCut = true; isCut; commands++) {
      setTime('2026-11-23T09:00:00Z')
      const session = await onlineSession({ meetingService: service })
      await change(session, {})
      advance(seconds(5))
      // One after the other, so that nothing of the dead process is still on its way to the service.
      const once = async () => (await keepMeetings.take())?.()
      isCut = await dieAfter(commands, ['session_meetings', 'live_sessions'], once)
      const isCancelled = commands % 2 === 1
      if (isCancelled) await change(session, { state: 'cancelled' })
      advance(minutes(6))
      await drainQueue(keepMeetings)
      expect(outside.meetings).toHaveLength(isCancelled ? 0 : 1)
      expect((await stored(session)).meeting?.id).toBe(outside.meetings[0]?.id)
      if (!isCancelled) {
        await change(session, { state: 'cancelled' })
        await soon()
      }
      expect(outside.meetings).toEqual([])
    }
    expect(commands).toBeGreaterThan(4)
  },
)

test('a busy service is asked again, and what an administrator has to mend is said', async () => {
  const session = await onlineSession()
  await change(session, {})
  outside.instead = [
    { status: 200, body: { meetings: [] } },
    { status: 0, cut: 'after' },
  ]
  await soon()
  expect(outside.meetings).toHaveLength(1)
  expect((await stored(session)).joinUrl).toBe('')
  advance(minutes(1))
  outside.instead = [
    { status: 429, headers: { 'retry-after': '7200' }, body: { message: 'Limit of the day' } },
  ]
  await drainQueue(keepMeetings)
  expect(await entryOf(session._id)).toMatchObject({ dueAt: later(now(), hours(2)), failedAt: null })
  advance(hours(2))
  await drainQueue(keepMeetings)
  expect(outside.meetings).toHaveLength(1)
  expect((await stored(session)).joinUrl).toContain(outside.meetings[0]!.id)
  config.zoom = { ...config.zoom!, clientSecret: 'wrong' }
  await change(session, { title: 'Sizing pumps, again' })
  await soon()
  const { failedAt, lastError } = await entryOf(session._id)
  expect(failedAt).toEqual(now())
  expect(lastError).toBe('Zoom: POST /oauth/token: 400 Invalid client_id or client_secret')
})

test('what a host changes while the service is asked is not missed', async () => {
  const session = await onlineSession()
  await change(session, {})
  advance(seconds(5))
  const running = drainQueue(keepMeetings)
  while (!outside.meetings.length) await wait(1)
  await change(session, { title: 'Another title' })
  await running
  await soon()
  expect(outside.meetings).toMatchObject([{ topic: 'Another title' }])
})

test('afterwards the service tells who was there, once it knows', async () => {
  const session = await onlineSession({ meetingService: 'teams' })
  const [ada, ben] = [await make.person(), await make.person({ name: 'Ben Guest' })]
  for (const each of [ada, ben]) await bookSeat(session, each._id)
  await change(session, {})
  await soon()
  setTime('2026-11-26T17:55:00Z')
  await drainQueue(keepMeetings)
  expect(await entryOf(session._id)).toMatchObject({ readAt: null, dueAt: later(now(), minutes(30)) })
  const record = (displayName: string, emailAddress: string | null, times: [string, string][]) => ({
    ...{ emailAddress, identity: { displayName } },
    attendanceIntervals: times.map(([from, until]) => ({
      joinDateTime: `2026-11-26T${from}:00Z`,
      leaveDateTime: `2026-11-26T${until}:00Z`,
    })),
  })
  outside.runs.set(outside.meetings[0]!.id, [
    [
      record('Ada', ada.email, [
        ['15:50', '16:30'],
        ['17:00', '17:50'],
      ]),
      record('Somebody', null, [['16:00', '17:00']]),
      record('ben guest', null, [['16:15', '16:20']]),
    ],
  ])
  advance(minutes(30))
  await drainQueue(keepMeetings)
  const secondsOf = async (person: { _id: Types.ObjectId }) =>
    (await SessionBookings.findById(`${session._id}:${person._id}`))!.presence?.meetingSeconds
  expect([await secondsOf(ada), await secondsOf(ben)]).toEqual([3600, 300])
  expect(await entryOf(session._id)).toMatchObject({ readAt: now(), dueAt: null })
  const csv = `Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)
Ben,${ben.email},11/26/2026 05:00:00 PM,11/26/2026 05:45:00 PM,45
Carl,carl@else.example,11/26/2026 05:00:00 PM,11/26/2026 05:45:00 PM,45
Carl,carl@else.example,11/26/2026 05:50:00 PM,11/26/2026 06:00:00 PM,10`
  for (let twice = 0; twice < 2; twice++) {
    const read = await importAttendance(session, [Buffer.from(csv)], session.timeZone)
    expect(read).toMatchObject({ attended: 1, unmatched: ['Carl (carl@else.example)'] })
    expect([await secondsOf(ada), await secondsOf(ben)]).toEqual([3600, 2700])
  }
  await runAllDue()
  const counted = async (person: { _id: Types.ObjectId }) => {
    const { minutes, outcome } = (await SessionBookings.findById(`${session._id}:${person._id}`))!
    return [minutes, outcome]
  }
  expect([await counted(ada), await counted(ben)]).toEqual([
    [60, 'attended'],
    [45, 'attended'],
  ])
  expect(await happened(ben)).toContain('session.attended')
})
