import ICAL from 'ical.js'
import { Types } from 'mongoose'
import { convertIcsCalendar } from 'ts-ics'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { dieAfter } from '../kit/interleave'
import { runAllDue } from '../kit/ledger'
import { anonymous, as } from '../kit/as'
import { person } from '../kit/make'
import { shownIn } from '../kit/pdf'
import { bookingNotices, sessionNotices } from '../../src/academy/session-emails'
import { AuditEntries } from '../../src/events/audit'
import { slugOf } from '../../src/courses/slug'
import { Events } from '../../src/events/event'
import { reactTo } from '../../src/events/react'
import { record } from '../../src/events/record'
import { Certificates } from '../../src/learning/certificate'
import { reissueCertificate } from '../../src/learning/reissue-certificate'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { People, type Person } from '../../src/people/person'
import { oncePerBurst, reactions } from '../../src/reactions'
import { advanceBookings } from '../../src/sessions/advance-bookings'
import { advanceSessions, sendMaterials } from '../../src/sessions/advance-sessions'
import { countAttendance } from '../../src/sessions/attendance'
import { bookSeat, cancelBooking, sessionData } from '../../src/sessions/book-seat'
import { bookingId, SessionBookings } from '../../src/sessions/booking'
import { cancelSession, changeSession, contentOf, restoreSession } from '../../src/sessions/change-session'
import { LiveSessions, SessionSeries, type LiveSession } from '../../src/sessions/live-session'
import { nextStep } from '../../src/sessions/next-step'
import { startsOf } from '../../src/sessions/repetition'
import { publishedSessions } from '../../src/sessions/shown-sessions'
import { countMeetingTime } from '../../src/sessions/import-attendance'
import { purgeOldSessions } from '../../src/sessions/purge-sessions'
import { drainQueue } from '../../src/worker'
import { createSeats, SessionSeats } from '../../src/sessions/seats'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const sessions = advanceSessions(sessionNotices, countAttendance)

let count = 0
beforeEach(() => void setTime('2026-12-01T09:00:00Z'))

const joinUrl = 'https://meet.example/very-secret'

async function session(seats: number, given: Partial<LiveSession> = {}): Promise<LiveSession> {
  const startsAt = given.startsAt ?? later(now(), days(7))
  const made = await LiveSessions.create({
    slug: `notice-${++count}`,
    state: 'published',
    topic: 'learning',
    title: 'Ask a field engineer',
    summary: 'Bring a trend.',
    language: 'en',
    endsAt: later(startsAt, minutes(45)),
    timeZone: 'Europe/London',
    kind: 'online',
    joinUrl,
    createdAt: now(),
    dueAt: now(),
    ...given,
    startsAt,
  })
  await createSeats(made._id, seats)
  await drainQueue(sessions)
  return made
}

const people = (total: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: total }, () => person()))
const emailsTo = ({ _id }: Person) => Emails.find({ person: _id }).sort({ createdAt: 1, _id: 1 })
const subjectsTo = async (to: Person) => (await emailsTo(to)).map(({ subject }) => subject)
const latest = async ({ _id }: LiveSession) => (await LiveSessions.findById(_id))!

/** As the studio does it: a change of time or place has another sequence, and is due. */
async function change({ _id }: LiveSession, fields: Partial<LiveSession>, isTold = true): Promise<void> {
  const due = isTold ? { $inc: { sequence: 1, changes: 1 } } : { $inc: { changes: 1 } }
  await LiveSessions.updateOne({ _id }, { $set: { ...fields, ...(isTold && { dueAt: now() }) }, ...due })
}

function invitation(text: string) {
  const event = new ICAL.Event(
    new ICAL.Component(ICAL.parse(text) as unknown[]).getFirstSubcomponent('vevent')!,
  )
  return {
    uid: event.uid,
    sequence: event.sequence,
    startsAt: event.startDate.toJSDate().toISOString(),
    place: event.location,
  }
}

test('whoever books gets a seat, a place in the wait-list or an offer in words, and reminders once each', async () => {
  const pumps = await session(1)
  const [ada, ben] = await people(2)
  await bookSeat(pumps, ada!._id, { timeZone: 'America/New_York' })
  await bookSeat(pumps, ben!._id)
  await runAllDue()
  const [booked] = await emailsTo(ada!)
  expect(booked).toMatchObject({ subject: 'You have a seat: Ask a field engineer', kind: 'service' })
  expect(booked!.text).toContain('Tuesday 8 December at 04:00 GMT-5\n45 min. Times in New York (GMT-5).')
  expect(booked!.calendar!.method).toBe('REQUEST')
  expect(invitation(booked!.calendar!.text)).toEqual({
    uid: `session-${pumps._id}`,
    sequence: 0,
    startsAt: '2026-12-08T09:00:00.000Z',
    place: expect.stringMatching(new RegExp(`/sessions/${pumps.slug}$`)),
  })
  const [waiting] = await emailsTo(ben!)
  expect(waiting!.subject).toBe("You're on the wait-list: Ask a field engineer")
  expect(waiting!.text).toContain("You're number 1 on the wait-list.")
  expect(waiting!.text).toContain('Tuesday 8 December at 09:00 GMT\n45 min. Times in London (GMT).')
  expect(waiting!.calendar).toBeNull()
  advance(minutes(1))
  await cancelBooking(pumps, ada!._id)
  await runAllDue()
  const gaveUp = (await emailsTo(ada!)).at(-1)!
  expect(gaveUp).toMatchObject({ subject: 'You gave up your seat: Ask a field engineer' })
  expect(gaveUp.calendar!.method).toBe('CANCEL')
  expect(invitation(gaveUp.calendar!.text).uid).toBe(`session-${pumps._id}`)
  const offer = (await emailsTo(ben!)).at(-1)!
  expect(offer.subject).toBe('A seat for you: Ask a field engineer')
  // On another device she signs in first: the page says that it is hers to nobody else.
  expect(offer.text).toContain(`/sign-in?next=%2Fsessions%2F${pumps.slug}>`)
  expect(offer.text).toContain('Take it by Tuesday 1 December at 21:01 GMT.')
  advance(hours(13))
  await runAllDue()
  expect((await emailsTo(ben!)).map(({ subject }) => subject).at(-1)).toBe(
    'The seat is no longer kept for you: Ask a field engineer',
  )
  await bookSeat(pumps, ben!._id)
  for (const moment of ['2026-12-07T08:59:00Z', '2026-12-07T09:00:00Z', '2026-12-08T08:00:00Z']) {
    setTime(moment)
    await runAllDue()
    await SessionBookings.updateMany({ session: pumps._id }, { $set: { dueAt: now() } })
    await runAllDue()
  }
  const reminders = (await subjectsTo(ben!)).filter(subject => subject.startsWith('Reminder'))
  expect(reminders).toEqual(Array(2).fill('Reminder: Ask a field engineer, Tuesday 8 December at 09:00 GMT'))
  for (const email of await Emails.find({})) {
    expect([email.html, email.text, email.calendar?.text].join()).not.toContain('very-secret')
  }
})

test('20 edits of the description send nothing; three changes of time within minutes are one email', async () => {
  const pumps = await session(2)
  const [ada, ben, cleo, dora] = await people(4)
  for (const each of [ada!, ben!, cleo!]) await bookSeat(pumps, each._id)
  await runAllDue()
  for (let n = 0; n < 20; n++) await change(pumps, { description: `Version ${n}` }, false)
  for (const day of [2, 3, 4]) {
    const startsAt = later(pumps.startsAt, days(day))
    await change(pumps, { startsAt, endsAt: later(startsAt, minutes(60)) })
    await runAllDue()
    advance(minutes(2))
  }
  await bookSeat(pumps, dora!._id)
  advance(minutes(4))
  await runAllDue()
  await LiveSessions.updateOne({ _id: pumps._id }, { $set: { dueAt: now() } })
  await runAllDue()
  const subject = 'Changed: Ask a field engineer, Saturday 12 December at 09:00 GMT'
  for (const each of [ada!, ben!, cleo!]) {
    expect((await subjectsTo(each)).slice(1)).toEqual([subject])
  }
  expect(await subjectsTo(dora!)).toEqual(["You're on the wait-list: Ask a field engineer"])
  const changed = (await emailsTo(ada!)).at(-1)!
  expect(changed.text).toContain('Before, it was:\nTuesday 8 December at 09:00 GMT\nOnline')
  expect(changed.calendar!.method).toBe('REQUEST')
  expect(invitation(changed.calendar!.text)).toMatchObject({
    uid: `session-${pumps._id}`,
    sequence: 3,
    startsAt: '2026-12-12T09:00:00.000Z',
  })
  expect((await emailsTo(cleo!)).at(-1)!.calendar).toBeNull()
  // Reminders are of the new time.
  setTime('2026-12-08T08:30:00Z')
  await runAllDue()
  expect(await Emails.count({ person: ada!._id })).toBe(2)
  setTime('2026-12-11T09:00:00Z')
  await runAllDue()
  expect((await subjectsTo(ada!)).at(-1)).toBe(
    'Reminder: Ask a field engineer, Saturday 12 December at 09:00 GMT',
  )
  // A change that is put back within minutes is none.
  const { startsAt, endsAt } = await latest(pumps)
  await change(pumps, { startsAt: later(startsAt, days(1)), endsAt: later(endsAt, days(1)) })
  await runAllDue()
  await change(pumps, { startsAt, endsAt })
  await runAllDue()
  advance(minutes(6))
  await runAllDue()
  expect(await Emails.count({ person: ada!._id })).toBe(3)
  expect(await latest(pumps)).toMatchObject({ notifiedSequence: 5, notice: null })
})

test('of a time that is put back, those are told who booked while it was another one', async () => {
  const pumps = await session(5)
  const [ada, ben, cleo] = await people(3)
  await bookSeat(pumps, ada!._id)
  const { startsAt, endsAt } = pumps
  const save = async (moved: number) => {
    const before = await latest(pumps)
    const content = { ...contentOf(before), startsAt: later(startsAt, moved), endsAt: later(endsAt, moved) }
    await changeSession(pumps._id, content, { base: before.changes, seats: 5, by: null })
    await runAllDue()
    advance(minutes(1))
  }
  advance(minutes(1))
  await save(days(1))
  await bookSeat(await latest(pumps), ben!._id)
  await runAllDue()
  await save(days(2))
  await save(0)
  await bookSeat(await latest(pumps), cleo!._id)
  advance(minutes(6))
  await runAllDue()
  await runAllDue()
  expect(await subjectsTo(ada!)).toEqual(['You have a seat: Ask a field engineer'])
  expect(await subjectsTo(cleo!)).toEqual(['You have a seat: Ask a field engineer'])
  expect(await subjectsTo(ben!)).toEqual([
    'You have a seat: Ask a field engineer',
    'Changed: Ask a field engineer, Tuesday 8 December at 09:00 GMT',
  ])
  const [booked, changed] = await emailsTo(ben!)
  expect(invitation(booked!.calendar!.text)).toMatchObject({
    sequence: 1,
    startsAt: '2026-12-09T09:00:00.000Z',
  })
  expect(invitation(changed!.calendar!.text)).toMatchObject({
    sequence: 3,
    startsAt: '2026-12-08T09:00:00.000Z',
  })
  expect(changed!.text).not.toContain('Before, it was')
  expect(await latest(pumps)).toMatchObject({ notifiedSequence: 3, movedAt: null, notice: null })
  // Each is reminded of the time that it is.
  setTime('2026-12-07T09:00:00Z')
  await runAllDue()
  for (const each of [ada!, ben!, cleo!]) {
    expect((await subjectsTo(each)).filter(subject => subject.startsWith('Reminder'))).toHaveLength(1)
  }
})

// Clocks are put back on 1 November 2026 in New York, go forward on 4 October 2026 by half an hour on Lord Howe Island,
// and on 28 March 2027 in London.
test.each([
  ['America/New_York', '2026-10-27T15:00', ['2026-10-27T19:00', '2026-11-03T20:00']],
  ['Australia/Lord_Howe', '2026-09-29T15:00', ['2026-09-29T04:30', '2026-10-06T04:00']],
  ['Europe/London', '2027-03-23T15:00', ['2027-03-23T15:00', '2027-03-30T14:00']],
])(
  'a series in %s has its hour in emails, reminders and calendars when clocks change',
  async (timeZone, first, instants) => {
    const starts = startsOf(Date.parse(`${first}Z`), { repetition: 'weekly', count: 2, timeZone })
    expect(starts.map(start => start.toISOString().slice(0, 16))).toEqual(instants)
    setTime(later(starts[0]!, -days(3)))
    const series = await SessionSeries.create({
      ...{ slug: slugOf(timeZone), title: 'Over the change', kind: 'parts', createdAt: now() },
    })
    const parts: LiveSession[] = []
    for (const [n, startsAt] of starts.entries()) {
      parts.push(await session(1, { startsAt, timeZone, series: series._id, part: n + 1 }))
    }
    const ada = await person()
    for (const part of parts) await bookSeat(part, ada._id)
    const reminders = async () =>
      (await emailsTo(ada)).filter(({ subject }) => subject.startsWith('Reminder'))
    for (const [n, start] of starts.entries()) {
      for (const [before, sent] of [
        [hours(24) + 1, 0],
        [hours(24), 1],
        [hours(1) + 1, 1],
        [hours(1), 2],
      ] as const) {
        setTime(later(start, -before))
        await runAllDue()
        expect(await reminders()).toHaveLength(2 * n + sent)
      }
      const { subject, text } = (await reminders()).at(-1)!
      expect(subject).toContain(' at 15:00 ')
      expect(text).toContain('starts within the hour')
    }
    publishedSessions.forget()
    const feed = (await (await anonymous()).get(`/sessions/series/${series.slug}/calendar.ics`).expect(200))
      .text
    const inZone = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
    const byFirst = new ICAL.Component(ICAL.parse(feed) as unknown[])
      .getAllSubcomponents('vevent')
      .map(each => new ICAL.Event(each).startDate.toJSDate())
    const bySecond = (convertIcsCalendar(undefined, feed).events ?? []).map(({ start }) => start.date)
    for (const read of [byFirst, bySecond]) {
      expect(read).toEqual(starts)
      expect(read.map(start => inZone.format(start))).toEqual(['15:00', '15:00'])
    }
  },
)

test('a move of a session to today reminds nobody of what they were just told', async () => {
  const place = { name: 'Pump hall', address: '1 Dock Road, Leeds', mapUrl: 'https://maps.example/pumps' }
  const pumps = await session(2, { kind: 'room', place, joinUrl: '' })
  const ada = await person()
  await bookSeat(pumps, ada._id)
  await runAllDue()
  const [booked] = await emailsTo(ada)
  expect(booked!.html).toContain('href="https://maps.example/pumps"')
  expect(invitation(booked!.calendar!.text).place).toBe('Pump hall, 1 Dock Road, Leeds')
  const startsAt = later(now(), hours(3))
  await change(pumps, { startsAt, endsAt: later(startsAt, minutes(45)) })
  await runAllDue()
  advance(minutes(5))
  await runAllDue()
  expect((await subjectsTo(ada)).slice(1)).toEqual([
    'Changed: Ask a field engineer, Tuesday 1 December at 12:00 GMT',
  ])
  await change(pumps, { place: { ...place, name: 'Training room' } })
  advance(minutes(5))
  await runAllDue()
  advance(minutes(5))
  await runAllDue()
  const moved = (await emailsTo(ada)).at(-1)!
  expect(moved.text).toContain('is in a new place, at the same time.')
  expect(moved.text).toContain('Pump hall, 1 Dock Road, Leeds')
  advance(minutes(120))
  await runAllDue()
  expect((await subjectsTo(ada)).filter(subject => subject.startsWith('Reminder'))).toHaveLength(1)
})

test('a cancelled session tells everyone who had a seat or waited, once, with the reason', async () => {
  const host = await person({ role: 'author' })
  const given = { person: host._id, name: host.name, role: 'Field engineer', isPanel: false }
  const pumps = await session(1, { hosts: [given] })
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await runAllDue()
  advance(minutes(1))
  await change(pumps, {
    state: 'cancelled',
    cancelledAt: now(),
    cancellation: { because: 'host', text: 'The engineer is ill.' },
  })
  await runAllDue()
  await LiveSessions.updateOne({ _id: pumps._id }, { $set: { dueAt: now() } })
  await runAllDue()
  for (const [each, method] of [
    [ada!, 'CANCEL'],
    [ben!, null],
  ] as const) {
    const [, cancelled, ...rest] = await emailsTo(each)
    expect(rest).toEqual([])
    expect(cancelled!.subject).toBe('Cancelled: Ask a field engineer')
    expect(cancelled!.text).toContain('The engineer is ill.')
    expect(cancelled!.calendar?.method ?? null).toBe(method)
  }
  const [cancelled] = (await emailsTo(ada!)).slice(1)
  expect(invitation(cancelled!.calendar!.text)).toMatchObject({
    uid: `session-${pumps._id}`,
    sequence: 1,
  })
  expect(await subjectsTo(host)).toEqual(['Cancelled: Ask a field engineer, Tuesday 8 December at 09:00 UTC'])
  expect(await SessionSeats.findById(pumps._id)).toMatchObject({ taken: 0, waitingCount: 0, isOpen: false })
  setTime('2026-12-08T08:00:00Z')
  await runAllDue()
  expect(await Emails.count({ person: ada!._id })).toBe(2)
})

test('a session with too few bookings is cancelled in time; one with enough takes place', async () => {
  const minimum = { seats: 2, hours: 48 }
  const [empty, full] = [await session(5, { minimum }), await session(5, { minimum })]
  const [ada, ben] = await people(2)
  await bookSeat(empty, ada!._id)
  for (const each of [ada!, ben!]) await bookSeat(full, each._id)
  setTime('2026-12-06T08:59:00Z')
  await runAllDue()
  expect((await latest(empty)).state).toBe('published')
  setTime('2026-12-06T09:00:00Z')
  await runAllDue()
  expect(await latest(empty)).toMatchObject({ state: 'cancelled', sequence: 1, notifiedSequence: 1 })
  expect(await AuditEntries.find({ subject: empty.slug })).toMatchObject([
    { actor: null, action: 'session.cancelled', detail: { booked: 1, minimum: 2 } },
  ])
  const cancelled = (await emailsTo(ada!)).at(-1)!
  expect(cancelled.text).toContain('has been cancelled, because too few people had booked.')
  // Who gives up a seat later doesn't cancel it for the others.
  await cancelBooking(full, ben!._id)
  await runAllDue()
  expect(await latest(full)).toMatchObject({ state: 'published', minimumMetFor: full.startsAt })
  // A cancellation that is taken back after the deadline: it is looked at then, and those who were enough still are.
  const [undone, short] = [await session(5, { minimum }), await session(5, { minimum })]
  const deadline = later(undone.startsAt, -hours(48))
  const host = await person({ role: 'author' })
  for (const each of [ada!, ben!]) await bookSeat(undone, each._id)
  await bookSeat(short, ada!._id)
  setTime(later(deadline, -minutes(2)))
  for (const each of [undone, short]) await cancelSession(await latest(each), '', host._id)
  setTime(later(deadline, minutes(1)))
  await runAllDue()
  for (const each of [undone, short]) {
    expect(await latest(each)).toMatchObject({ state: 'cancelled', cancellation: { because: 'host' } })
    await restoreSession(await latest(each), host._id)
  }
  await runAllDue()
  await runAllDue()
  expect(await latest(undone)).toMatchObject({ state: 'published', minimumMetFor: undone.startsAt })
  expect(await latest(short)).toMatchObject({ state: 'cancelled', cancellation: { because: 'minimum' } })
  // That one can't be taken back: those who had booked have been told, once.
  await expect(restoreSession(await latest(short), host._id)).rejects.toMatchObject({ status: 409 })
  const about = (await emailsTo(ada!)).filter(
    ({ text }) => text.includes(short.slug) || text.includes('too few'),
  )
  expect(about.map(({ subject }) => subject)).toEqual(Array(2).fill('Cancelled: Ask a field engineer'))
  // Nobody could book in time.
  const late = await session(5, { minimum, startsAt: later(now(), hours(20)) })
  await runAllDue()
  expect((await latest(late)).state).toBe('published')
})

test('nobody is reminded of a time that may still be put back, and nobody misses the reminder when it is', async () => {
  const pumps = await session(1)
  const [ada] = await people(1)
  await bookSeat(pumps, ada!._id)
  await runAllDue()
  setTime('2026-12-07T09:00:00Z')
  await runAllDue()
  setTime('2026-12-08T07:58:00Z')
  const { startsAt, endsAt } = pumps
  await change(pumps, { startsAt: later(startsAt, days(1)), endsAt: later(endsAt, days(1)) })
  await runAllDue()
  setTime('2026-12-08T08:00:00Z')
  await runAllDue()
  expect(await Emails.count({ person: ada!._id })).toBe(2)
  setTime('2026-12-08T08:02:00Z')
  await change(pumps, { startsAt, endsAt })
  for (const wait of [0, 1]) {
    advance(minutes(wait))
    await runAllDue()
  }
  const when = 'Ask a field engineer, Tuesday 8 December at 09:00 GMT'
  expect((await subjectsTo(ada!)).slice(1)).toEqual([`Reminder: ${when}`, `Reminder: ${when}`])
})

test('an offer begins when its person is told of it, not while nothing ran', async () => {
  const pumps = await session(1)
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await cancelBooking(pumps, ada!._id)
  // The process died before the email was written, and came back a day later.
  advance(days(1))
  await runAllDue()
  const booking = await SessionBookings.findById(bookingId(pumps._id, ben!._id))
  const until = later(now(), hours(12))
  expect(booking).toMatchObject({ state: 'offered', until, dueAt: until })
  expect((await subjectsTo(ben!)).filter(subject => subject.startsWith('A seat for you'))).toHaveLength(1)
  // From then on it ends in time.
  advance(hours(12))
  await runAllDue()
  expect((await SessionBookings.findById(bookingId(pumps._id, ben!._id)))!.state).toBe('lapsed')
  expect((await SessionSeats.findById(pumps._id))!.taken).toBe(0)
})

test('the sessions of a host who is deleted keep their page and their other hosts', async () => {
  const host = await person({ role: 'author', name: 'Ines Halvorsen' })
  const guest = { person: null, name: 'Ida Holm', role: 'Field engineer', isPanel: false }
  const hosts = [{ person: host._id, name: host.name, role: '', isPanel: false }, guest]
  const pumps = await session(1, { hosts })
  const alone = await session(1, { hosts: hosts.slice(0, 1) })
  // The process died before the parts of a series were created.
  const _id = new Types.ObjectId()
  const startsAt = later(now(), days(20))
  const times = { startsAt, endsAt: later(startsAt, minutes(45)) }
  const each = [{ session: _id, base: null, part: 1, ...times }]
  const plan = { by: host._id, seats: 3, shared: { ...contentOf(pumps), ...times, hosts }, each }
  const series = { slug: 'unfinished', title: 'Unfinished', kind: 'parts' as const, createdAt: now() }
  await SessionSeries.create({ ...series, plan, dueAt: later(now(), minutes(1)) })
  await erasePerson(host._id)
  await runAllDue()
  const nobody = await anonymous()
  const page = (await nobody.get(`/sessions/${pumps.slug}`).expect(200)).text
  expect(page).toContain('Ida Holm')
  expect(page).not.toContain('Halvorsen')
  expect((await nobody.get(`/sessions/${alone.slug}`).expect(200)).text).not.toContain('Halvorsen')
  expect((await nobody.get('/sessions').expect(200)).text).not.toContain('Ines')
  expect(JSON.stringify(await SessionSeries.findOne({ slug: 'unfinished' }))).not.toContain('Ines')
  advance(minutes(1))
  await runAllDue()
  expect((await LiveSessions.findById(_id))!.hosts).toMatchObject([{ name: 'Ida Holm' }])
})

test('an erased or suspended person is told nothing', async () => {
  const pumps = await session(3)
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await runAllDue()
  await People.updateOne({ _id: ada!._id }, { $set: { suspendedAt: now() } })
  await change(pumps, { timeZone: 'Europe/Prague' })
  await runAllDue()
  advance(minutes(5))
  await runAllDue()
  expect(await Emails.count({ person: ada!._id })).toBe(1)
  expect(await Emails.count({ person: ben!._id })).toBe(2)
})

test('what is next about a session, and when', async () => {
  const made = await session(3, { minimum: { seats: 2, hours: 24 } })
  const pumps = await latest(made)
  const at = (fields: Partial<LiveSession>) => {
    const next = nextStep({ ...pumps, ...fields })
    return next && `${next.step} ${next.dueAt.toISOString()}`
  }
  const told = { told: pumps.told, notifiedSequence: 0 }
  expect(pumps.told).toMatchObject({ startsAt: pumps.startsAt, kind: 'online', place: null })
  expect(at({ state: 'draft' })).toBeNull()
  expect(at({ ...told })).toBe('minimum 2026-12-07T09:00:00.000Z')
  expect(at({ minimumMetFor: pumps.startsAt })).toBe('finish 2026-12-08T10:00:00.000Z')
  const seen = { sequence: 1, seenAt: new Date('2026-12-02T09:00:00Z'), after: '' }
  expect(at({ sequence: 1, notice: seen })).toBe('tell 2026-12-02T09:05:00.000Z')
  expect(at({ sequence: 2, notice: seen })).toBe('tell 1970-01-01T00:00:00.000Z')
  const soon = new Date('2026-12-08T08:10:00Z')
  expect(at({ sequence: 1, notice: { ...seen, seenAt: soon }, minimumMetFor: pumps.startsAt })).toBe(
    'tell 2026-12-08T08:10:00.000Z',
  )
  expect(at({ state: 'cancelled', sequence: 1 })).toBe('tell 1970-01-01T00:00:00.000Z')
  expect(at({ state: 'cancelled', sequence: 1, notifiedSequence: 1 })).toBeNull()
  const over = { finishedAt: new Date('2026-12-08T10:00:00Z'), minimum: null }
  expect(at(over)).toBeNull()
  const asked = new Date('2026-12-08T11:00:00Z')
  expect(at({ ...over, materialsDueAt: asked })).toBe('materials 2026-12-08T11:00:00.000Z')
  expect(at({ ...over, materialsDueAt: asked, materialsSentAt: asked })).toBeNull()
})

test('materials are sent once, with words for those who came and those who did not', async () => {
  const pumps = await session(3)
  const [ada, ben] = await people(2)
  for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
  await runAllDue()
  setTime('2026-12-08T10:05:00Z')
  await runAllDue()
  expect(await latest(pumps)).toMatchObject({ finishedAt: now(), dueAt: null })
  for (const [each, outcome] of [
    [ada!, 'attended'],
    [ben!, 'missed'],
  ] as const) {
    await SessionBookings.updateOne({ _id: bookingId(pumps._id, each._id) }, { $set: { outcome } })
  }
  await Emails.deleteMany({})
  const recording = {
    id: 'r',
    kind: 'recording' as const,
    title: 'All of it',
    url: 'https://video.example/r',
  }
  await change(pumps, { materials: [{ ...recording, isPublic: false }] }, false)
  const words = { attended: 'You asked good questions.', missed: 'Watch from minute 12.' }
  expect(await sendMaterials(pumps, words)).toBe(true)
  expect(await sendMaterials(pumps, { attended: 'Again', missed: 'Again' })).toBe(false)
  await runAllDue()
  await LiveSessions.updateOne({ _id: pumps._id }, { $set: { dueAt: now(), materialsSentAt: null } })
  await runAllDue()
  const [attended, ...rest] = await emailsTo(ada!)
  expect(rest).toEqual([])
  expect(attended!.subject).toBe('After the session: Ask a field engineer')
  expect(attended!.text).toContain('You asked good questions.')
  expect(attended!.text).toContain('Recording: All of it')
  expect(attended!.text).not.toContain('video.example')
  const [missed] = await emailsTo(ben!)
  expect(missed!.subject).toBe('What you missed: Ask a field engineer')
  expect(missed!.text).toContain('Watch from minute 12.')
})

test('attendance of a session and of enough parts of a series is certified, checked, reissued and erased', async () => {
  const series = await SessionSeries.create({
    ...{ slug: 'four-weeks', title: 'Four weeks of pumps', kind: 'parts', certificate: true, required: 2 },
    createdAt: now(),
  })
  const host = { person: null, name: 'Ida Holm', role: 'Field engineer', isPanel: false }
  const parts = [1, 8, 15].map(day => ({
    ...{ title: `Part of day ${day}`, series: series._id, hosts: [host], certificate: day === 1 },
    startsAt: later(now(), days(day)),
  }))
  const made: LiveSession[] = []
  for (const part of parts) made.push(await session(3, part))
  const ada = await person({ name: 'Ada Lovelace' })
  for (const each of made) await bookSeat(each, ada._id)
  const attend = async (each: LiveSession, minutes: number) => {
    const data = { ...sessionData(each), minutes, length: 45, how: 'page' as const }
    await record({ name: 'session.attended', person: ada._id, idempotencyKey: [each._id, 1], data })
    await runAllDue()
    const _id = bookingId(each._id, ada._id)
    await SessionBookings.updateOne({ _id }, { $set: { outcome: 'attended', minutes } })
  }
  setTime(later(made[0]!.endsAt, minutes(20)))
  await attend(made[0]!, 38)
  const [first, ...none] = await Certificates.find({ person: ada._id })
  expect(none).toEqual([])
  expect(first).toMatchObject({
    ...{ course: made[0]!._id, title: 'Part of day 1', minutes: 38, issuedAt: made[0]!.endsAt },
    ...{ signedBy: { name: 'Ida Holm', role: 'Field engineer' }, attended: { of: 'session', sessions: 1 } },
  })
  setTime(later(made[1]!.endsAt, minutes(20)))
  await attend(made[1]!, 45)
  await attend(made[1]!, 45)
  setTime(later(made[2]!.endsAt, minutes(20)))
  await attend(made[2]!, 45)
  const all = await Certificates.find({ person: ada._id })
  expect(all).toHaveLength(2)
  const whole = all.find(({ course }) => course.equals(series._id))!
  expect(whole).toMatchObject({ minutes: 83, attended: { of: 'series', sessions: 2 } })
  expect((await subjectsTo(ada)).filter(subject => subject.startsWith('Your certificate'))).toEqual([
    'Your certificate: Part of day 1',
    'Your certificate: Four weeks of pumps',
  ])
  const nobody = await anonymous()
  const page = (await nobody.get(`/certificates/${whole._id}`).expect(200)).text
  expect(page.replace(/<[^>]+>|\s+/g, ' ').replace(/ +/g, ' ')).toContain(
    'attended Four weeks of pumps , 2 sessions, 1 hour and 23 minutes in all.',
  )
  await nobody
    .get('/certificates')
    .query({ number: whole.number })
    .expect('location', `/certificates/${whole._id}`)
  const own = await (await as(ada)).get('/account/certificates').expect(200)
  expect(own.text).toContain('Four weeks of pumps')
  const pdf = await nobody.get(`/certificates/${first!._id}/certificate.pdf`).buffer().expect(200)
  expect(
    shownIn(pdf.body as Buffer)
      .map(({ text }) => text)
      .join(''),
  ).toContain('attended “Part of day 1”, 38 minutes.')
  await People.updateOne({ _id: ada._id }, { $set: { name: 'Ada King' } })
  const renamed = (await People.findById(ada._id))!
  const reissued = await reissueCertificate(whole, renamed)
  expect(await Certificates.findById(reissued)).toMatchObject({ name: 'Ada King', minutes: 83 })
  await erasePerson(ada._id)
  await runAllDue()
  expect(await Certificates.count({ person: ada._id })).toBe(0)
  expect(await SessionBookings.count({ person: ada._id })).toBe(0)
  await nobody.get(`/certificates/${whole._id}`).expect(404)
})

describe('whatever is interrupted, each is told once', () => {
  const bookings = advanceBookings({ ...bookingNotices, endPayment: () => Promise.resolve(null) })
  const react = reactTo(reactions, oncePerBurst)
  const finish = async () => {
    for (const consumer of [react, sessions, bookings, sessions, react]) await drainQueue(consumer)
  }
  /** One piece of work after another, so that it stops at one command. */
  const inTurn = async ({ take }: typeof bookings) => {
    for (let run = await take(); run; run = await take()) await run()
  }
  type Step = {
    consumer: typeof bookings
    collections: string[]
    /** Brings a session with three people to the moment before. */
    begin: (pumps: LiveSession, three: Person[]) => Promise<unknown>
    /** Who is told, with the beginning of the subject. */
    told: (three: Person[]) => [Person[], string]
  }
  const moved = { startsAt: new Date('2026-12-09T09:00:00Z'), endsAt: new Date('2026-12-09T09:45:00Z') }
  const steps: Record<string, Step> = {
    reminders: {
      consumer: bookings,
      collections: ['session_bookings', 'emails'],
      begin: () => Promise.resolve(setTime('2026-12-07T09:00:00Z')),
      told: ([ada, ben]) => [[ada!, ben!], 'Reminder'],
    },
    offers: {
      consumer: bookings,
      collections: ['session_bookings', 'emails'],
      begin: (pumps, [ada]) => cancelBooking(pumps, ada!._id),
      told: ([, , cleo]) => [[cleo!], 'A seat for you'],
    },
    changes: {
      consumer: sessions,
      collections: ['live_sessions', 'session_bookings', 'emails'],
      begin: async pumps => {
        await change(pumps, moved)
        await drainQueue(sessions)
        advance(minutes(5))
      },
      told: three => [three, 'Changed'],
    },
    cancellation: {
      consumer: sessions,
      collections: ['live_sessions', 'session_seats', 'session_bookings', 'events'],
      begin: pumps =>
        change(pumps, {
          state: 'cancelled',
          cancellation: { because: 'host', text: '' },
          cancelledAt: now(),
        }),
      told: three => [three, 'Cancelled'],
    },
  }
  test.each(Object.entries(steps))('%s', async (_name, { consumer, collections, begin, told }) => {
    for (let sent = 1, isDead = true; isDead; sent += 3) {
      setTime('2026-12-01T09:00:00Z')
      const pumps = await session(2)
      const three = await people(3)
      for (const each of three) await bookSeat(pumps, each._id)
      await finish()
      await begin(pumps, three)
      isDead = await dieAfter(sent, collections, () => inTurn(consumer))
      advance(minutes(6))
      await finish()
      const [recipients, subject] = told(three)
      for (const each of recipients) {
        const found = (await subjectsTo(each)).filter(text => text.startsWith(subject))
        expect({ sent, count: found.length }).toEqual({ sent, count: 1 })
      }
      await LiveSessions.updateMany({}, { $set: { dueAt: null } })
      await SessionBookings.updateMany({}, { $set: { dueAt: null } })
    }
  })

  test('the count', async () => {
    for (let sent = 1, isDead = true; isDead; sent += 3) {
      setTime('2026-12-01T09:00:00Z')
      const pumps = await session(2)
      const [ada, ben] = await people(2)
      for (const each of [ada!, ben!]) await bookSeat(pumps, each._id)
      await finish()
      setTime('2026-12-08T09:30:00Z')
      const stay = { ...{ name: ada!.name, email: ada!.email, seconds: 1800 }, joinedAt: pumps.startsAt }
      await countMeetingTime(pumps, [{ ...stay, leftAt: later(pumps.startsAt, minutes(30)) }])
      setTime('2026-12-08T10:00:00Z')
      isDead = await dieAfter(sent, ['live_sessions', 'session_bookings', 'events'], () => inTurn(sessions))
      advance(minutes(6))
      await finish()
      const counted = await Events.find({
        'data.session': String(pumps._id),
        name: /^session\.(attended|missed)/,
      })
      expect(counted.map(({ name, person: who }) => `${name} ${who}`).sort()).toEqual(
        [`session.attended ${ada!._id}`, `session.missed ${ben!._id}`].sort(),
      )
      expect((await latest(pumps)).finishedAt).not.toBeNull()
      await SessionBookings.updateMany({}, { $set: { dueAt: null } })
    }
  })
})

test('what a meeting service says later counts, and who was there is deleted after 13 months', async () => {
  const pumps = await session(2)
  const ada = await person()
  await bookSeat(pumps, ada._id)
  setTime('2026-12-08T10:00:00Z')
  await runAllDue()
  const booking = async () => SessionBookings.findById(bookingId(pumps._id, ada._id))
  expect(await booking()).toMatchObject({ outcome: 'missed', minutes: 0 })
  const times = { joinedAt: pumps.startsAt, leftAt: later(pumps.startsAt, minutes(40)) }
  await countMeetingTime(pumps, [{ name: ada.name, email: ada.email, seconds: 2400, ...times }])
  await runAllDue()
  expect(await booking()).toMatchObject({ outcome: 'attended', minutes: 40 })
  expect(await latest(pumps)).toMatchObject({ recountAt: null, dueAt: null })
  advance(days(395))
  await purgeOldSessions()
  expect(await booking()).not.toBeNull()
  advance(days(2))
  await purgeOldSessions()
  expect(await booking()).toBeNull()
  expect((await SessionSeats.findById(pumps._id))!.holders).toEqual([])
})

test.each([
  ['Europe/London', '2027-03-28T09:00:00Z', 'Sunday 28 March at 10:00 BST', 'London (BST)'],
  ['America/New_York', '2026-11-01T15:00:00Z', 'Sunday 1 November at 10:00 GMT-5', 'New York (GMT-5)'],
  [
    'Australia/Lord_Howe',
    '2027-04-03T23:30:00Z',
    'Sunday 4 April at 10:00 GMT+10:30',
    'Lord Howe (GMT+10:30)',
  ],
])('clocks change in %s between the reminder and the start', async (timeZone, start, when, zone) => {
  const startsAt = new Date(start)
  setTime(later(startsAt, -days(3)))
  const pumps = await session(2, { startsAt, timeZone })
  const ada = await person()
  await bookSeat(pumps, ada._id)
  await runAllDue()
  setTime(later(startsAt, -days(1) - 1000))
  await runAllDue()
  expect(await Emails.count({ person: ada._id })).toBe(1)
  advance(1000)
  await runAllDue()
  setTime(later(startsAt, -hours(1)))
  await runAllDue()
  const [booked, ...reminders] = await emailsTo(ada)
  expect(invitation(booked!.calendar!.text).startsAt).toBe(startsAt.toISOString())
  expect(reminders.map(({ subject }) => subject)).toEqual(
    Array(2).fill(`Reminder: Ask a field engineer, ${when}`),
  )
  for (const { text } of [booked!, ...reminders]) expect(text).toContain(`${when}\n45 min. Times in ${zone}.`)
})
