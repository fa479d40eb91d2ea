import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { Certificates } from '../../src/learning/certificate'
import { Leads } from '../../src/leads/lead'
import { Emails } from '../../src/mail/email'
import { minutes } from '../../src/platform/clock'
import type { Person } from '../../src/people/person'
import { activate, activeModel } from '../../src/scoring/model'
import { checkInCode } from '../../src/sessions/check-in-code'
import { LiveSessions } from '../../src/sessions/live-session'
import { SessionSeats } from '../../src/sessions/seats'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-12-01T09:00:00Z')
  const { _id, content } = await activeModel()
  // Attendance counts once an academy decides so.
  const attended = { id: 'attended', name: 'Attended a session', group: 'learning' as const }
  const rule = { ...attended, events: ['session.attended' as const], weight: 30, halfLife: 60, cap: 40 }
  const qualifyingGrades = ['A1', 'A2', 'A3', 'B1', 'B2', 'B3', 'C1', 'C2', 'C3']
  const rules = [...content.rules, rule]
  await activate(_id + 1, { ...content, rules, qualifyAt: 20, disqualifyBelow: 10, qualifyingGrades })
  activeModel.forget()
})
afterAll(() => academy.close())

type Guest = { person: Person; visitor: Visitor }
const guest = async (): Promise<Guest> => {
  const person = await make.person({ title: 'Maintenance lead' })
  return { person, visitor: await as(person) }
}
const subjectsTo = async ({ person }: Guest): Promise<string[]> => {
  const emails = await Emails.find({ person: person._id }, { subject: 1 }).sort({ createdAt: 1, _id: 1 })
  return emails.map(({ subject }) => subject)
}

test('a series from its first draft to the certificate, the recording and a qualified lead', async () => {
  await make.person({ role: 'sales', name: 'Robin' })
  const ines = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  const host = await as(ines)

  // A host makes a series of two parts in a room of ten seats.
  const form = {
    ...{ title: 'Bearings by ear', summary: 'Bring a pump.', topic: 'learning', language: 'en', base: '0' },
    ...{ day: '2026-12-10', time: '15:00', length: '60', timeZone: 'Europe/London', kind: 'room' },
    ...{
      placeName: 'Workshop',
      placeAddress: '1 Dock Road, Hull',
      seats: '10',
      'hosts.0.person': String(ines._id),
    },
    ...{ repeats: 'weekly', count: '2', seriesKind: 'parts', seriesCertificate: 'on', seriesRequired: '1' },
  }
  const created = await host.post('/studio/sessions', form).expect(303)
  const id = created.headers.location!.split('/').at(-1)!
  await runAllDue()
  await host.post(`/studio/sessions/${id}/series/publication`).expect(303)
  const part = (await LiveSessions.findById(id))!
  expect(await LiveSessions.count({ series: part.series, state: 'published' })).toBe(2)
  const page = `/sessions/${part.slug}`

  // Twelve people book: ten have a seat, and two wait.
  const guests: Guest[] = []
  for (let n = 0; n < 12; n++) guests.push(await guest())
  for (const { visitor } of guests) await visitor.post(`${page}/booking`).expect(303)
  const [ada, ...others] = guests
  const [first, second] = guests.slice(10)
  expect(await SessionSeats.findById(part._id)).toMatchObject({ taken: 10, waitingCount: 2 })
  expect((await second!.visitor.get(page).expect(200)).text).toContain('number 2')

  // One gives the seat up, and whoever waits longest claims it.
  await ada!.visitor.post(`${page}/booking/cancellation`).expect(303)
  await runAllDue()
  expect(await subjectsTo(first!)).toContain('A seat for you: Bearings by ear')
  await second!.visitor.post(`${page}/booking/claim`).expect(409)
  await first!.visitor.post(`${page}/booking/claim`).expect(303)
  expect((await first!.visitor.get(page).expect(200)).text).toContain('You have a seat')

  // Everyone with a seat is reminded twice, once each.
  for (const moment of ['2026-12-09T15:00:00Z', '2026-12-10T14:00:00Z']) {
    setTime(moment)
    await runAllDue()
    await runAllDue()
  }
  const reminders = async (to: Guest) =>
    (await subjectsTo(to)).filter(subject => subject.startsWith('Reminder')).length
  expect(await Promise.all(others.map(reminders))).toEqual([...Array<number>(10).fill(2), 0])
  expect(await reminders(ada!)).toBe(0)

  // Nine scan the code in the room; one doesn't come.
  setTime('2026-12-10T14:55:00Z')
  const missing = others[0]!
  const present = others.slice(1, 10)
  for (const { visitor } of present) {
    const answer = await visitor.get(`/check-in/${part._id}.${checkInCode(part._id)}`).expect(303)
    expect((await visitor.get(answer.headers.location!).expect(200)).text).toContain('checked in')
  }
  setTime('2026-12-10T16:16:00Z')
  await runAllDue()
  for (const { person } of present) expect(await happened(person)).toContain('session.attended')
  expect(await happened(missing.person)).toContain('session.missed')

  // The recording reaches those who came and who didn't, with words for each.
  advance(minutes(30))
  const base = String((await LiveSessions.findById(id))!.changes)
  const recording = { 'materials.0.title': 'All of it', 'materials.0.url': 'https://video.example/1' }
  const words = { attended: 'You asked good questions.', missed: 'Watch from minute 12.' }
  await host.post(`/studio/sessions/${id}/afterwards`, { base, ...words, ...recording }).expect(303)
  const shown = { base: String((await LiveSessions.findById(id))!.changes) }
  await host.post(`/studio/sessions/${id}/messages`, shown).expect(303)
  await runAllDue()
  expect(await subjectsTo(present[0]!)).toContain('After the session: Bearings by ear')
  expect(await subjectsTo(missing)).toContain('What you missed: Bearings by ear')
  expect(await subjectsTo(ada!)).not.toContain('What you missed: Bearings by ear')
  expect((await missing.visitor.get(page).expect(200)).text).toContain('All of it')

  // It is over for good: it can be held again as another one.
  const again = { ...form, base: String((await LiveSessions.findById(id))!.changes), day: '2026-12-30' }
  const refused = await host.post(`/studio/sessions/${id}`, again).expect(422)
  expect(refused.text).toContain('This session is over. Duplicate it to hold it again')
  expect(refused.text).toContain('2026-12-30')

  // One part is enough for the certificate of the series, and attendance makes a lead.
  expect(await Certificates.count({ person: present[0]!.person._id })).toBe(1)
  expect(await Certificates.count({ person: missing.person._id })).toBe(0)
  expect(await happened(present[0]!.person)).toContain('lead.qualified')
  expect(await Leads.load(present[0]!.person._id)).toMatchObject({ shared: true })
  expect(await happened(missing.person)).not.toContain('lead.qualified')
})
