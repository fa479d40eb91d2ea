import { Types } from 'mongoose'
import { Events } from '../../src/events/event'
import { demoCalendar } from '../../src/leads/demo-calendar'
import { erasePerson } from '../../src/people/erase-person'
import { reassignByRule } from '../../src/leads/assign-owner'
import { bookDemo, DemoBookings, demoAhead, demoSlots } from '../../src/leads/demo-booking'
import { DemoHours, freeSlots, saveDemoHours } from '../../src/leads/demo-hours'
import { Leads } from '../../src/leads/lead'
import { Emails, type Email } from '../../src/mail/email'
import { People, type Person } from '../../src/people/person'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import type { Published } from '../../src/courses/published'
import { days, later, now, setClock } from '../../src/platform/clock'
import { leadData } from '../../src/webhooks/lead-data'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let pumps: Published
beforeAll(async () => {
  academy = await openAcademy()
  pumps = await make.course({ slug: 'pumps', title: 'Pumps', lessons: 1 })
})
afterAll(() => academy.close())

const nineToTen = { weekdays: [1, 2, 3, 4, 5], opens: 540, closes: 600, length: 30, place: 'On a call' }
let rep: Person
beforeEach(async () => {
  // A Thursday.
  setTime('2026-11-26T12:00:00Z')
  await DemoBookings.deleteMany({})
  await DemoHours.deleteMany({})
  await People.updateMany({ role: 'sales' }, { $set: { suspendedAt: now() } })
  rep = await make.person({ role: 'sales', name: 'Petra Novak', timeZone: 'Europe/Prague' })
  await saveDemoHours(rep._id, { ...nineToTen, notBefore: null })
})
afterEach(() => setClock())

const about = { text: 'Our pumps.', occasion: 'a'.repeat(22), timeZone: 'Europe/London' }
const wanted = () => ({ course: pumps.course, title: pumps.content.title, ...about })
const friday = new Date('2026-11-27T08:00:00Z')
const starts = async (person: Person) =>
  (await demoSlots(person._id)).map(each => each.startsAt.toISOString())
const unfolded = ({ calendar }: Pick<Email, 'calendar'>) => calendar!.text.replaceAll('\r\n ', '')
const form = (slot: string, more = {}) => ({
  kind: 'demo',
  text: '',
  slot,
  occasion: 'b'.repeat(22),
  ...more,
})

test('times are those of the calendar of who gives the demo, also when the clocks change', () => {
  const range = { from: new Date('2027-03-26T00:00:00Z'), until: new Date('2027-03-30T00:00:00Z') }
  const hours = { ...nineToTen, notBefore: null }
  const slots = freeSlots(hours, 'Europe/Prague', [], range).map(({ startsAt }) => startsAt.toISOString())
  expect(slots).toEqual([
    '2027-03-26T08:00:00.000Z',
    '2027-03-26T08:30:00.000Z',
    // Summer time has begun.
    '2027-03-29T07:00:00.000Z',
    '2027-03-29T07:30:00.000Z',
  ])
  const busy = [{ startsAt: new Date('2027-03-26T08:15:00Z'), endsAt: new Date('2027-03-26T08:45:00Z') }]
  expect(freeSlots({ ...hours, notBefore: '2027-03-26' }, 'Europe/Prague', busy, range)).toHaveLength(2)
  expect(freeSlots({ ...hours, notBefore: '2027-03-27' }, 'Europe/Prague', [], range)).toHaveLength(2)
})

test('a learner books a demo, both get an invitation, and sales and the CRM know', async () => {
  const ada = await make.person()
  const visitor = await as(ada)
  const page = (await visitor.get('/courses/pumps/contact-request').expect(200)).text
  expect(page).toContain('value="2026-11-27T08:00:00.000Z"')
  await visitor.post('/courses/pumps/contact-request', form(friday.toISOString())).expect(303)
  const sent = (await visitor.get('/courses/pumps/contact-request/sent').expect(200)).text
  expect(sent).toContain('Your demo is booked')
  expect(sent).toContain('Friday 27 November at 08:00 UTC, with Petra Novak.')
  await runAllDue()
  expect(await Leads.findById(ada._id)).toMatchObject({ owner: rep._id, trigger: 'contact_request' })
  const emails = await Emails.find({ 'calendar.method': 'REQUEST' })
  expect(emails.map(({ to }) => to).sort()).toEqual([ada.email, rep.email].sort())
  const invitation = emails[0]!.calendar!.text
  expect(invitation).toContain('DTSTART:20261127T080000Z\r\nDTEND:20261127T083000Z')
  expect(invitation).toContain('LOCATION:On a call')
  expect(emails.find(({ to }) => to === rep.email)!.subject).toContain('Friday 27 November at 09:00')
  const [event] = await Events.find({ person: ada._id, name: 'contact.requested' })
  expect(event!.data).toMatchObject({ kind: 'demo', demo: { rep: String(rep._id), timeZone: 'UTC' } })
  const { demo, routing } = await leadData((await People.findById(ada._id))!)
  expect(demo).toEqual({ starts_at: '2026-11-27T08:00:00.000Z', minutes: 30, with: rep.email })
  expect(routing.owner).toBe(rep.email)
  const file = await visitor.get('/courses/pumps/contact-request/demo.ics').expect(200)
  expect(file.headers['content-type']).toBe('text/calendar; charset=utf-8')
  const demos = (await (await as(rep)).get('/sales/demos').expect(200)).text
  expect(demos).toContain(ada.name)
})

test('of twenty people at once, one has the time, and the others keep what they typed', async () => {
  const people = await Promise.all(Array.from({ length: 20 }, () => make.person()))
  const answers = await Promise.all(
    people.map(async person =>
      (await as(person)).post(
        '/courses/pumps/contact-request',
        form(friday.toISOString(), { text: 'Mine!' }),
      ),
    ),
  )
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
  const refused = answers.filter(({ status }) => status === 422)
  expect(refused).toHaveLength(19)
  expect(refused[0]!.text).toContain('That time has just been taken')
  expect(refused[0]!.text).toContain('Mine!')
  expect(await DemoBookings.count({ rep: rep._id, startsAt: friday })).toBe(1)
  await runAllDue()
  expect(
    await Events.count({ name: 'contact.requested', person: { $in: people.map(({ _id }) => _id) } }),
  ).toBe(1)
})

test('one person who presses every button at once has one demo', async () => {
  const ada = await make.person()
  const all = await demoSlots(ada._id)
  const results = await Promise.all(all.slice(0, 8).map(slot => bookDemo(ada._id, slot.startsAt, wanted())))
  const booked = results.filter(result => result !== null)
  expect(booked).toHaveLength(1)
  expect(await DemoBookings.count({ rep: rep._id })).toBe(1)
  // The same one again is the same demo.
  expect(await bookDemo(ada._id, booked[0]!.startsAt, wanted())).toMatchObject({ rep: rep._id })
  expect(await Events.count({ person: ada._id, name: 'contact.requested' })).toBe(1)
})

test('a booking that was cut off reaches sales', async () => {
  const ada = await make.person()
  const booking = { rep: rep._id, startsAt: friday, endsAt: later(friday, 1_800_000), bookedAt: now() }
  await DemoBookings.create({ _id: ada._id, ...booking, request: wanted(), dueAt: now() })
  await runAllDue()
  expect(await Events.count({ person: ada._id, name: 'contact.requested' })).toBe(1)
  expect(await DemoBookings.findById(ada._id)).toMatchObject({ request: null, dueAt: null })
  expect(await Leads.findById(ada._id)).toMatchObject({ owner: rep._id })
})

test('a cancelled demo frees its time and leaves both calendars', async () => {
  const [ada, ben] = [await make.person(), await make.person()]
  await bookDemo(ada._id, friday, wanted())
  expect(await starts(ben)).not.toContain(friday.toISOString())
  const visitor = await as(ada)
  await visitor.post('/courses/pumps/contact-request/cancellation').expect(303)
  await visitor.post('/courses/pumps/contact-request/cancellation').expect(303)
  await runAllDue()
  expect(await Events.count({ person: ada._id, name: 'demo.cancelled' })).toBe(1)
  const cancelled = await Emails.find({ 'calendar.method': 'CANCEL', _id: { $regex: String(ada._id) } })
  expect(cancelled.map(({ to }) => to).sort()).toEqual([ada.email, rep.email].sort())
  expect(await starts(ben)).toContain(friday.toISOString())
  await visitor.get('/courses/pumps/contact-request/demo.ics').expect(404)
})

test('who no longer shares with sales is named to nobody there when the demo is cancelled', async () => {
  const ada = await make.person({ name: 'Ada Private' })
  await bookDemo(ada._id, friday, wanted())
  await runAllDue()
  await withdrawConsent(ada._id, 'share_with_sales')
  await (await as(ada)).post('/courses/pumps/contact-request/cancellation').expect(303)
  await runAllDue()
  const emails = await Emails.find({ 'calendar.method': 'CANCEL', _id: { $regex: String(ada._id) } })
  const [own, given] = [ada, rep].map(person => emails.find(({ to }) => to === person.email)!)
  expect(unfolded(own!)).toContain(`;CN="Ada Private":MAILTO:${ada.email}\r\n`)
  expect(given!.calendar!.text).toContain('STATUS:CANCELLED')
  for (const secret of ['Ada Private', ada.email]) {
    expect([unfolded(given!), given!.subject, given!.text, given!.html].join()).not.toContain(secret)
  }
})

test('a place is one line, in the page and in the calendar', async () => {
  const visitor = await as(rep)
  const place = 'Room 1\rATTENDEE:mailto:evil@x.example\u0000\nROOM'
  const hours = { weekdays: '5', opens: '09:00', closes: '10:00', length: '30', notBefore: '' }
  await visitor.post('/sales/demos/hours', { ...hours, place }).expect(303)
  expect(await DemoHours.findById(rep._id)).toMatchObject({
    place: 'Room 1 ATTENDEE:mailto:evil@x.example ROOM',
  })
  const ada = await make.person()
  const booking = { _id: ada._id, startsAt: friday, endsAt: later(friday, 1_800_000), bookedAt: now() }
  const about = { summary: 'Demo', host: 'x.example', rep, person: ada }
  const stored = { ...(await DemoHours.findById(rep._id))!, place: 'Old\rATTENDEE:x\0' }
  const lines = demoCalendar(booking, { ...about, hours: stored }, 'REQUEST').split(/[\r\n]+(?! )/)
  expect(lines.filter(line => line.startsWith('ATTENDEE'))).toHaveLength(1)
  expect(lines).toContain('LOCATION:Old\\nATTENDEE:x ')
})

test('however many demos a teammate has ahead, none stays when they leave', async () => {
  const startsAt = (n: number) => later(friday, n * 900_000)
  const demos = Array.from({ length: 210 }, (_, n) => ({
    ...{ _id: new Types.ObjectId(), rep: rep._id, request: null, bookedAt: now() },
    ...{ startsAt: startsAt(n), endsAt: startsAt(n + 1), dueAt: null },
  }))
  await Promise.all(demos.map(each => DemoBookings.create(each)))
  await reassignByRule(rep._id)
  expect(await DemoBookings.count({ rep: rep._id })).toBe(0)
  // Nobody has to be told.
  await Events.deleteMany({ person: { $in: demos.map(({ _id }) => _id) } })
})

test('who gives a demo can cancel it, and nobody else in sales', async () => {
  const ada = await make.person()
  await bookDemo(ada._id, friday, wanted())
  const other = await make.person({ role: 'sales' })
  const path = `/sales/demos/${ada._id}/cancellation`
  await (await as(other)).post(path).expect(404)
  expect(await demoAhead(ada._id)).not.toBeNull()
  await (await as(rep)).post(path).expect(303)
  expect(await demoAhead(ada._id)).toBeNull()
})

test('someone who leaves sales gives no demos, and those ahead are cancelled', async () => {
  const ada = await make.person()
  await bookDemo(ada._id, friday, wanted())
  await reassignByRule(rep._id)
  expect(await demoAhead(ada._id)).toBeNull()
  expect(await starts(ada)).toEqual([])
  const [event] = await Events.find({ person: ada._id, name: 'demo.cancelled' })
  expect(event!.data).toMatchObject({ cancelledBy: 'sales' })
})

test('nobody gets a demo with someone who leaves sales at that moment', async () => {
  const ada = await make.person()
  const write = DemoBookings.upsertIfMatching.bind(DemoBookings)
  const spy = jest.spyOn(DemoBookings, 'upsertIfMatching').mockImplementationOnce(async (...change) => {
    await reassignByRule(rep._id)
    return write(...change)
  })
  expect(await bookDemo(ada._id, friday, wanted())).toBeNull()
  spy.mockRestore()
  expect(await demoAhead(ada._id)).toBeNull()
  expect(await Events.count({ person: ada._id, name: 'contact.requested' })).toBe(0)
})

test('an erased person has no demo, and its time is free', async () => {
  const [ada, ben] = [await make.person(), await make.person()]
  await bookDemo(ada._id, friday, wanted())
  await erasePerson(ada._id)
  await runAllDue()
  expect(await DemoBookings.exists({ _id: ada._id })).toBe(false)
  expect(await starts(ben)).toContain(friday.toISOString())
})

test('nothing past, too soon or far ahead can be booked, and a past demo makes room for another', async () => {
  const ada = await make.person()
  expect(await bookDemo(ada._id, new Date('2026-11-26T08:00:00Z'), wanted())).toBeNull()
  expect(await bookDemo(ada._id, new Date('2027-11-26T08:00:00Z'), wanted())).toBeNull()
  expect(await bookDemo(ada._id, new Date('2026-11-27T08:10:00Z'), wanted())).toBeNull()
  expect(await bookDemo(ada._id, friday, wanted())).not.toBeNull()
  advance(days(4))
  const next = new Date('2026-12-02T08:00:00Z')
  expect(await bookDemo(ada._id, next, { ...wanted(), occasion: 'later' })).toMatchObject({ startsAt: next })
})

test.each([
  ['a time', { opens: '25:00' }, 'Enter a time such as 09:00'],
  ['an end before the beginning', { closes: '08:00' }, 'Choose an end that leaves time for a demo'],
  ['a day', { notBefore: 'soon' }, 'Enter a day such as 2026-12-24, or nothing'],
])('the hours of demos need %s', async (_what, wrong, message) => {
  const visitor = await as(rep)
  const right = {
    weekdays: ['1', '3'],
    opens: '09:00',
    closes: '17:00',
    length: '45',
    place: '',
    notBefore: '',
  }
  const refused = await visitor.post('/sales/demos/hours', { ...right, ...wrong }).expect(422)
  expect(refused.text).toContain(message)
  await visitor.post('/sales/demos/hours', right).expect(303)
  expect(await DemoHours.findById(rep._id)).toMatchObject({
    weekdays: [1, 3],
    opens: 540,
    closes: 1020,
    length: 45,
  })
})
