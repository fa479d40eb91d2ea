import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Events } from '../../src/events/event'
import { BusyFeeds, latestBusyTimes, saveBusyFeed } from '../../src/leads/busy-feed'
import { bookDemo, DemoBookings, demoSlots, demoSlotsWith } from '../../src/leads/demo-booking'
import { DemoHours, saveDemoHours } from '../../src/leads/demo-hours'
import { Leads } from '../../src/leads/lead'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { minutes, now, setClock } from '../../src/platform/clock'
import { complete } from '../../src/platform/queue'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let site: Server
let address: string
/** What the calendar's server answers, and how often it was asked. */
let answer: { status: number; body: string; location?: string }
let asked = 0

const meeting = (start: string, end: string) =>
  `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:${start}\r\nDTEND:${end}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`

beforeAll(async () => {
  academy = await openAcademy()
  site = createServer((_request, response) => {
    asked++
    const headers = answer.location ? { location: answer.location } : {}
    response.writeHead(answer.status, headers).end(answer.body)
  })
  await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/private-123/basic.ics`
})
afterAll(async () => {
  site.close()
  await academy.close()
})

let rep: Person
const hours = { weekdays: [1, 2, 3, 4, 5], opens: 540, closes: 600, length: 30, place: '', notBefore: null }
beforeEach(async () => {
  // A Thursday.
  setTime('2026-11-26T12:00:00Z')
  asked = 0
  // Friday, 9:00 to 9:30 in Prague.
  answer = { status: 200, body: meeting('20261127T080000Z', '20261127T083000Z') }
  for (const each of [DemoBookings, DemoHours, BusyFeeds]) await each.deleteMany({})
  await People.updateMany({ role: 'sales' }, { $set: { suspendedAt: now() } })
  rep = await make.person({ role: 'sales', name: 'Petra Novak', timeZone: 'Europe/Prague' })
  await saveDemoHours(rep._id, { ...hours, address: 'petra-novak' })
})
afterEach(() => setClock())

const friday = (time: string) => new Date(`2026-11-27T${time}:00Z`)
const starts = async () => (await demoSlotsWith(rep._id)).slice(0, 2).map(each => each.startsAt.toISOString())
const form = (slot: string, more = {}) => ({ text: 'Our pumps.', slot, occasion: 'b'.repeat(22), ...more })

test('a time at which the calendar of a teammate is taken is not offered, and its address is kept secret', async () => {
  const visitor = await as(rep)
  expect(await starts()).toEqual([friday('08:00').toISOString(), friday('08:30').toISOString()])
  await visitor.post('/sales/demos/calendar', { calendar: address }).expect(303)
  expect(await starts()).toEqual([friday('08:30').toISOString(), '2026-11-30T08:00:00.000Z'])
  const page = (await visitor.get('/sales/demos').expect(200)).text
  expect(page).toContain('From 127.0.0.1, read on')
  expect(page).toContain('busy once in the next five weeks')
  expect(page).not.toContain('private-123')
  expect(JSON.stringify(await BusyFeeds.findById(rep._id))).not.toContain('private-123')
  await visitor.post('/sales/demos/calendar/removal').expect(303)
  expect(await starts()).toContain(friday('08:00').toISOString())
})

test('a calendar that is not read is not kept, and the page says why with what was typed', async () => {
  const visitor = await as(rep)
  const refused = async (calendar: string) => {
    const { text } = await visitor.post('/sales/demos/calendar', { calendar }).expect(422)
    expect(text).toContain(`value="${calendar}"`)
    return text
  }
  expect(await refused('not an address')).toContain('Enter an https or webcal address')
  expect(await refused('https://10.0.0.1/basic.ics')).toContain('isn&#39;t on the public internet')
  answer = { status: 404, body: '' }
  expect(await refused(address)).toContain('The server answered with 404')
  answer = { status: 200, body: '<!doctype html>' }
  expect(await refused(address)).toContain('This isn&#39;t a calendar')
  answer = { status: 302, body: '', location: 'http://169.254.169.254/latest/meta-data' }
  expect(await refused(address)).toContain('isn&#39;t on the public internet')
  answer = { status: 200, body: 'BEGIN:VCALENDAR\n' + 'X'.repeat(5_100_000) }
  expect(await refused(address)).toContain('larger than 5 MB')
  expect(await BusyFeeds.exists({})).toBe(false)
})

test('a calendar is read again every ten minutes, and keeps its times while it can not be read', async () => {
  await saveBusyFeed(rep._id, address)
  answer = { status: 200, body: meeting('20261127T083000Z', '20261127T090000Z') }
  advance(minutes(11))
  await runAllDue()
  expect(await starts()).toEqual([friday('08:00').toISOString(), '2026-11-30T08:00:00.000Z'])
  answer = { status: 503, body: '' }
  advance(minutes(11))
  await runAllDue()
  expect(await BusyFeeds.findById(rep._id)).toMatchObject({ failure: 'status', status: 503, attempts: 0 })
  expect(await starts()).toEqual([friday('08:00').toISOString(), '2026-11-30T08:00:00.000Z'])
  const page = (await (await as(rep)).get('/sales/demos').expect(200)).text
  expect(page).toContain('The server answered with 503')
  answer = { status: 200, body: meeting('20261201T083000Z', '20261201T090000Z') }
  advance(minutes(31))
  await runAllDue()
  expect(await BusyFeeds.findById(rep._id)).toMatchObject({ failure: null, status: null, failedSince: null })
})

test('a time that was taken a minute ago is not booked', async () => {
  await saveBusyFeed(rep._id, address)
  advance(minutes(2))
  const ada = await make.person()
  answer = { status: 200, body: meeting('20261127T083000Z', '20261127T090000Z') }
  const wanted = { course: null, title: null, text: '', occasion: 'a'.repeat(22), timeZone: 'UTC' }
  expect(await bookDemo(ada._id, friday('08:30'), wanted)).toBeNull()
  expect(asked).toBe(2)
  // It was read just now.
  expect(await latestBusyTimes(rep._id)).toHaveLength(1)
  expect(asked).toBe(2)
  expect(await bookDemo(ada._id, friday('08:00'), wanted)).toMatchObject({ rep: rep._id })
})

test('anyone with the address of a page chooses a time, signs in and books it', async () => {
  const stranger = await anonymous()
  const page = (await stranger.get('/meet/petra-novak').expect(200)).text
  expect(page).toContain('Book a time with Petra Novak')
  expect(page).toContain(`value="${friday('08:00').toISOString()}"`)
  const slot = encodeURIComponent(friday('08:00').toISOString())
  const { headers } = await stranger.get(`/meet/petra-novak?slot=${slot}`).expect(303)
  expect(decodeURIComponent(headers.location!)).toContain('/meet/petra-novak?slot=')
  const ada = await make.person({ consents: [] })
  const visitor = await as(ada)
  const signedIn = (await visitor.get(`/meet/petra-novak?slot=${slot}`).expect(200)).text
  expect(signedIn).toContain(`value="${friday('08:00').toISOString()}" checked`)
  const shown = Object.fromEntries(
    [...signedIn.matchAll(/name="(\w+_text)" value="([^"]+)"/g)].map(([, name, value]) => [name!, value!]),
  )
  const kept = await visitor.post('/meet/petra-novak', form(friday('08:00').toISOString(), shown)).expect(422)
  expect(kept.text).toContain('Our pumps.')
  expect(await DemoBookings.exists({ _id: ada._id })).toBe(false)
  const agreed = { ...shown, profiling: 'on', share_with_sales: 'on' }
  await visitor.post('/meet/petra-novak', form('', agreed)).expect(422)
  await visitor.post('/meet/petra-novak', form(friday('08:00').toISOString(), agreed)).expect(303)
  const booked = (await visitor.get('/meet/petra-novak').expect(200)).text
  expect(booked).toContain('Your demo is booked')
  await runAllDue()
  const [event] = await Events.find({ person: ada._id, name: 'contact.requested' })
  expect(event!.data).toMatchObject({ kind: 'demo', title: null, demo: { rep: String(rep._id) } })
  expect(await Leads.findById(ada._id)).toMatchObject({ owner: rep._id, trigger: 'contact_request' })
  const invitation = (await Emails.find({ to: ada.email, 'calendar.method': 'REQUEST' }))[0]!
  expect(invitation.html).toContain('/contact-request/sent')
  const lead = (await (await as(rep)).get(`/sales/leads/${ada._id}`).expect(200)).text
  expect(lead).toContain('<mark>asked for a demo</mark>')
  expect((await visitor.get('/meet/petra-novak/demo.ics').expect(200)).text).toContain(
    'DTSTART:20261127T080000Z',
  )
  const { headers: back } = await visitor.post('/meet/petra-novak/cancellation').expect(303)
  expect(back.location).toBe('/meet/petra-novak')
  expect(await DemoBookings.exists({ _id: ada._id })).toBe(false)
})

test('a time that is booked from the same form instead of a cancelled one is announced', async () => {
  const ada = await make.person()
  const visitor = await as(ada)
  const book = (time: string) =>
    visitor.post('/meet/petra-novak', form(friday(time).toISOString(), { occasion: 'c'.repeat(22) }))
  await book('08:00').expect(303)
  await runAllDue()
  await visitor.post('/meet/petra-novak/cancellation').expect(303)
  advance(minutes(1))
  await book('08:30').expect(303)
  await book('08:30').expect(303)
  await runAllDue()
  const asked = await Events.find({ person: ada._id, name: 'contact.requested' }).sort({ at: 1 })
  expect(asked.map(({ data }) => (data as { demo: { startsAt: string } }).demo.startsAt)).toEqual([
    friday('08:00').toISOString(),
    friday('08:30').toISOString(),
  ])
  const invitations = await Emails.find({ to: ada.email, 'calendar.method': 'REQUEST' })
  expect(invitations).toHaveLength(2)
})

test('a worker that still reads the calendar before does not write its times over a new one', async () => {
  await saveBusyFeed(rep._id, address)
  await BusyFeeds.updateOne({ _id: rep._id }, { $set: { leaseToken: 'worker', leaseUntil: now() } })
  answer = { status: 200, body: meeting('20261201T083000Z', '20261201T090000Z') }
  await saveBusyFeed(rep._id, `${address}?new`)
  const old = { ...(await BusyFeeds.findById(rep._id))!, leaseToken: 'worker' }
  expect(await complete(BusyFeeds, old, { busy: [] })).toBe(false)
  expect((await BusyFeeds.findById(rep._id))!.busy).toHaveLength(1)
})

test('a page is there for who gives demos and is in sales, at an address of its own', async () => {
  const stranger = await anonymous()
  const other = await make.person({ role: 'sales' })
  const visitor = await as(other)
  const typed = { weekdays: '1', opens: '09:00', closes: '10:00', length: '30', address: 'petra-novak' }
  const { text } = await visitor.post('/sales/demos/hours', typed).expect(422)
  expect(text).toContain('page has this address')
  await visitor.post('/sales/demos/hours', { ...typed, address: 'Not an address' }).expect(422)
  await visitor.post('/sales/demos/hours', { ...typed, address: '' }).expect(303)
  await stranger.get('/meet/nobody').expect(404)
  await People.updateOne({ _id: rep._id }, { $set: { suspendedAt: now() } })
  await stranger.get('/meet/petra-novak').expect(404)
})

test('of two teammates at one moment, one has the address', async () => {
  const [one, other] = [await make.person({ role: 'sales' }), await make.person({ role: 'sales' })]
  const saved = await Promise.all(
    [one, other].map(({ _id }) => saveDemoHours(_id, { ...hours, address: 'the-same' })),
  )
  expect(saved.sort()).toEqual([false, true])
})

test('who deletes their account takes their calendar with them', async () => {
  await saveBusyFeed(rep._id, address)
  await erasePerson(rep._id)
  await runAllDue()
  expect(await BusyFeeds.exists({ _id: rep._id })).toBe(false)
  const ada = await make.person()
  expect(await demoSlots(ada._id)).toEqual([])
})
