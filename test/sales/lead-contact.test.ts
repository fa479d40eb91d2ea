import { minutes, now } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { giveConsent } from '../../src/people/give-consent'
import { pauseEndpoint } from '../../src/webhooks/pause-endpoint'
import { Endpoints } from '../../src/webhooks/endpoint'
import type { Person } from '../../src/people/person'
import { recordOutcome } from '../../src/crm/record-outcome'
import { acceptLead, assignLead } from '../../src/leads/change-lead'
import { saveDemoHours } from '../../src/leads/demo-hours'
import { Leads } from '../../src/leads/lead'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer, status } from '../webhooks/endpoint-server'

let academy: Academy
let petra: Person
let sales: Visitor
let serial = 0
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  sales = await as(petra)
})
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

test('a rep sees where a lead came from, their country, and the exact wording they agreed to', async () => {
  const at = new Date('2026-10-19T08:00:00Z')
  const amara = await make.person({
    name: 'Amara Okonkwo',
    country: 'GB',
    consents: ['profiling'],
    firstTouch: touch(at),
  })
  const text = 'Share what I learn here with the sales team.'
  await giveConsent(amara._id, { purpose: 'share_with_sales', text, locale: 'en', page: '/sign-up' })
  await askForDemo(amara)
  const page = await pageOf(amara)
  expect(page).toContain('United Kingdom')
  expect(page).toContain('Newsletters · campaign “pumps” · first visit on 19 October 2026')
  expect(page).toContain('Sharing with sales since 23 November 2026, text version 1')
  expect(page).toContain(text)
  expect(page).toContain('Not sent to a CRM')
})

test('a rep sees whether the CRM has the last message, and the id it stores the lead under', async () => {
  const crm = await openEndpointServer({ name: 'Sales CRM' })
  const amara = await make.person({ name: 'Amara Okonkwo' })
  await askForDemo(amara)
  expect(await pageOf(amara)).toMatch(/, to Sales CRM: sent today at 09:00, 204 in \d+ ms/)
  expect(await pageOf(amara)).toContain('the CRM hasn&#39;t reported its id')

  advance(minutes(1))
  await recordOutcome(crm.endpoint._id, 'o-1', {
    type: 'lead.accepted',
    externalId: String(amara._id),
    crmId: '00Q-4417',
    occurredAt: now(),
    amount: null,
    currency: null,
    reasonCode: null,
    reasonText: '',
  })
  crm.respondWith(status(500))
  await runAllDue()
  expect(await pageOf(amara)).toContain('00Q-4417 in Sales CRM')
  expect(await pageOf(amara)).not.toContain('crm.example')
  const recordUrl = 'https://crm.example/leads/{crm_id}?from=academy'
  await Endpoints.updateOne({ _id: crm.endpoint._id }, { $set: { recordUrl } })
  expect(await pageOf(amara)).toContain('href="https://crm.example/leads/00Q-4417?from=academy"')
  expect(await pageOf(amara)).toContain(
    'Lead updated, to Sales CRM: not delivered yet (500), next attempt today',
  )
  // A day on which nothing had been sent yet.
  expect(await pageOf(amara, '?on=2026-11-22')).not.toContain('Sales CRM')

  await pauseEndpoint(crm.endpoint._id)
  expect(await pageOf(amara)).toContain('Lead updated, to Sales CRM: held while the endpoint is paused')
})

test("a rep sees which of the lead's colleagues are leads too, whose they are and how far they got", async () => {
  const company = { domain: 'hartley.example', name: 'Hartley Dairies' }
  const amara = await make.person({ name: 'Amara Okonkwo', company })
  const ben = await make.person({ name: 'Ben Ward', title: 'Buyer', company })
  const cleo = await make.person({ name: 'Cleo Marsh', company })
  await askForDemo(amara)
  await askForDemo(ben)
  advance(minutes(60 * 24))
  await acceptLead((await Leads.findById(ben._id))!, petra._id)
  const page = await pageOf(amara)
  expect(rowOf(ben, page)).toContain('Working · Petra Novotná')
  expect(rowOf(cleo, page)).toContain('Not qualified yet')
  expect(rowOf(ben, await pageOf(amara, '?on=2026-11-23'))).toContain('New · Petra Novotná')
})

function touch(at: Date) {
  const rest = { referrer: null, source: 'october', medium: 'newsletter', term: null, content: null }
  return { at, landing: '/courses', campaign: 'pumps', ...rest }
}

async function askForDemo(person: Person) {
  const data = { kind: 'demo' as const, text: '', title: 'Pumps' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [++serial], data })
  await runAllDue()
}

async function pageOf({ _id }: Person, query = ''): Promise<string> {
  return (await sales.get(`/sales/leads/${_id}${query}`).expect(200)).text
}

function rowOf({ _id }: Person, page: string): string {
  return page.split('<tr>').find(row => row.includes(`/sales/leads/${_id}"`))!
}

test('when the CRM has another owner, the card says both, and a sales lead takes over that of the CRM', async () => {
  const crm = await openEndpointServer({ name: 'Sales CRM' })
  const [here, there] = [
    await make.person({ role: 'sales', name: 'Here Rep' }),
    await make.person({ role: 'sales', name: 'There Rep' }),
  ]
  const amara = await make.person({ name: 'Amara Okonkwo' })
  await askForDemo(amara)
  const lead = (await Leads.findById(amara._id))!
  await assignLead(lead, String(here._id), here._id)
  const report = {
    externalId: String(amara._id),
    crmId: '00Q-1',
    occurredAt: now(),
    amount: null,
    currency: null,
  }
  await recordOutcome(crm.endpoint._id, 'owner-1', {
    ...{ ...report, type: 'lead.accepted', ownerEmail: there.email, reasonCode: null, reasonText: '' },
  })
  await runAllDue()
  const saleslead = await as(await make.person({ role: 'sales-lead' }))
  const path = `/sales/leads/${amara._id}`
  const page = (await saleslead.get(path).expect(200)).text
  expect(page).toContain('The CRM says There Rep, since today at')
  expect(page).toContain('Use the CRM&#39;s')
  const bystander = (await (await as(there)).get(path).expect(200)).text
  expect(bystander).toContain('The CRM says There Rep')
  expect(bystander).not.toContain('Use the CRM&#39;s')
  await saleslead.post(`${path}/owner`, { owner: String(there._id) }).expect(303)
  expect((await saleslead.get(path).expect(200)).text).not.toContain('The CRM says')
  expect(await Leads.findById(amara._id)).toMatchObject({ owner: there._id })
})

test('a rep sees the address of their own booking page beside the contact, to send to the lead', async () => {
  const rep = await make.person({ role: 'sales' })
  const hours = { weekdays: [1], opens: 540, closes: 600, length: 30, place: '', notBefore: null }
  await saveDemoHours(rep._id, { ...hours, address: 'my-page' })
  const amara = await make.person({ name: 'Amara Okonkwo' })
  await askForDemo(amara)
  expect((await (await as(rep)).get(`/sales/leads/${amara._id}`).expect(200)).text).toContain('/meet/my-page')
  expect(await pageOf(amara)).not.toContain('/meet/')
})
