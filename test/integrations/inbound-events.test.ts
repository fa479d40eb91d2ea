import { minutes, now } from '../../src/platform/clock'
import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { pauseSharing } from '../../src/people/pause-sharing'
import { People, type Person } from '../../src/people/person'
import { Outcomes } from '../../src/crm/outcome'
import { recordOutcome, type OutcomeInput } from '../../src/crm/record-outcome'
import { Leads } from '../../src/leads/lead'
import type { Endpoint } from '../../src/webhooks/endpoint'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

let academy: Academy
let crm: Endpoint
let petra: Visitor
let idris: Visitor
let serial = 0
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  crm = (await openEndpointServer({ name: 'Sales CRM' })).endpoint
  petra = await as(await make.person({ role: 'sales-lead', name: 'Petra Novotná' }))
  idris = await as(await make.person({ role: 'sales' }))
})
afterAll(async () => {
  await closeEndpointServers()
  await academy.close()
})

test('a sales lead matches what the CRM reported about its own id to a lead, and it counts from then on', async () => {
  const amara = await lead('Amara Okonkwo')
  await reports('00Q/44:17', { type: 'lead.accepted' })
  const id = await reports('00Q/44:17', {
    type: 'opportunity.won',
    crmId: 'D-1',
    amount: 1840000,
    currency: 'EUR',
  })
  await reports('00Q-other', { type: 'lead.accepted' })
  const list = (await petra.get('/integrations/inbound-events').expect(200)).text
  const href = `/integrations/inbound-events/${encodeURIComponent(id)}/match`
  expect(list).toContain(`href="${href}"`)

  const form = (await petra.get(href).expect(200)).text
  expect(form).toContain('00Q/44:17')
  expect(form).toContain('€18,400')
  expect((await petra.get(`${href}?q=nobody`)).text).toContain('No lead matches “nobody”')
  const found = (await petra.get(`${href}?q=${amara.email.slice(0, 8).toUpperCase()}`)).text
  expect(found).toContain('Match to Amara Okonkwo')
  await petra.post(href, { person: String(amara._id) }).expect(303)
  await petra.post(href, { person: String(amara._id) }).expect(303)
  await runAllDue()
  expect(await Leads.findById(amara._id)).toMatchObject({
    status: 'won',
    disposition: { kind: 'accepted', source: 'crm' },
    deals: [{ id: 'D-1', amount: 1840000 }],
  })
  expect(await Outcomes.count({ state: 'unmatched' })).toBe(1)
  expect(await AuditEntries.count({ action: 'outcome.matched', subject: String(amara._id) })).toBe(1)
  expect((await petra.get(href).expect(200)).text).toContain('already matched')
})

test('an outcome is matched only to a lead who shares with sales, and only by a sales lead', async () => {
  const [ben, cleo] = [await make.person(), await lead('Cleo Paused')]
  await pauseSharing(cleo._id)
  await runAllDue()
  const id = await reports('00Q-9', { type: 'lead.accepted' })
  const href = `/integrations/inbound-events/${encodeURIComponent(id)}/match`
  expect((await petra.get(`${href}?q=person-`)).text).not.toContain('Cleo Paused')
  for (const { _id } of [ben, cleo]) await petra.post(href, { person: String(_id) }).expect(422)
  await petra.post(href, { person: 'nobody' }).expect(404)
  await petra.get('/integrations/inbound-events/nothing/match').expect(404)
  await idris.get(href).expect(403)
  expect((await idris.get('/integrations/inbound-events').expect(200)).text).not.toContain(href)
  expect(await Outcomes.findById(id)).toMatchObject({ state: 'unmatched' })
})

test("a rep reads how a reason that isn't ours was recorded, and the CRM's own words", async () => {
  const amara = await lead('Amara Rejected')
  await reports(String(amara._id), {
    type: 'lead.rejected',
    reasonCode: 'budget_freeze',
    reasonText: 'Nothing before <May>',
  })
  const page = (await idris.get('/integrations/inbound-events').expect(200)).text
  expect(page).toContain('Recorded as: other. CRM code: budget_freeze')
  expect(page).toContain('CRM note: Nothing before &lt;May&gt;')
  const leadPage = (await idris.get(`/sales/leads/${amara._id}`).expect(200)).text
  expect(leadPage).toContain('budget_freeze: Nothing before &lt;May&gt;')
})

test('outcomes are filtered by the address, figures open their list, and the CSV has what the list has', async () => {
  await Outcomes.deleteMany({})
  const amara = await lead('Amara Filter')
  const shy = await lead('Shy Filter')
  await reports(String(amara._id), { type: 'lead.accepted', crmId: '00Q-77' })
  await reports(String(amara._id), {
    type: 'opportunity.won',
    crmId: '=D-9',
    amount: 500000,
    currency: 'EUR',
  })
  await reports(String(shy._id), { type: 'lead.rejected', reasonCode: 'timing', reasonText: 'Her own words' })
  await pauseSharing(shy._id)
  advance(minutes(24 * 60))
  await reports('nobody-knows', { type: 'lead.accepted' })
  await runAllDue()
  const path = '/integrations/inbound-events'
  const rowsOf = async (query: string) => {
    const { text } = await idris.get(`${path}?${query}`).expect(200)
    return [...text.matchAll(/<span class="name">(?:<a[^>]*>)?([^<]+)/g)].map(([, name]) => name)
  }
  expect(await rowsOf('')).toHaveLength(4)
  expect(await rowsOf('state=unmatched')).toEqual(['nobody-knows'])
  expect(await rowsOf('type=opportunity.won')).toEqual(['Amara Filter'])
  expect(await rowsOf('q=amara+filter')).toEqual(['Amara Filter', 'Amara Filter'])
  expect(await rowsOf('q=00Q-77')).toEqual(['Amara Filter'])
  // Whoever paused isn't found by name.
  expect(await rowsOf('q=shy+filter')).toEqual([])
  // A name that very many leads have isn't searched to the end, which the page says; people who aren't leads have no
  // outcomes and don't count.
  const namesakes = Array.from({ length: 501 }, (_, n) => ({
    email: `n${n}@n.example`,
    ...{ search: ['namesake', 'amara'], consents: [] },
  }))
  await People.collection.insertMany(namesakes)
  const few = (await idris.get(`${path}?q=amara`).expect(200)).text
  expect(await rowsOf('q=amara')).toEqual(['Amara Filter', 'Amara Filter'])
  await People.collection.deleteMany({ search: 'namesake' })
  await Leads.collection.insertMany(namesakes.map(() => ({ search: ['namesake'], shared: true })))
  const many = (await idris.get(`${path}?q=namesake`).expect(200)).text
  await Leads.collection.deleteMany({ search: 'namesake' })
  expect(many).toContain('More than 500 people match. This is about 500 of them: type more of the name.')
  expect(few).not.toContain('people match')
  const today = now().toISOString().slice(0, 10)
  expect(await rowsOf(`from=${today}`)).toEqual(['nobody-knows'])
  expect(await rowsOf(`to=${today}&state=applied`)).toHaveLength(3)
  expect(await rowsOf('from=nonsense&endpoint=nonsense&state=nonsense')).toHaveLength(4)
  const page = (await idris.get(path).expect(200)).text
  expect(page).toContain(`href="${path}?state=unmatched"`)
  const csv = (await idris.get(`${path}.csv?state=applied`).expect(200)).text
  const lines = csv.trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(csv).toContain('opportunity.won,applied,')
  expect(csv).toContain("'=D-9,500000,EUR")
  expect(csv).not.toContain('Her own words')
  expect(csv).not.toContain('Shy')
  expect(await AuditEntries.findOne({ action: 'outcomes.exported' })).toMatchObject({
    detail: { state: 'applied' },
  })
})

async function lead(name: string): Promise<Person> {
  const person = await make.person({ name })
  const data = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  return person
}

async function reports(externalId: string, given: Partial<OutcomeInput> & Pick<OutcomeInput, 'type'>) {
  advance(minutes(1))
  const rest = { crmId: null, amount: null, currency: null, reasonCode: null, reasonText: '' }
  const id = `message ${++serial}`
  await recordOutcome(crm._id, id, { externalId, occurredAt: now(), ...rest, ...given })
  await runAllDue()
  return `${crm._id}:${id}`
}
