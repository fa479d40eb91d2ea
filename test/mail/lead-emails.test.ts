import request from 'supertest'
import { config } from '../../src/platform/config'
import { hours, minutes } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { Emails } from '../../src/mail/email'
import { pauseSharing } from '../../src/people/pause-sharing'
import { People, type Person } from '../../src/people/person'
import { resumeSharing } from '../../src/people/resume-sharing'
import { applyOutcome } from '../../src/leads/apply-outcome'
import { assignLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let serial = 0
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
})
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  await Emails.deleteMany({})
})

test('a rep reads on the phone who wrote what, how to open, and by when, and answers without a sign-in', async () => {
  const amara = await lead('Does the API give us vibration per speed band?')
  const [email, ...more] = await emailsTo(petra)
  expect(more).toEqual([])
  expect(email!.subject).toBe('New lead: Amara Okonkwo, Hartley Dairies: asked for a demo')
  expect(email!.text).toContain('Amara Okonkwo\nMaintenance manager, Hartley Dairies')
  expect(email!.text).toContain('Amara wrote: “Does the API give us vibration per speed band?”')
  expect(email!.text).toContain('Open with: “You asked for a demo.')
  expect(email!.text).toContain('- asked for a demo')
  expect(email!.text).toMatch(/Respond by Monday,? 23 November at 13:00 UTC/)
  expect(email!.text).toContain(`open the lead in Sales <${config.baseUrl}/sales/leads/${amara._id}>`)
  const link = /See the evidence <(\S+)>/.exec(email!.text)![1]!
  expect(email!.text).toContain(`Accept <${link}#accept>`)
  expect(email!.text).toContain(`Reject with a reason <${link}#reject>`)
  const page = await request(academy.app).get(new URL(link).pathname).set('accept', 'text/html').expect(200)
  expect(page.text).toContain('vibration per speed band')
  expect(await Leads.findById(amara._id)).toMatchObject({ status: 'new' })
})

test('a rep in Prague reads on a Saturday night that the lead waits until Monday, in their own time', async () => {
  setTime('2026-11-28T22:00:00Z')
  await People.updateOne({ _id: petra._id }, { $set: { timeZone: 'Europe/Prague' } })
  const amara = await lead()
  const [email] = await emailsTo(petra)
  expect(email!.text).toMatch(/Respond by Monday,? 30 November at 13:00 CET/)
  expect((await Leads.findById(amara._id))!.respondBy).toEqual(new Date('2026-11-30T12:00:00Z'))
  await People.updateOne({ _id: petra._id }, { $set: { timeZone: null } })
})

test('a rep gets the email about a lead once, however often the reaction runs', async () => {
  const amara = await lead()
  await Events.updateMany({ person: amara._id }, { $set: { dueAt: setTime('2026-11-23T09:00:00Z') } })
  await runAllDue()
  expect(await emailsTo(petra)).toHaveLength(1)
})

test('a rep whose lead is back after a pause reads that it is back, not that it is new', async () => {
  const amara = await lead()
  advance(hours(1))
  await pauseSharing(amara._id)
  await runAllDue()
  advance(hours(1))
  await resumeSharing(amara._id)
  await runAllDue()
  const [, email] = await emailsTo(petra)
  expect(email!.subject).toBe('Lead reopened: Amara Okonkwo, Hartley Dairies: asked for a demo')
  expect(email!.text).toContain('Amara Okonkwo has resumed sharing with sales.')
})

test('a teammate who is assigned a lead gets an email that says by whom; one who takes it gets none', async () => {
  const amara = await lead()
  const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
  await Emails.deleteMany({})
  await assign(amara, idris, petra)
  const [email] = await emailsTo(idris)
  expect(email!.subject).toBe('Petra Novotná assigned you Amara Okonkwo, Hartley Dairies: asked for a demo')
  expect(email!.text).toContain('Petra Novotná assigned Amara Okonkwo to you.')
  await assign(amara, petra, petra)
  expect(await emailsTo(petra)).toEqual([])
  await assign(amara, idris, petra)
  expect(await emailsTo(idris)).toHaveLength(2)
  await People.updateOne({ _id: idris._id }, { $set: { suspendedAt: new Date('2026-11-23') } })
})

test("a sales lead reads a student's contact request, although students are never handed off", async () => {
  const lead = await make.person({ role: 'sales-lead', name: 'Lena Ek' })
  const sam = await make.person({ name: 'Sam Student', emailKind: 'university', company: null })
  await askForDemo(sam, 'May I show it in class?')
  await runAllDue()
  await runAllDue()
  const [email, ...more] = await emailsTo(lead)
  expect(more).toEqual([])
  expect(email!.subject).toContain('Contact request: Sam Student')
  expect(email!.text).toContain('Sam Student asked for a demo in the course Pumps.')
  expect(email!.text).toContain('Sam wrote: “May I show it in class?”')
  expect(email!.text).toContain(`${config.baseUrl}/sales/leads/${sam._id}`)
  expect(await emailsTo(petra)).toEqual([])
  await askForDemo(await make.person({ name: 'Ada Lovelace' }))
  await runAllDue()
  expect(await emailsTo(lead)).toHaveLength(1)
})

test('the owner of a lead reads what the lead asks for once it is a customer', async () => {
  const amara = await lead()
  await applyOutcome({ ...won, id: `won-${++serial}`, person: amara._id, at: advance(hours(1)) })
  await runAllDue()
  await Emails.deleteMany({})
  advance(hours(1))
  await askForDemo(amara, 'We need ten more seats.')
  await runAllDue()
  const [email, ...more] = await emailsTo(petra)
  expect(more).toEqual([])
  expect(email!.subject).toContain('Contact request: Amara Okonkwo, Hartley Dairies')
  expect(email!.text).toContain('“We need ten more seats.”')
})

test('nobody gets an email about someone who has stopped sharing in the meantime', async () => {
  const amara = await make.person({ name: 'Amara Okonkwo' })
  await askForDemo(amara)
  await pauseSharing(amara._id)
  await runAllDue()
  expect(await emailsTo(petra)).toEqual([])
})

const won = {
  name: 'opportunity.won' as const,
  deal: 'D-1',
  amount: 1_840_000,
  currency: 'EUR',
  reason: 'other',
  text: '',
}

async function lead(text = ''): Promise<Person> {
  const domain = `hartley-${++serial}.example`
  const person = await make.person({
    name: 'Amara Okonkwo',
    title: 'Maintenance manager',
    company: { domain, name: 'Hartley Dairies' },
  })
  await askForDemo(person, text)
  await runAllDue()
  return person
}

async function askForDemo(person: Person, text = '') {
  const data = { kind: 'demo' as const, text, title: 'Pumps' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++serial], data })
}

async function assign(person: Person, owner: Person, by: Person) {
  advance(minutes(1))
  await assignLead((await Leads.findById(person._id))!, String(owner._id), by._id)
  await runAllDue()
}

const emailsTo = ({ email }: Person) => Emails.find({ to: email }).sort({ createdAt: 1 })
