import { setTime } from '../kit/clock'
import { openMeetingStandIn, type MeetingStandIn } from '../kit/meeting-services'
import { MeetingServiceError, type MeetingService } from '../../src/sessions/meetings/meeting-service'
import { teamsMeetings } from '../../src/sessions/meetings/teams'
import { zoomMeetings } from '../../src/sessions/meetings/zoom'

const plan = {
  reference: '6567a0c0ffee000000000001',
  title: 'Sizing pumps',
  startsAt: new Date('2026-12-01T15:00:00Z'),
  endsAt: new Date('2026-12-01T16:30:00Z'),
  timeZone: 'Europe/Prague',
}
const later = {
  ...plan,
  startsAt: new Date('2026-12-02T15:00:00Z'),
  endsAt: new Date('2026-12-02T16:00:00Z'),
}

let outside: MeetingStandIn
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  outside = await openMeetingStandIn()
})
afterEach(() => outside.close())

const account = (secret: string) => ({ clientId: 'client', clientSecret: secret, apiBase: outside.base })
const open: Record<string, (secret?: string) => MeetingService> = {
  Zoom: (secret = 'secret') =>
    zoomMeetings({ ...account(secret), accountId: 'account', user: 'host@tarnwell.example' }),
  'Microsoft Teams': (secret = 'secret') =>
    teamsMeetings({ ...account(secret), tenantId: 'tenant', user: 'organiser' }),
}
const errorOf = async (work: Promise<unknown>): Promise<MeetingServiceError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(MeetingServiceError)
  return error as MeetingServiceError
}

describe.each(Object.keys(open))('%s', name => {
  test('a meeting is created once, moved, and deleted, however often each is asked', async () => {
    const service = open[name]!()
    const created = await service.create(plan)
    expect(await service.create(plan)).toEqual(created)
    expect(outside.meetings).toHaveLength(1)
    const { id, joinUrl, hostUrl } = created
    expect(joinUrl).toContain(id)
    // Zoom's own address for the host has a token that starts the meeting in their name.
    expect(hostUrl).not.toContain('zak')
    expect(await service.update(id, later)).toEqual(created)
    const starts =
      name === 'Zoom'
        ? { start_time: '2026-12-02T15:00:00Z', duration: 60 }
        : { startDateTime: '2026-12-02T15:00:00.000Z' }
    expect(outside.meetings).toMatchObject([starts])
    await service.remove(id, plan)
    await service.remove(id, plan)
    expect(outside.meetings).toEqual([])
    expect(await service.update(id, later)).toBeNull()
    // One token was enough for all of it.
    expect(outside.requests.filter(request => request.endsWith('/token'))).toHaveLength(1)
  })

  test('a request whose answer is lost leaves no second meeting, and a cancelled one leaves none', async () => {
    const service = open[name]!()
    for (let other = 0; other < 5; other++) await service.create({ ...plan, reference: `another-${other}` })
    // Zoom looks for it first, on three pages.
    const before = name === 'Zoom' ? 3 : 0
    const cutAfter = () =>
      (outside.instead = [...Array.from({ length: before }, () => null!), { status: 0, cut: 'after' }])
    cutAfter()
    expect(await errorOf(service.create(plan))).toMatchObject({ status: null, isPermanent: false })
    expect(outside.meetings).toHaveLength(6)
    const { id } = await service.create(later)
    expect(outside.meetings).toHaveLength(6)
    expect(outside.meetings.at(-1)!.id).toBe(id)
    await service.remove(null, plan)
    expect(outside.meetings.map(({ id }) => id)).not.toContain(id)
    expect(outside.meetings).toHaveLength(5)
  })

  test('an expired token is replaced, and a busy service is asked again when it says so', async () => {
    const service = open[name]!()
    const { id } = await service.create(plan)
    outside.expireTokens()
    expect(await service.update(id, later)).toMatchObject({ id })
    outside.instead = [{ status: 429, headers: { 'retry-after': '0' }, body: { message: 'Too many' } }]
    expect(await service.update(id, plan)).toMatchObject({ id })
    outside.instead = [
      { status: 429, headers: { 'retry-after': '600' }, body: { message: 'Too many today' } },
    ]
    const busy = await errorOf(service.update(id, plan))
    expect(busy).toMatchObject({ status: 429, retryAfter: 600_000, isPermanent: false })
    outside.instead = [{ status: 503, body: { message: 'Maintenance' } }]
    expect(await errorOf(service.update(id, plan))).toMatchObject({ status: 503, isPermanent: false })
    // Whatever is between us and the service answered.
    outside.instead = [{ status: 302, headers: { location: `${outside.base}/elsewhere` } }]
    expect(await errorOf(service.update(id, plan))).toMatchObject({ isPermanent: false })
    expect(outside.requests.filter(request => request.endsWith('elsewhere'))).toEqual([])
  })

  test('wrong credentials are said without the secret, and are not tried for ever', async () => {
    const error = await errorOf(open[name]!('a-wrong-secret').create(plan))
    expect(error).toMatchObject({ status: 400, isPermanent: true })
    expect(error.message).toContain('Invalid client_id or client_secret')
    expect(String(error.stack)).not.toMatch(/a-wrong-secret|Basic /)
    expect(outside.requests).toHaveLength(1)
    outside.instead = [{ status: 401 }, { status: 401, body: { message: 'Invalid access token' } }]
    expect(await errorOf(open[name]!().create(plan))).toMatchObject({ status: 401, isPermanent: true })
  })

  test('who was there is read from every run of the meeting and every page', async () => {
    const service = open[name]!()
    const { id } = await service.create(plan)
    expect(await service.stays(id)).toEqual([])
    const stay = (person: string, from: string, until: string) => {
      const [joined, left] = [`2026-12-01T${from}:00Z`, `2026-12-01T${until}:00Z`]
      const email = `${person.toLowerCase()}@example.com`
      return name === 'Zoom'
        ? { name: person, user_email: email, join_time: joined, leave_time: left, status: 'in_meeting' }
        : {
            emailAddress: email,
            identity: { displayName: person },
            attendanceIntervals: [{ joinDateTime: joined, leaveDateTime: left, durationInSeconds: 1 }],
          }
    }
    const nobody =
      name === 'Zoom'
        ? { ...stay('Waiting', '15:00', '15:30'), status: 'in_waiting_room' }
        : {
            emailAddress: null,
            identity: null,
            attendanceIntervals: [{ joinDateTime: null, leaveDateTime: null }],
          }
    outside.runs.set(id, [
      [stay('Ada', '15:00', '15:30'), nobody, stay('Bob', '15:10', '15:30')],
      [stay('Ada', '15:40', '16:30')],
    ])
    const stays = await service.stays(id)
    expect(
      stays.map(({ name, email, joinedAt, seconds }) => [name, email, joinedAt.toISOString(), seconds]),
    ).toEqual([
      ['Ada', 'ada@example.com', '2026-12-01T15:00:00.000Z', 1800],
      ['Bob', 'bob@example.com', '2026-12-01T15:10:00.000Z', 1200],
      ['Ada', 'ada@example.com', '2026-12-01T15:40:00.000Z', 3000],
    ])
  })
})

test('a page of Microsoft that leads elsewhere is not followed with the token', async () => {
  const service = open['Microsoft Teams']!()
  const { id } = await service.create(plan)
  const link = 'https://elsewhere.example/v1.0/next'
  outside.instead = [{ status: 200, body: { value: [], '@odata.nextLink': link } }]
  expect((await errorOf(service.stays(id))).message).toContain('another server')
})

test('of two meetings that Zoom has for one session, the older one stays', async () => {
  const service = open.Zoom!()
  const { id } = await service.create(plan)
  const twin = { ...outside.meetings[0]!, id: '90000000000', createdAt: 999 }
  outside.meetings.unshift(twin)
  expect(await service.create(later)).toMatchObject({ id })
  expect(outside.meetings).toMatchObject([{ id, start_time: '2026-12-02T15:00:00Z' }])
})
