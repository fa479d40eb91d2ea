import { days, hours, later, now } from '../../src/platform/clock'
import type { EventName } from '../../src/events/definitions'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { applyOutcome, type OutcomeName } from '../../src/leads/apply-outcome'
import { Leads } from '../../src/leads/lead'
import { leadState } from '../../src/leads/lead-state'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

test('a deal moves from contacted to won, and its amount stays with the lead', async () => {
  const ada = await lead()
  await reports(ada, 'lead.contacted', 1)
  await reports(ada, 'opportunity.opened', 2)
  expect(await leadOf(ada)).toMatchObject({
    status: 'opportunity',
    deals: [{ state: 'open', amount: 1840000, currency: 'EUR' }],
    rank: 1,
  })
  await reports(ada, 'opportunity.won', 3)
  expect(await leadOf(ada)).toMatchObject({ status: 'won', rank: 2 })
})

test('an outcome that the CRM reports late counts from when it happened', async () => {
  const ada = await lead()
  await reports(ada, 'opportunity.lost', 5)
  await reports(ada, 'opportunity.opened', 2)
  await reports(ada, 'lead.accepted', 1)
  expect(await leadOf(ada)).toMatchObject({ status: 'lost', deals: [{ state: 'lost', lostReason: 'price' }] })
})

test('a won deal stays won, whatever the CRM reports later, until it is reopened', async () => {
  const ada = await lead()
  await reports(ada, 'opportunity.won', 3)
  await reports(ada, 'lead.rejected', 4)
  await reports(ada, 'opportunity.lost', 5)
  expect(await leadOf(ada)).toMatchObject({ status: 'won' })
  await reports(ada, 'opportunity.reopened', 6)
  expect(await leadOf(ada)).toMatchObject({ status: 'opportunity' })
  await reports(ada, 'opportunity.lost', 7)
  expect(await leadOf(ada)).toMatchObject({ status: 'lost' })
})

test('an outcome dated before the hand-off still counts, as from a CRM that knows only the day', async () => {
  const ada = await lead()
  await reports(ada, 'lead.accepted', -9)
  await reports(ada, 'opportunity.won', -8)
  expect(await leadOf(ada)).toMatchObject({
    status: 'won',
    deals: [{ amount: 1840000 }],
    disposition: { source: 'crm' },
  })
})

test('the same message twice is one outcome', async () => {
  const ada = await lead()
  expect(await reports(ada, 'lead.rejected', 1, 'once')).toBe(true)
  expect(await reports(ada, 'lead.rejected', 1, 'once')).toBe(false)
  expect(await leadOf(ada)).toMatchObject({
    status: 'rejected',
    changeCount: 1,
    disposition: { source: 'crm', reason: 'price' },
  })
})

test('a customer is not handed off again', async () => {
  const ada = await lead()
  await reports(ada, 'opportunity.won', 1)
  advance(days(1))
  await askForDemo(ada)
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'won', sequence: 1 })
})

test('a contact request stays with sales for 30 days, even with a low score', async () => {
  const ada = await lead()
  advance(days(29))
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'new' })
  advance(days(2))
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', closed: { reason: 'cooled' } })
})

async function lead(): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement' })
  await askForDemo(person)
  await runAllDue()
  return person
}

let serial = 0
async function askForDemo(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++serial], data })
}

/** The CRM reports that this happened `hour` hours after the hand-off. */
async function reports(
  person: Person,
  name: OutcomeName,
  hour: number,
  id = String(++serial),
): Promise<boolean> {
  const details = { deal: null, amount: 1840000, currency: 'EUR', reason: 'price', text: 'Too expensive' }
  const isNew = await applyOutcome({
    id,
    name,
    person: person._id,
    at: later(now(), hours(hour)),
    ...details,
  })
  await runAllDue()
  return isNew
}

const leadOf = (person: Person) => Leads.findById(person._id)

test('accepting again after an undo counts, even within the same millisecond', async () => {
  const ada = await make.person()
  const event = (name: EventName, number: number, data: object) => ({
    _id: `${name}:${ada._id}:1:${number}`,
    name,
    at: now(),
    data: { by: String(ada._id), source: 'sales', ...data },
  })
  const qualified = {
    _id: 'q',
    name: 'lead.qualified' as const,
    at: now(),
    data: { trigger: 'score', sequence: 1 },
  }
  const events = [
    qualified,
    event('lead.accepted', 0, {}),
    event('lead.acceptance_undone', 1, {}),
    event('lead.accepted', 2, {}),
  ] as Parameters<typeof leadState>[0]
  expect(leadState(events)).toMatchObject({ status: 'accepted', changeCount: 3 })
})
