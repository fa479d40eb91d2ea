import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { Emails } from '../../src/mail/email'
import type { Person } from '../../src/people/person'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { publishedCourse } from '../../src/courses/published'
import { bookSeat, cancelBooking, claimSeat } from '../../src/sessions/book-seat'
import { SessionBookings } from '../../src/sessions/booking'
import {
  cancelSession,
  changeSession,
  contentOf,
  createSession,
  publishSession,
} from '../../src/sessions/change-session'
import { LiveSessions, SessionSeries, type LiveSession } from '../../src/sessions/live-session'
import { propose } from '../../src/sessions/proposal'
import { SessionSeats } from '../../src/sessions/seats'
import { createSeries, finishSeries } from '../../src/sessions/series'
import { SessionMeetings, type SessionMeeting } from '../../src/sessions/session-meeting'
import { Types } from 'mongoose'
import request from 'supertest'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ines: Person
let author: Visitor
let reviewer: Visitor
let rep: Person
let host: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-12-01T09:00:00Z')
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  rep = await make.person({ role: 'sales', name: 'Ingrid Solheim' })
  author = await as(ines)
  reviewer = await as(await make.person({ role: 'reviewer' }))
  host = await as(rep)
  await make.course({ slug: 'pumps', title: 'Pumps', topic: 'sales' })
})
afterAll(() => academy.close())

const home = '/studio/sessions'
/** A form as an author fills it in. */
const form = (given: Record<string, unknown> = {}) => ({
  ...{ title: 'Ask a field engineer', summary: 'Bring a trend.', topic: 'learning', language: 'en' },
  ...{ day: '2026-12-10', time: '15:00', length: '45', timeZone: 'Europe/London', kind: 'online' },
  ...{ joinUrl: 'https://meet.example/abc', seats: '10', base: '0' },
  'hosts.0.person': String(ines._id),
  ...given,
})
const idOf = (location: string | undefined) => location!.split('/').at(-1)!
const load = async (id: string | Types.ObjectId): Promise<LiveSession> => (await LiveSessions.findById(id))!
const capacityOf = async (id: string) => (await SessionSeats.findById(id))?.capacity

async function draft(given: Record<string, unknown> = {}): Promise<string> {
  return idOf((await author.post(home, form(given)).expect(303)).headers.location)
}
async function published(given: Record<string, unknown> = {}): Promise<string> {
  const id = await draft(given)
  await author.post(`${home}/${id}/publication`, form(given)).expect(303)
  return id
}
const save = async (id: string, given: Record<string, unknown>) =>
  author.post(`${home}/${id}`, form({ base: String((await load(id)).changes), ...given }))

test('an author makes a draft and publishes it, and the time is that of the time zone', async () => {
  expect((await author.get(`${home}/new`).expect(200)).text).toContain('New session')
  const rows = {
    'agenda.0.minute': '15',
    'agenda.0.text': 'Your trends',
    'agenda.1.minute': '0',
    'agenda.1.text': 'Three trends',
    'questions.0.label': 'Which pump?',
    'questions.0.kind': 'choice',
    'questions.0.options': 'P1; P2',
    'hosts.1.name': 'Samuel Okafor',
    'hosts.1.part': 'panel',
  }
  const id = await draft({ day: '2027-03-30', timeZone: 'Europe/London', ...rows })
  const made = await load(id)
  expect(made).toMatchObject({
    ...{ state: 'draft', slug: 'ask-a-field-engineer', startsAt: new Date('2027-03-30T14:00Z') },
    ...{ endsAt: new Date('2027-03-30T14:45Z'), joinUrl: 'https://meet.example/abc', price: null },
    hosts: [
      { name: 'Ines Halvorsen', isPanel: false },
      { person: null, name: 'Samuel Okafor', isPanel: true },
    ],
    agenda: [{ minute: 0, text: 'Three trends' }, { minute: 15 }],
    questions: [{ label: 'Which pump?', kind: 'choice', options: ['P1', 'P2'], isRequired: false }],
  })
  expect(await capacityOf(id)).toBe(10)
  const page = (await author.get(`${home}/${id}`).expect(200)).text
  expect(page).toContain('Tuesday 30 March at 15:00 BST, 45 min, online.')
  expect(page).toMatch(/name="agenda.1.text"[^>]*value="Your trends"/)
  expect((await author.get(`${home}?tab=drafts`).expect(200)).text).toContain('Ask a field engineer')
  await author.post(`${home}/${id}/publication`, form({ day: '2027-03-30', ...rows })).expect(303)
  expect((await load(id)).state).toBe('published')
  const list = (await author.get(`${home}?q=okafor+field`).expect(200)).text
  expect(list).toMatch(/Ask a field engineer[^]*0 of 10/)
  expect((await author.get(`${home}?q=nobody`).expect(200)).text).toContain('No matching sessions')
  const actions = await AuditEntries.find({ subject: 'ask-a-field-engineer' })
  expect(actions.map(({ action }) => action).sort()).toEqual([
    ...['session.changed', 'session.created', 'session.published'],
  ])
})

test('the button pressed twice makes one session', async () => {
  const typed = form({ title: 'Pressed twice', occasion: 'a'.repeat(22) })
  const [first, second] = [await author.post(home, typed), await author.post(home, typed)]
  expect(second.headers.location).toBe(first.headers.location)
  expect(await LiveSessions.count({ title: 'Pressed twice' })).toBe(1)
})

test.each([
  [{ title: '' }, 'Enter a title'],
  [{ day: '2026-02-30' }, 'Enter a day'],
  [{ time: '25:00' }, 'Enter a time such as 15:00'],
  [{ day: '2027-03-28', time: '01:30' }, 'Clocks skip 01:30 on this day'],
  [{ length: '0' }, 'Enter a whole number within the limits'],
  [{ seats: '5001' }, 'Enter a whole number within the limits'],
  [{ joinUrl: 'http://meet.example' }, 'Enter a link that starts with https://'],
  [{ joinUrl: 'https://me:secret@meet.example' }, 'Enter a link that starts with https://'],
  [{ timeZone: 'Mars/Base' }, 'Choose one'],
  [{ 'hosts.0.person': String(new Types.ObjectId()) }, 'Choose one'],
  [{ 'hosts.0.person': '', 'hosts.0.role': 'Engineer' }, 'Choose a teammate or enter a name'],
  [{ 'agenda.0.minute': '45', 'agenda.0.text': 'Late' }, 'The session ends after 45 min'],
  [
    { 'questions.0.label': 'Which?', 'questions.0.kind': 'choice', 'questions.0.options': 'P1' },
    'two choices',
  ],
  [{ minimumSeats: '11' }, 'There are 10 seats'],
  [{ visibility: 'listed-companies' }, 'Enter at least one company'],
  [{ repeats: 'weekly' }, 'Enter how many sessions there are'],
  [{ repeats: 'dates', dates: '2027-13-01' }, 'These aren’t days such as 2027-01-12: 2027-13-01'],
])('a wrong field says so, and nothing typed is lost: %j', async (given, message) => {
  const response = await author.post(home, form({ summary: 'Kept as typed', ...given }))
  expect(response.status).toBe(422)
  expect(response.text).toContain(message)
  expect(response.text).toContain('Kept as typed')
  expect(response.text).toContain(`value="${String(ines._id)}"`)
})

test('rows are added and removed by buttons, without saving', async () => {
  const two = { 'hosts.1.name': 'Samuel', 'hosts.2.name': 'Tom' }
  const removed = await author.post(home, form({ ...two, change: 'remove:hosts:1' })).expect(200)
  expect(removed.text).toMatch(/name="hosts.1.name"[^>]*value="Tom"/)
  expect(removed.text).not.toMatch(/value="Samuel"/)
  expect(removed.text.match(/value="Tom"/g)).toHaveLength(1)
  const id = await draft({ title: 'Rows' })
  await author.post(`${home}/${id}`, form({ title: 'Not saved', change: 'add:agenda' })).expect(200)
  expect((await load(id)).title).toBe('Rows')
})

test('a session that lacks something can’t be published, and says what', async () => {
  const id = await draft({ title: 'Nowhere', joinUrl: '', 'hosts.0.person': '' })
  expect((await author.get(`${home}/${id}`)).text).toMatch(
    /at least one host[^]*Enter the link to the meeting/,
  )
  const refused = await author.post(
    `${home}/${id}/publication`,
    form({ title: 'Nowhere', joinUrl: '', 'hosts.0.person': '' }),
  )
  expect(refused.status).toBe(422)
  expect((await load(id)).state).toBe('draft')
  const past = await draft({ title: 'Past', day: '2026-11-30' })
  const late = await author.post(`${home}/${past}/publication`, form({ title: 'Past', day: '2026-11-30' }))
  expect(late.text).toContain('Choose a start in the future')
})

test('time and place are told, 20 edits of the description are not', async () => {
  const id = await published({ title: 'Told' })
  await runAllDue()
  const { sequence } = await load(id)
  for (let n = 0; n < 20; n++) {
    expect((await save(id, { title: 'Told', description: `Edit ${n}` })).status).toBe(303)
  }
  await save(id, { title: 'Told', joinUrl: 'https://meet.example/other', 'hosts.0.person': String(rep._id) })
  expect(await load(id)).toMatchObject({ sequence, description: '', joinUrl: 'https://meet.example/other' })
  await save(id, { title: 'Told', time: '16:00' })
  expect(await load(id)).toMatchObject({ sequence: sequence + 1, startsAt: new Date('2026-12-10T16:00Z') })
  const room = { title: 'Told', time: '16:00', kind: 'room', placeAddress: '1 Dock Road' }
  await save(id, room)
  expect(await load(id)).toMatchObject({
    ...{ sequence: sequence + 2, joinUrl: '' },
    place: { name: '', address: '1 Dock Road', mapUrl: '' },
  })
  const past = await save(id, { ...room, day: '2026-11-20' })
  expect(past.status).toBe(422)
  expect(past.text).toContain('Choose a start in the future')
})

test('of two editors, the second is told and keeps what was typed', async () => {
  const id = await published({ title: 'Two' })
  const base = String((await load(id)).changes)
  await author.post(`${home}/${id}`, form({ title: 'First', base })).expect(303)
  const late = await author.post(`${home}/${id}`, form({ title: 'Second', base }))
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has changed this session')
  expect(late.text).toContain('value="Second"')
  const [, current] = /name="base" value="(\d+)"/.exec(late.text)!
  await author.post(`${home}/${id}`, form({ title: 'Second', base: current })).expect(303)
  expect((await load(id)).title).toBe('Second')
})

test('there are never fewer seats than are taken, and new ones are offered to those who wait', async () => {
  const id = await published({ title: 'Seats', seats: '2' })
  const crowd = await Promise.all([1, 2, 3].map(() => make.person()))
  for (const { _id } of crowd) await bookSeat(await load(id), _id)
  const fewer = await save(id, { title: 'Seats', seats: '1' })
  expect(fewer.status).toBe(422)
  expect(fewer.text).toContain('2 seats are taken')
  expect((await author.get(`${home}/${id}`)).text).toMatch(
    /2 of 2 seats are taken\. 1 person waits\.[^]*3 people with a seat or in the wait-list get an email/,
  )
  await save(id, { title: 'Seats', seats: '3' })
  expect((await SessionBookings.findById(`${id}:${crowd[2]!._id}`))!.state).toBe('offered')
  expect((await author.get(`${home}/${id}/people?show=offered`)).text).toContain(crowd[2]!.name)
})

test('a session nobody booked is a draft again; one with bookings is cancelled, after saying who is told', async () => {
  const id = await published({ title: 'Off' })
  await author.post(`${home}/${id}/withdrawal`).expect(303)
  expect((await load(id)).state).toBe('draft')
  await author.post(`${home}/${id}/publication`, form({ title: 'Off', base: '2' })).expect(409)
  const base = String((await load(id)).changes)
  await author.post(`${home}/${id}/publication`, form({ title: 'Off', base })).expect(303)
  const ada = await make.person()
  expect((await bookSeat(await load(id), ada._id)).state).toBe('booked')
  await author.post(`${home}/${id}/withdrawal`).expect(409)
  expect((await load(id)).state).toBe('published')
  expect((await author.get(`${home}/${id}/cancellation`).expect(200)).text).toContain('1 person with a seat')
  await author.post(`${home}/${id}/cancellation`, { reason: 'Ingrid is ill.' }).expect(303)
  await author.post(`${home}/${id}/cancellation`, { reason: 'Again.' }).expect(303)
  expect(await load(id)).toMatchObject({
    ...{ state: 'cancelled', sequence: 1, cancellation: { because: 'host', text: 'Ingrid is ill.' } },
  })
  await expect(bookSeat(await load(id), (await make.person())._id)).rejects.toMatchObject({ status: 409 })
  expect((await author.get(`${home}?tab=cancelled`)).text).toContain('Off')
  expect((await save(id, { title: 'Changed' })).status).toBe(409)
})

test('a cancellation is told five minutes later, and until then it can be undone with every seat', async () => {
  const id = await published({ title: 'Undone', seats: '1' })
  const [ada, ben] = [await make.person(), await make.person()]
  for (const { _id } of [ada, ben]) await bookSeat(await load(id), _id)
  await runAllDue()
  expect((await author.get(`${home}/${id}/cancellation`)).text).toContain('You can undo it for 5 minutes.')
  await author.post(`${home}/${id}/cancellation`, { reason: 'Ill.' }).expect(303)
  // A reminder that is due meanwhile settles nothing.
  await SessionBookings.updateMany({ session: new Types.ObjectId(id) }, { $set: { dueAt: now() } })
  await runAllDue()
  const states = async () =>
    (await SessionBookings.find({ session: new Types.ObjectId(id) }).sort({ bookedAt: 1 })).map(
      ({ state }) => state,
    )
  expect((await states()).sort()).toEqual(['booked', 'waiting'])
  await expect(bookSeat(await load(id), (await make.person())._id)).rejects.toMatchObject({ status: 409 })
  expect((await author.get(`${home}/${id}`)).text).toContain('2 people get an email at 09:05')
  await author.post(`${home}/${id}/restoration`).expect(303)
  await runAllDue()
  expect(await load(id)).toMatchObject({
    ...{ state: 'published', cancelledAt: null, cancellation: null, undoUntil: null },
    sequence: 2,
  })
  expect(await SessionSeats.findById(id)).toMatchObject({ isOpen: true, taken: 1, waitingCount: 1 })
  const subjects = async () => (await Emails.find({ person: ada._id })).map(({ subject }) => subject)
  expect(await subjects()).toEqual(['You have a seat: Undone'])
  await author.post(`${home}/${id}/cancellation`, { reason: 'Ill.' }).expect(303)
  setTime(later(now(), minutes(5)))
  await author.post(`${home}/${id}/restoration`).expect(409)
  await runAllDue()
  expect((await subjects()).toSorted()).toEqual(['Cancelled: Undone', 'You have a seat: Undone'])
  expect(await states()).toEqual(['cancelled', 'cancelled'])
  expect(await SessionSeats.findById(id)).toMatchObject({ isOpen: false, taken: 0 })
  expect((await author.get(`${home}/${id}`)).text).toContain('so it can’t be undone')
  const actions = (await AuditEntries.find({ subject: 'undone' })).map(({ action }) => action)
  expect(actions.filter(action => action === 'session.restored')).toHaveLength(1)
  setTime('2026-12-01T09:00:00Z')
})

test('nobody’s offer runs out while a cancellation can be undone', async () => {
  const id = await published({ title: 'Offered', seats: '1' })
  const [ada, ben] = [await make.person(), await make.person()]
  for (const { _id } of [ada, ben]) await bookSeat(await load(id), _id)
  await cancelBooking(await load(id), ada._id)
  await runAllDue()
  const own = async () => (await SessionBookings.findById(`${id}:${String(ben._id)}`))!
  const until = (await own()).until!
  // A minute before it ends, the host cancels the session, and undoes that four minutes later.
  setTime(later(until, -minutes(1)))
  await author.post(`${home}/${id}/cancellation`, { reason: '' }).expect(303)
  for (let n = 0; n < 4; n++) {
    setTime(later(now(), minutes(1)))
    await runAllDue()
  }
  const bens = await as(ben)
  await bens.post('/sessions/offered/booking/claim').expect(409)
  await author.post(`${home}/${id}/restoration`).expect(303)
  await runAllDue()
  expect(await own()).toMatchObject({ state: 'offered', until: later(until, minutes(9)) })
  expect(await Emails.count({ person: ben._id })).toBe(1)
  await bens.post('/sessions/offered/booking/claim').expect(303)
  expect((await own()).state).toBe('booked')
  // With a free seat that is offered or waited for, the list says that it is full.
  const cleo = await make.person()
  await bookSeat(await load(id), cleo._id)
  await SessionSeats.updateOne({ _id: id }, { $set: { capacity: 2 } })
  expect((await author.get(`${home}?q=offered`)).text).toMatch(/1 of 2[^]*Full/)
  setTime('2026-12-01T09:00:00Z')
})

test('a draft is removed, and a session that was published never is', async () => {
  const id = await draft({ title: 'Gone' })
  expect((await author.get(`${home}/${id}/cancellation`)).text).toContain('Remove this draft?')
  await author.post(`${home}/${id}/cancellation`).expect(303)
  await author.get(`${home}/${id}`).expect(404)
  expect(await SessionSeats.exists({ _id: id })).toBe(false)
})

test('a copy is a draft a week later, at the same hour', async () => {
  const id = await published({ title: 'Copied', day: '2027-03-25' })
  const copy = idOf((await author.post(`${home}/${id}/copy`)).headers.location)
  expect(await load(copy)).toMatchObject({
    state: 'draft',
    title: 'Copied',
    startsAt: new Date('2027-04-01T14:00Z'),
  })
  expect(await capacityOf(copy)).toBe(10)
})

test('a series stays at its hour; a change goes to one session or to all that follow', async () => {
  const weekly = {
    title: 'Office hours',
    day: '2027-03-18',
    repeats: 'weekly',
    count: '4',
    seriesKind: 'parts',
  }
  const id = await draft({ ...weekly, seriesCertificate: 'on', seriesRequired: '9' })
  const { series: seriesId } = await load(id)
  const all = () => LiveSessions.find({ series: seriesId }).sort({ startsAt: 1 })
  const starts = async () => (await all()).map(({ startsAt }) => startsAt.toISOString().slice(5, 16))
  expect(await starts()).toEqual(['03-18T15:00', '03-25T15:00', '04-01T14:00', '04-08T14:00'])
  expect(await SessionSeries.findById(seriesId)).toMatchObject({
    kind: 'parts',
    certificate: true,
    required: 4,
    plan: null,
  })
  expect((await all()).map(({ part, slug }) => [part, slug])).toEqual([
    ...[
      [1, 'office-hours'],
      [2, 'office-hours-2'],
      [3, 'office-hours-3'],
      [4, 'office-hours-4'],
    ],
  ])
  expect((await author.get(`${home}/${id}`)).text).toContain('Series with 4 parts')
  const second = String((await all())[1]!._id)
  const own = { title: 'Office hours', day: '2027-03-25' }
  expect((await save(second, { ...own, time: '16:30', scope: 'one' })).status).toBe(303)
  expect(await starts()).toEqual(['03-18T15:00', '03-25T16:30', '04-01T14:00', '04-08T14:00'])
  // A day later and at another hour, with other seats; the title of the last one is its own.
  const last = String((await all())[3]!._id)
  await save(last, { title: 'The last one', day: '2027-04-08' })
  const shift = { ...own, day: '2027-03-26', time: '17:00', seats: '12', scope: 'following' }
  expect((await save(second, { ...shift, summary: 'New.' })).status).toBe(303)
  expect(await starts()).toEqual(['03-18T15:00', '03-26T17:00', '04-02T16:00', '04-09T16:00'])
  expect((await all()).map(({ title, summary }) => `${title}: ${summary}`)).toEqual([
    ...['Office hours: Bring a trend.', 'Office hours: New.', 'Office hours: New.', 'The last one: New.'],
  ])
  expect(await capacityOf(last)).toBe(12)
  await author.post(`${home}/${id}/series/publication`).expect(303)
  expect((await all()).map(({ state }) => state)).toEqual(Array(4).fill('published'))
  await author.post(`${home}/${id}/series`, { seriesTitle: 'Spring', seriesRequired: '2' }).expect(303)
  expect(await SessionSeries.findById(seriesId)).toMatchObject({
    title: 'Spring',
    certificate: false,
    required: 2,
  })
  await author.post(`${home}/${second}/cancellation`, { reason: '', scope: 'following' }).expect(303)
  expect((await all()).map(({ state }) => state)).toEqual(['published', ...Array(3).fill('cancelled')])
})

test('a series gets more dates later, and who booked a part is told of them once they are published', async () => {
  const day = { title: 'Evenings', day: '2027-01-05' }
  const id = await draft({ ...day, repeats: 'weekly', count: '2', seriesKind: 'parts' })
  const series = (await load(id)).series!
  const all = () => LiveSessions.find({ series }).sort({ startsAt: 1 })
  await author.post(`${home}/${id}/series/publication`).expect(303)
  const [learner, other] = [await make.person({ name: 'Lea Learner' }), await make.person()]
  for (const part of await all()) await bookSeat(part, learner._id)
  const dates = (typed: Record<string, unknown>) => author.post(`${home}/${id}/series/dates`, typed)
  expect((await dates({ repeats: 'dates', dates: '2027-01-12' }).expect(422)).text).toContain(
    'The series has these dates already',
  )
  expect((await dates({ repeats: 'weekly' }).expect(422)).text).toContain('Enter how many sessions there are')
  expect((await dates({ repeats: 'weekly', count: '60' }).expect(422)).text).toContain('Enter at most 58')
  const typed = { repeats: 'weekly', count: '2', occasion: 'd'.repeat(22) }
  for (let press = 0; press < 2; press++) await dates(typed).expect(303)
  const added = (await all()).slice(2)
  expect(added.map(({ state, part, startsAt }) => [state, part, startsAt.toISOString()])).toEqual([
    ['draft', 3, '2027-01-19T15:00:00.000Z'],
    ['draft', 4, '2027-01-26T15:00:00.000Z'],
  ])
  const told = async (to: Person) =>
    (await Emails.find({ person: to._id })).filter(({ _id }) => _id.startsWith('sessionDates'))
  await runAllDue()
  expect(await told(learner)).toEqual([])
  await author.post(`${home}/${id}/series/publication`).expect(303)
  await runAllDue()
  setTime(later(now(), hours(1)))
  await runAllDue()
  const [email, ...more] = await told(learner)
  expect(more).toEqual([])
  expect(email?.subject).toBe('New dates: Evenings')
  expect(email?.text).toContain('“Evenings” has 2 new parts.')
  expect(email?.text).toContain('/sessions/evenings-4')
  expect(email?.text).toContain('/sessions/series/evenings')
  expect(await told(other)).toEqual([])
  expect(await LiveSessions.exists({ series, isNews: true })).toBe(false)
  expect(await SessionSeries.findById(series)).toMatchObject({ news: null, dueAt: null })
  setTime('2026-12-01T09:00:00Z')
})

test('dates that are chosen keep the hour, each once', async () => {
  const dates = '2027-03-30\n2027-03-23, 2027-03-30'
  const id = await draft({ title: 'Chosen', day: '2027-03-23', repeats: 'dates', dates })
  const { series } = await load(id)
  const starts = (await LiveSessions.find({ series }).sort({ startsAt: 1 })).map(({ startsAt }) => startsAt)
  expect(starts).toEqual([new Date('2027-03-23T15:00Z'), new Date('2027-03-30T14:00Z')])
})

test('a series that was interrupted is finished by the worker, once', async () => {
  const content = contentOf(await load(await draft({ title: 'Cut off' })))
  const id = new Types.ObjectId()
  const starts = [7, 14, 21].map(each => later(content.startsAt, days(each)))
  const about = { seats: 5, by: null, kind: 'dates', certificate: false, required: null } as const
  const first = await createSeries(id, content, starts, about)
  await createSeries(id, content, starts, about)
  expect(await LiveSessions.count({ series: id })).toBe(3)
  // The process died after the first of two changes.
  const all = await LiveSessions.find({ series: id }).sort({ startsAt: 1 })
  const each = all.map(session => ({
    ...{ session: session._id, base: session.changes, part: session.part },
    ...{ startsAt: later(session.startsAt, hours(1)), endsAt: later(session.endsAt, hours(1)) },
  }))
  const plan = { by: null, seats: 6, shared: { summary: 'Finished.' }, each }
  await SessionSeries.updateOne({ _id: id }, { $set: { plan, dueAt: now() } })
  await LiveSessions.updateOne(
    { _id: first },
    {
      $set: { summary: 'Finished.', startsAt: each[0]!.startsAt, endsAt: each[0]!.endsAt },
      $inc: { changes: 1 },
    },
  )
  await runAllDue()
  await finishSeries(id)
  const after = await LiveSessions.find({ series: id }).sort({ startsAt: 1 })
  expect(after.map(({ startsAt, changes, summary }) => [startsAt, changes, summary])).toEqual(
    each.map(({ startsAt }) => [startsAt, 1, 'Finished.']),
  )
  expect(await Promise.all(after.map(({ _id }) => capacityOf(String(_id))))).toEqual([6, 6, 6])
})

test('the people of a session: seats, wait-list in order, answers, a file, and one more by address', async () => {
  const id = await published({ title: 'People', seats: '1', 'questions.0.label': 'Which pump?' })
  const question = (await load(id)).questions[0]!.id
  const [ada, ben] = await Promise.all(
    ['Ada', 'Ben', 'Cleo'].map(name =>
      make.person({ name, email: `${name.toLowerCase()}@northwind.example` }),
    ),
  )
  await bookSeat(await load(id), ada!._id, { answers: { [question]: '=P1' } })
  await bookSeat(await load(id), ben!._id)
  const people = `${home}/${id}/people`
  const refused = await author.post(people, { email: 'nobody@northwind.example' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('Nobody with this address has an account')
  const added = await author.post(people, { email: 'Cleo@northwind.example' }).expect(303)
  expect(added.headers.location).toContain('show=waiting')
  const waiting = (await author.get(`${people}?show=waiting`).expect(200)).text
  expect(waiting).toMatch(/Ben[^]*Number 1 in the wait-list[^]*Cleo[^]*Number 2 in the wait-list/)
  expect((await author.get(people).expect(200)).text).toMatch(/Ada[^]*Which pump\?[^]*=P1/)
  const csv = (await author.get(`${people}.csv`).expect(200)).text
  expect(csv).toContain('Which pump?')
  expect(csv).toContain("'=P1")
  await author.post(`${people}/${ada!._id}/removal`).expect(303)
  expect((await SessionBookings.findById(`${id}:${ben!._id}`))!.state).toBe('offered')
  const undone = (await author.get(people).expect(200)).text
  expect(undone).toContain('Ada no longer has a seat')
  await author.post(`${people}/${ada!._id}/restoration`).expect(303)
  expect((await SessionBookings.findById(`${id}:${ada!._id}`))!.state).toBe('waiting')
  await author.post(`${people}/${rep._id}/restoration`).expect(404)
})

test('materials and messages are saved for afterwards, and two editors don’t overwrite each other', async () => {
  const id = await published({ title: 'After' })
  const after = `${home}/${id}/afterwards`
  const base = String((await load(id)).changes)
  const typed = {
    ...{ base, attended: 'Thank you.', missed: 'We missed you.' },
    ...{ 'materials.0.title': 'The recording', 'materials.0.url': 'https://video.example/1' },
    ...{
      'materials.1.kind': 'slides',
      'materials.1.title': 'Slides',
      'materials.1.url': 'https://s.example',
    },
    'materials.1.shown': 'public',
  }
  const wrong = await author.post(after, { ...typed, 'materials.0.url': 'javascript:alert(1)' })
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('Enter a link that starts with https://')
  await author.post(after, typed).expect(303)
  expect(await load(id)).toMatchObject({
    materials: [
      { kind: 'recording', title: 'The recording', url: 'https://video.example/1', isPublic: false },
      { kind: 'slides', isPublic: true },
    ],
    messages: { attended: 'Thank you.', missed: 'We missed you.' },
  })
  const late = await author.post(after, { ...typed, attended: 'Mine.' })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Mine.')
  await author.get(`${home}/${await draft()}/afterwards`).expect(409)
})

test('files are uploaded as materials, kept by later saves, and served to whom they are for, as evidence', async () => {
  const id = await published({ title: 'With slides' })
  const upload = (visitor: Visitor, shown: string, ...files: [string, string][]) =>
    files.reduce(
      (form, [name, bytes]) => form.attach('files', Buffer.from(bytes), name),
      request(academy.app)
        .post(`${home}/${id}/files`)
        .set('cookie', visitor.cookie)
        .field('_csrf', visitor.csrf)
        .field('shown', shown),
    )
  const pdf = '%PDF-1.4 slides'
  expect((await upload(author, '')).text).toContain('Choose a file.')
  const wrong = await upload(author, '', ['deck.pptx', 'PK'])
  expect([wrong.status, wrong.text.includes('PDF')]).toEqual([422, true])
  await upload(reviewer, '', ['a.pdf', pdf]).expect(403)
  expect((await load(id)).materials).toEqual([])
  await upload(author, '', ['Slides of Tuesday.pdf', pdf]).expect(303)
  await upload(author, 'public', ['handout.txt', 'Read me']).expect(303)
  const { materials, changes, slug } = await load(id)
  expect(materials).toMatchObject([
    { kind: 'slides', title: 'Slides of Tuesday', url: '', isPublic: false, file: { size: pdf.length } },
    { kind: 'slides', title: 'handout', isPublic: true },
  ])
  const html = (await author.get(`${home}/${id}/afterwards`).expect(200)).text
  const value = (name: string) => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? ''
  const typed = { 'materials.0.title': 'Tuesday', 'materials.0.kind': 'slides', base: String(changes) }
  const row = (n: number) => ({
    [`materials.${n}.id`]: value(`materials.${n}.id`),
    [`materials.${n}.url`]: value(`materials.${n}.url`),
  })
  await author
    .post(`${home}/${id}/afterwards`, {
      ...{ ...row(0), ...typed },
      ...{ 'materials.1.id': materials[1]!.id, 'materials.1.title': 'Elsewhere' },
      ...{ 'materials.1.url': 'https://s.example', 'materials.1.shown': 'public' },
    })
    .expect(303)
  expect((await load(id)).materials).toMatchObject([
    { title: 'Tuesday', url: '', file: materials[0]!.file },
    { title: 'Elsewhere', url: 'https://s.example' },
  ])
  expect((await load(id)).materials[1]!.file).toBeUndefined()
  const address = `/sessions/${slug}/materials/${materials[0]!.id}`
  const learner = await make.person()
  const stranger = await as(await make.person())
  await stranger.get(address).expect(404)
  await bookSeat(await load(id), learner._id)
  const served = await (await as(learner)).get(address).buffer().expect(200)
  expect(served.headers['content-disposition']).toContain('attachment')
  expect(served.headers['cache-control']).toContain('no-store')
  expect(await Events.count({ person: learner._id, name: 'session.materials_opened' })).toBe(1)
  await stranger.get(`/assets/${materials[0]!.file!.hash}/slides.pdf`).expect(404)
})

test('a host of any team runs their session and changes nothing; others of sales don’t find it', async () => {
  const id = await published({ title: 'Hosted', 'hosts.0.person': String(rep._id) })
  const other = await published({ title: 'Not hers' })
  const list = (await host.get(home).expect(200)).text
  expect(list).toContain('Hosted')
  expect(list).not.toContain('Not hers')
  const page = (await host.get(`${home}/${id}`).expect(200)).text
  expect(page).toMatch(/<fieldset class="session-parts" disabled/)
  await host.get(`${home}/${id}/people`).expect(200)
  await host.post(`${home}/${id}`, form({ title: 'Hers' })).expect(403)
  await host.post(`${home}/${id}/cancellation`).expect(403)
  await host.get(`${home}/${other}`).expect(404)
  await reviewer.get(`${home}/${other}/people`).expect(200)
  await reviewer.post(`${home}/${other}/people`, { email: 'a@b.example' }).expect(403)
  const prospect = await as(await make.person())
  await prospect.get(`${home}/${id}`).expect(403)
  await author.get(`${home}/none`).expect(404)
})

test('a session of a course is about its topic, and the studio lists it there', async () => {
  const pumps = (await publishedCourse('pumps'))!
  expect((await author.get(`${home}/new?course=pumps`).expect(200)).text).toMatch(/value="pumps" selected/)
  const id = await draft({ title: 'About pumps', course: 'pumps', topic: 'learning' })
  expect(await load(id)).toMatchObject({ course: pumps.course, topic: 'sales' })
  const list = (await author.get(`${home}?tab=drafts&course=pumps`).expect(200)).text
  expect(list).toContain('About pumps')
  expect(list).not.toContain('Rows')
})

test('a host’s file of the meeting says who was there, and what in it could not be counted', async () => {
  const id = await published({ title: 'Metered' })
  const ada = await make.person({ name: 'Ada Lovelace', email: 'lovelace@northwind.example' })
  await bookSeat(await load(id), ada._id)
  const csv = [
    'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest',
    'Ada,Lovelace@northwind.example,12/10/2026 03:00:00 PM,12/10/2026 03:38:00 PM,38,No',
    'A stranger,,12/10/2026 03:00:00 PM,12/10/2026 03:38:00 PM,38,Yes',
    'Late,,soon,,,Yes',
  ].join('\n')
  const upload = (text: string, timeZone: string, visitor = author) =>
    request(academy.server)
      .post(`${home}/${id}/attendance`)
      .set('cookie', visitor.cookie)
      .set('accept', 'text/html')
      .field('_csrf', visitor.csrf)
      .field('timeZone', timeZone)
      .attach('files', Buffer.from(text), 'participants.csv')
  await author.get(`${home}/${id}/attendance`).expect(200)
  expect((await upload('a,b', 'UTC').expect(422)).text).toContain('This isn’t an attendance report')
  expect((await upload(csv, '').expect(422)).text).toContain('Choose the time zone of the files')
  await upload(csv, 'Europe/London', reviewer).expect(403)
  const { text } = await upload(csv, 'Europe/London').expect(200)
  expect(text).toMatch(/1 person who booked was there[^]*A stranger[^]*Line 4: no time or duration/)
  const booking = (await SessionBookings.findById(`${id}:${ada._id}`))!
  expect(booking.presence?.meetingSeconds).toBe(38 * 60)
})

test('a meeting that a service creates follows the session, and its link stays the service’s', async () => {
  const refused = await author.post(home, form({ meetingService: 'zoom' }))
  expect(refused.status).toBe(422)
  const content = {
    ...contentOf(await load(await draft({ title: 'In Zoom' }))),
    meetingService: 'zoom' as const,
  }
  const { _id } = await createSession(new Types.ObjectId(), content, { seats: 5, by: null })
  expect((await load(_id)).joinUrl).toBe('')
  const isArranged = async () => {
    const entry = await SessionMeetings.findById(_id)
    await SessionMeetings.updateOne({ _id }, { $set: { dueAt: null } })
    return entry !== null && entry.dueAt !== null
  }
  await publishSession(await load(_id), null)
  expect(await isArranged()).toBe(true)
  const said = async ($set: Partial<SessionMeeting>) => {
    await SessionMeetings.updateOne({ _id }, { $set })
    return (await author.get(`${home}/${_id}`).expect(200)).text
  }
  expect(await said({})).toContain('The meeting is being created in Zoom.')
  const lastError = 'Zoom: POST /oauth/token: 400 Invalid client_id or client_secret'
  expect(await said({ lastError })).toContain(`we’ll ask again: ${lastError}`)
  expect(await said({ failedAt: now() })).toContain('retry it in Background jobs')
  const done = { failedAt: null, lastError: null, meeting: '1' }
  expect(await said(done)).toContain('The meeting is ready in Zoom')
  expect(await said({ readAt: now() })).toContain('Zoom said on Tuesday 1 December')
  await LiveSessions.updateOne({ _id }, { $set: { joinUrl: 'https://zoom.example/1' } })
  const { changes } = await load(_id)
  // From a form that was opened before the service had answered.
  await changeSession(_id, { ...content, title: 'Later', joinUrl: '' }, { base: changes, seats: 5, by: null })
  expect(await load(_id)).toMatchObject({ title: 'Later', joinUrl: 'https://zoom.example/1' })
  expect(await isArranged()).toBe(true)
  await cancelSession(await load(_id), '', null)
  // It stays for as long as the cancellation can be undone.
  expect(await isArranged()).toBe(false)
  setTime(later(now(), minutes(5)))
  await runAllDue()
  setTime('2026-12-01T09:00:00Z')
  expect(await isArranged()).toBe(true)
  await SessionMeetings.deleteOne({ _id })
})

test('a learner’s proposal becomes a draft once, or is declined with words', async () => {
  const pumps = (await publishedCourse('pumps'))!
  const [ada, ben] = await Promise.all(['Ada', 'Ben'].map(name => make.person({ name })))
  const proposal = {
    course: pumps.course,
    kind: 'session' as const,
    title: 'Seals in practice',
    text: 'Ours leak.',
  }
  await propose(ada!._id, proposal)
  await propose(ben!._id, { ...proposal, kind: 'group', title: 'A group' })
  expect((await author.get(home).expect(200)).text).toContain('2 proposals')
  const page = (await reviewer.get(`${home}/proposals`).expect(200)).text
  expect(page).toMatch(/Seals in practice[^]*Live session · Ada · Pumps[^]*Ours leak\./)
  expect(page).not.toContain('Decline')
  const of = ({ _id }: Person) => `${home}/proposals/${pumps.course}:${_id}`
  await reviewer.post(of(ada!), { decision: 'accepted', number: '1' }).expect(403)
  const silent = await author.post(of(ben!), { decision: 'declined', number: '1', answer: '' })
  expect(silent.status).toBe(422)
  expect(silent.text).toContain('Say why')
  await author.post(of(ben!), { decision: 'declined', number: '1', answer: 'Join the next one.' }).expect(303)
  const accepted = await author.post(of(ada!), { decision: 'accepted', number: '1' }).expect(303)
  await author.post(of(ada!), { decision: 'accepted', number: '1' }).expect(303)
  expect(await load(idOf(accepted.headers.location))).toMatchObject({
    ...{ state: 'draft', title: 'Seals in practice', description: 'Ours leak.', course: pumps.course },
    hosts: [{ person: ines._id }],
  })
  expect(await LiveSessions.count({ title: 'Seals in practice' })).toBe(1)
  const late = await author.post(of(ben!), { decision: 'accepted', number: '1' })
  expect(late.status).toBe(409)
  expect(late.text).toContain('Someone else has already answered this proposal')
  await author.post(`${home}/proposals/none`, { decision: 'accepted', number: '1' }).expect(404)
  // One accepts what another one is declining: there is a draft if it was accepted, and none if it was declined.
  const drafts = () => LiveSessions.count({ title: 'At once' })
  for (let n = 0; n < 4; n++) {
    const cleo = await make.person()
    await propose(cleo._id, { ...proposal, title: 'At once' })
    const before = await drafts()
    const both = await Promise.all([
      author.post(of(cleo), { decision: 'accepted', number: '1' }),
      author.post(of(cleo), { decision: 'declined', number: '1', answer: 'No.' }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect((await drafts()) - before).toBe(both[0].status === 303 ? 1 : 0)
  }
})

test('a session whose process died before it had seats gets them', async () => {
  const content = contentOf(await load(await draft({ title: 'No seats' })))
  const id = new Types.ObjectId()
  await createSession(id, content, { seats: 7, by: null })
  await SessionSeats.deleteOne({ _id: id })
  await createSession(id, content, { seats: 7, by: null })
  expect(await capacityOf(String(id))).toBe(7)
})

test('afterwards a host sees who came, with a list for each figure, and sends each their words once', async () => {
  setTime('2026-12-10T09:00:00Z')
  const id = await published({ title: 'On the day', kind: 'room', placeAddress: '1 Dock Road', seats: '2' })
  const crowd = await Promise.all(['Ada', 'Ben', 'Cleo'].map(name => make.person({ name })))
  const [ada, ben, cleo] = crowd as [Person, Person, Person]
  for (const { _id } of crowd) await bookSeat(await load(id), _id)
  const people = `${home}/${id}/people`
  await author.post(`${people}/${ben._id}/removal`).expect(303)
  await claimSeat(await load(id), cleo._id)
  expect((await author.get(people).expect(200)).text).not.toContain('Ada came')
  await author.get(`${home}/${id}/messages`).expect(409)
  setTime('2026-12-10T15:10:00Z')
  expect((await author.get(people).expect(200)).text).toContain('aria-label="Ada came"')
  await author.post(`${home}/${id}/attendees/${ada._id}/check-in`).expect(303)
  expect((await author.get(people)).text).toContain('Checked in')
  setTime('2026-12-10T16:10:00Z')
  await runAllDue()
  await author.post(`${people}/${ada._id}/removal`).expect(409)
  const figures = (await author.get(`${home}/${id}/afterwards`).expect(200)).text
  for (const [list, count] of Object.entries({ booked: 2, attended: 1, missed: 1, claimed: 1, gone: 1 })) {
    expect(figures).toMatch(new RegExp(`show=${list}"><b>${count}</b>`))
  }
  expect((await author.get(`${people}?show=attended`)).text).toMatch(
    /Ada[^]*45 of 45 min, checked in by a host/,
  )
  expect((await author.get(`${people}?show=claimed`)).text).toMatch(/Cleo/)
  const base = String((await load(id)).changes)
  const words = { attended: 'Thank you, all.', missed: 'Next time.' }
  const material = { 'materials.0.title': 'Slides', 'materials.0.url': 'https://s.example' }
  await author.post(`${home}/${id}/afterwards`, { base, ...words, ...material }).expect(303)
  const messages = `${home}/${id}/messages`
  const preview = (await author.get(messages).expect(200)).text
  expect(preview).toMatch(
    /To 1 person who came[^]*After the session: On the day[^]*Thank you, all\.[^]*Recording: Slides/,
  )
  expect(preview).toMatch(/To 1 person who wasn’t there[^]*Next time\.[^]*Send to 2 people/)
  await author.post(messages, { base }).expect(303)
  expect((await load(id)).materialsDueAt).toBeNull()
  await author.post(messages, { base: String(Number(base) + 1) }).expect(303)
  await runAllDue()
  await author.post(messages, { base: String((await load(id)).changes) }).expect(303)
  await runAllDue()
  expect((await author.get(messages)).text).toContain('The messages have been sent')
  const sent = await Emails.find({ _id: /^sessionMaterials:/ })
  expect(sent.map(({ to }) => to).sort()).toEqual([ada.email, cleo.email].sort())
})
