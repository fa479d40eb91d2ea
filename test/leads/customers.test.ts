import { hours, later, minutes, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { pauseSharing } from '../../src/people/pause-sharing'
import type { Person } from '../../src/people/person'
import { resumeSharing } from '../../src/people/resume-sharing'
import { activeModel } from '../../src/scoring/model'
import { blockCompetitors } from '../../src/scoring/block-competitors'
import { applyOutcome, type OutcomeName } from '../../src/leads/apply-outcome'
import { Leads } from '../../src/leads/lead'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

const company = { domain: 'hartley.example', name: 'Hartley Dairies' }
const note = 'This company is a customer'

let academy: Academy
let sales: Visitor
let serial = 0
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  sales = await as(await make.person({ role: 'sales' }))
})
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  company.domain = `hartley-${++serial}.example`
})

test('a colleague of a customer is not handed off, and their page says why', async () => {
  const ada = await buyer()
  const ben = await make.person({ name: 'Ben Colleague', title: 'Head of Enablement', company })
  const other = await make.person({ title: 'Head of Enablement' })
  await askForDemo(ben)
  await askForDemo(other)
  expect(await happened(ben)).not.toContain('lead.qualified')
  expect(await happened(other)).toContain('lead.qualified')
  for (const person of [ada, ben])
    expect((await sales.get(`/sales/leads/${person._id}`).expect(200)).text).toContain(note)
  expect((await sales.get(`/sales/leads/${other._id}`)).text).not.toContain(note)
})

test('once the deal is reopened, the colleague who asked for a demo reaches sales by themselves', async () => {
  const ada = await buyer()
  const ben = await make.person({ title: 'Head of Enablement', company })
  await askForDemo(ben)
  expect(await happened(ben)).not.toContain('lead.qualified')
  await reports(ada, 'opportunity.reopened', 2, 'D-1')
  expect(await happened(ben)).toContain('lead.qualified')
})

test('a customer with a second, open deal is still a customer', async () => {
  const ada = await buyer()
  await reports(ada, 'opportunity.opened', 2, 'D-2')
  await reports(ada, 'opportunity.lost', 3, 'D-2')
  await reports(ada, 'opportunity.reopened', 4, 'D-2')
  const ben = await make.person({ title: 'Head of Enablement', company })
  await askForDemo(ben)
  expect(await happened(ben)).not.toContain('lead.qualified')
})

test("a day before the deal was won, the colleague's page says nothing about a customer", async () => {
  const ben = await make.person({ title: 'Head of Enablement', company })
  await askForDemo(ben)
  await runAllDue()
  advance(hours(48))
  await buyer()
  expect((await sales.get(`/sales/leads/${ben._id}`)).text).toContain(note)
  expect((await sales.get(`/sales/leads/${ben._id}?on=2026-11-24`)).text).not.toContain(note)
})

test('a customer whose company is put on the competitor list stays won', async () => {
  const ada = await buyer()
  await exclude()
  expect(await leadOf(ada)).toMatchObject({ status: 'won', shared: true })
  expect(await happened(ada)).not.toContain('lead.disqualified')
})

test('a deal that is won with a company on the competitor list opens the lead again', async () => {
  const ada = await lead()
  await exclude()
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', closed: { reason: 'competitor' } })
  await reports(ada, 'opportunity.won', 2, 'D-1')
  expect(await leadOf(ada)).toMatchObject({ status: 'won', closed: null })
})

test('a customer who pauses sharing is back with sales as won when they resume', async () => {
  const ada = await buyer()
  advance(hours(1))
  await pauseSharing(ada._id)
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', shared: false })
  advance(hours(1))
  await resumeSharing(ada._id)
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'won', shared: true })
  expect((await sales.get('/sales/leads?tab=won')).text).toContain('€18,400')
})

async function lead(): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement', company })
  await askForDemo(person)
  await runAllDue()
  return person
}

async function buyer(): Promise<Person> {
  const person = await lead()
  await reports(person, 'opportunity.won', 1, 'D-1')
  advance(hours(6))
  return person
}

async function exclude() {
  await blockCompetitors([company.domain], (await activeModel())._id)
  advance(minutes(3))
  await runAllDue()
}

async function askForDemo(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++serial], data })
}

/** The CRM reports that this happened `minute` minutes from now. */
async function reports(person: Person, name: OutcomeName, minute: number, deal: string) {
  const details = { deal, amount: 1840000, currency: 'EUR', reason: 'price', text: '' }
  const at = later(now(), minutes(minute))
  await applyOutcome({ id: String(++serial), name, person: person._id, at, ...details })
  advance(minutes(minute))
  await runAllDue()
}

const leadOf = (person: Person) => Leads.findById(person._id)
