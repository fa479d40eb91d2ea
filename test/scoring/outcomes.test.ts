import { days, hours, later, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { applyOutcome, type OutcomeName } from '../../src/leads/apply-outcome'
import { Leads, type Lead } from '../../src/leads/lead'
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

test('a deal goes its way from contacted to won, and its money stays with it', async () => {
  const ada = await lead()
  await says(ada, 'lead.contacted', 1)
  await says(ada, 'opportunity.opened', 2)
  expect(await leadOf(ada)).toMatchObject({
    status: 'opportunity',
    amount: 1840000,
    currency: 'EUR',
    rank: 1,
  })
  await says(ada, 'opportunity.won', 3)
  expect(await leadOf(ada)).toMatchObject({ status: 'won', rank: 2 })
})

test('what the CRM reports late counts for when it happened', async () => {
  const ada = await lead()
  await says(ada, 'opportunity.lost', 5)
  await says(ada, 'opportunity.opened', 2)
  await says(ada, 'lead.accepted', 1)
  expect(await leadOf(ada)).toMatchObject({ status: 'lost', lostReason: 'price' })
})

test('won is final, whatever is said afterwards, until it is reopened', async () => {
  const ada = await lead()
  await says(ada, 'opportunity.won', 3)
  await says(ada, 'lead.rejected', 4)
  await says(ada, 'opportunity.lost', 5)
  expect(await leadOf(ada)).toMatchObject({ status: 'won' })
  await says(ada, 'opportunity.reopened', 6)
  expect(await leadOf(ada)).toMatchObject({ status: 'opportunity' })
  await says(ada, 'opportunity.lost', 7)
  expect(await leadOf(ada)).toMatchObject({ status: 'lost' })
})

test('a CRM that dates what it says before the hand-off, as by the day alone, is heard', async () => {
  const ada = await lead()
  await says(ada, 'lead.accepted', -9)
  await says(ada, 'opportunity.won', -8)
  expect(await leadOf(ada)).toMatchObject({ status: 'won', amount: 1840000, disposition: { source: 'crm' } })
})

test('the same message twice is one outcome', async () => {
  const ada = await lead()
  expect(await says(ada, 'lead.rejected', 1, 'once')).toBe(true)
  expect(await says(ada, 'lead.rejected', 1, 'once')).toBe(false)
  expect(await leadOf(ada)).toMatchObject({
    status: 'rejected',
    dispositionCount: 1,
    disposition: { source: 'crm', reason: 'price' },
  })
})

test('a customer is not handed over again', async () => {
  const ada = await lead()
  await says(ada, 'opportunity.won', 1)
  advance(days(1))
  await raiseHand(ada)
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'won', sequence: 1 })
})

test('a contact request stays with sales for thirty days, though its score is low', async () => {
  const ada = await lead()
  advance(days(29))
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'new' })
  advance(days(2))
  await runAllDue()
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', closedReason: 'cooled' })
})

async function lead(): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement' })
  await raiseHand(person)
  await runAllDue()
  return person
}

let said = 0
async function raiseHand(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Read the evidence' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++said], data })
}

/** The CRM says that this happened so many hours after the hand-off. */
async function says(person: Person, name: OutcomeName, hour: number, id = String(++said)): Promise<boolean> {
  const money = { amount: 1840000, currency: 'EUR', reason: 'price', text: 'Too dear' }
  const fresh = await applyOutcome({ id, name, person: person._id, at: later(now(), hours(hour)), ...money })
  await runAllDue()
  return fresh
}

const leadOf = (person: Person) => Leads.findById(person._id).lean<Lead>()
