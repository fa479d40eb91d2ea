import { Webhook } from 'standardwebhooks'
import request from 'supertest'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { Outcomes } from '../../src/crm/outcome'
import { record } from '../../src/events/record'
import { Leads } from '../../src/leads/lead'
import type { Person } from '../../src/people/person'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import { as } from '../kit/as'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'
import { days, hours, later, now } from '../../src/platform/clock'

let academy: Academy
let secret: string

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  secret = (await openEndpointServer({ name: 'Sales CRM' })).secret
})
afterAll(async () => {
  await closeEndpointServers()
  await academy.close()
})

let count = 0
type SendOptions = { id?: string; signedBy?: string; sentAt?: number; type?: string; body?: string }

/** Sends an outcome as a CRM does, signed with an independent library. */
function report(outcome: object, options: SendOptions = {}) {
  const body = options.body ?? JSON.stringify(outcome)
  const id = options.id ?? `crm-message-${++count}`
  const sentAt = new Date(options.sentAt ?? Date.now())
  return request(theApp())
    .post('/api/crm/outcomes')
    .set('content-type', options.type ?? 'application/json')
    .set('webhook-id', id)
    .set('webhook-timestamp', String(Math.floor(sentAt.getTime() / 1000)))
    .set('webhook-signature', new Webhook(options.signedBy ?? secret).sign(id, sentAt, body))
    .send(body)
}

/** Creates a lead that qualified an hour ago. */
async function makeLead(): Promise<Person> {
  const ada = await make.person()
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({
    name: 'lead.qualified',
    person: ada._id,
    at: later(now(), -hours(1)),
    idempotencyKey: [1],
    data,
  })
  await runAllDue()
  return ada
}

const won = (person: Person, more: object = {}) => ({
  type: 'opportunity.won',
  data: {
    external_id: String(person._id),
    crm_id: 'opp-1',
    occurred_at: now().toISOString(),
    amount_minor: 1840000,
    currency: 'EUR',
    ...more,
  },
})

test('a deal that is won in the CRM is won in the sales workspace', async () => {
  const ada = await makeLead()
  await report(won(ada)).expect(202, { status: 'accepted' })
  expect(await happened(ada)).toContain('opportunity.won')
  expect(await Leads.findById(ada._id)).toMatchObject({
    status: 'won',
    deals: [{ id: 'opp-1', state: 'won', amount: 1840000, currency: 'EUR' }],
  })
})

test('an endpoint that was never sent a lead reports nothing about them: a teammate decides', async () => {
  const ada = await makeLead()
  const bought = await openEndpointServer({ name: 'Accounting', types: ['order.paid'] })
  await report(won(ada), { signedBy: bought.secret }).expect(202)
  await runAllDue()
  expect((await Leads.findById(ada._id))!.status).not.toBe('won')
  expect(await happened(ada)).not.toContain('opportunity.won')
  expect(await Outcomes.findOne({ endpoint: bought.endpoint._id })).toMatchObject({
    state: 'unmatched',
    person: null,
  })
})

test('an endpoint reports only what a sales lead allows on its page', async () => {
  const ada = await makeLead()
  const petra = await as(await make.person({ role: 'sales-lead' }))
  const partner = await openEndpointServer({ name: 'Partner portal' })
  await runAllDue()
  const settings = { name: 'Partner portal', url: partner.url, types: ['lead.qualified'] }
  const page = `/integrations/endpoints/${partner.endpoint._id}`
  await petra.post(page, { ...settings, inbound: 'lead.contacted' }).expect(303)
  const refused = await report(won(ada), { signedBy: partner.secret }).expect(403)
  expect(refused.body.error).toMatchObject({ status: 403, code: 'inbound' })
  expect(refused.body.error.message).toContain('opportunity.won')
  await report({ ...won(ada), type: 'lead.contacted' }, { signedBy: partner.secret }).expect(202)
  await petra.post(page, settings).expect(303)
  await report({ ...won(ada), type: 'lead.contacted' }, { signedBy: partner.secret }).expect(403)
  await petra.post(page, { ...settings, inbound: 'lead.erased' }).expect(422)
})

test('a new endpoint reports nothing until it is allowed to', async () => {
  const { inbound } = await addEndpoint({ name: 'New', url: 'https://crm.example/hooks', types: [] })
  expect(inbound).toEqual([])
})

test('an outcome that is sent twice counts once', async () => {
  const ada = await makeLead()
  await report(won(ada), { id: 'twice' }).expect(202)
  await report(won(ada), { id: 'twice' }).expect(200, { status: 'known' })
  await runAllDue()
  await report(won(ada), { id: 'twice' }).expect(200)
  expect((await happened(ada)).filter(name => name === 'opportunity.won')).toHaveLength(1)
})

test('outcomes that arrive out of order are applied by time', async () => {
  const ada = await makeLead()
  await report(won(ada, { occurred_at: later(now(), days(0)).toISOString() })).expect(202)
  await runAllDue()
  const earlier = { occurred_at: later(now(), -hours(0.5)).toISOString() }
  await report({ ...won(ada, earlier), type: 'opportunity.opened' }).expect(202)
  await report({ ...won(ada, { ...earlier, reason_code: 'price' }), type: 'opportunity.lost' }).expect(202)
  await runAllDue()
  expect(await Leads.findById(ada._id)).toMatchObject({ status: 'won' })
})

test('a won deal stays won until it is reopened', async () => {
  const ada = await makeLead()
  await report(won(ada)).expect(202)
  advance(hours(1))
  await report({ ...won(ada, { reason_code: 'price' }), type: 'opportunity.lost' }).expect(202)
  await runAllDue()
  expect((await Leads.findById(ada._id))!.status).toBe('won')
  advance(hours(1))
  await report({ ...won(ada), type: 'opportunity.reopened' }).expect(202)
  advance(hours(1))
  await report({ ...won(ada, { reason_code: 'price' }), type: 'opportunity.lost' }).expect(202)
  await runAllDue()
  expect(await Leads.findById(ada._id)).toMatchObject({
    status: 'lost',
    deals: [{ state: 'lost', lostReason: 'price' }],
  })
})

test('an unknown reason is stored as other, with the words of the CRM', async () => {
  const ada = await makeLead()
  const reason = { reason_code: 'mercury_retrograde', reason_text: 'They said so.' }
  await report({ ...won(ada, reason), type: 'lead.rejected' }, { id: 'odd' }).expect(202)
  expect(await Outcomes.findOne({ externalId: String(ada._id) })).toMatchObject({
    reason: 'other',
    unknownCode: 'mercury_retrograde',
    text: 'They said so.',
  })
})

test.each(['6921f0c2a4b1d3e5f7a90b12', 'a lead of another system'])(
  'an outcome about an unknown person (%s) is unmatched',
  async external_id => {
    await report({ type: 'lead.accepted', data: { external_id, occurred_at: now().toISOString() } }).expect(
      202,
    )
    await runAllDue()
    expect(await Outcomes.findOne({ externalId: external_id })).toMatchObject({
      state: 'unmatched',
      person: null,
    })
  },
)

describe('an invalid request is rejected and nothing is stored', () => {
  const before: { outcomes?: number } = {}
  beforeEach(async () => (before.outcomes = await Outcomes.count({})))
  afterEach(async () => expect(await Outcomes.count({})).toBe(before.outcomes))

  const valid = { type: 'lead.accepted', data: { external_id: 'x', occurred_at: '2026-11-23T08:00:00Z' } }

  test('a signature with another secret', async () => {
    const response = await report(valid, {
      signedBy: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
    }).expect(401)
    expect(response.body.error).toMatchObject({ status: 401, code: 'signature' })
  })

  test('a message from ten minutes ago', async () => {
    const response = await report(valid, { sentAt: Date.now() - 600_000 }).expect(401)
    expect(response.body.error.code).toBe('timestamp')
  })

  test('no signature', async () => {
    const response = await request(theApp()).post('/api/crm/outcomes').send(valid).expect(401)
    expect(response.body.error.code).toBe('headers')
  })

  test('a body that was changed in transit', async () => {
    const sent = report(valid)
    sent.send(JSON.stringify({ ...valid, type: 'opportunity.won' }))
    await sent.expect(401)
  })

  test('a body that is not JSON', async () => {
    const response = await report({}, { body: '{"type":' }).expect(400)
    expect(response.body.error.code).toBe('notJson')
  })

  test.each([
    ['type', { ...valid, type: 'lead.promised' }],
    ['type', { data: valid.data }],
    ['data', { type: 'lead.accepted' }],
    ['data.external_id', { ...valid, data: { ...valid.data, external_id: '' } }],
    ['data.external_id', { ...valid, data: { ...valid.data, external_id: { $ne: null } } }],
    ['data.occurred_at', { ...valid, data: { ...valid.data, occurred_at: 'yesterday' } }],
    ['data.occurred_at', { ...valid, data: { ...valid.data, occurred_at: '2027-11-23T08:00:00Z' } }],
    ['data.amount_minor', { ...valid, data: { ...valid.data, amount_minor: 18.4, currency: 'EUR' } }],
    ['data.amount_minor', { ...valid, data: { ...valid.data, amount_minor: -1, currency: 'EUR' } }],
    ['data.currency', { ...valid, data: { ...valid.data, amount_minor: 1 } }],
    ['data.currency', { ...valid, data: { ...valid.data, currency: 'euro' } }],
    ['data.reason_text', { ...valid, data: { ...valid.data, reason_text: 'x'.repeat(1001) } }],
  ])('an invalid %s', async (name, body) => {
    const response = await report(body).expect(422)
    expect(Object.keys(response.body.error.fields)).toEqual([name])
  })

  test('JSON that is not an object', async () => {
    for (const body of ['[]', 'null', '"won"', '7']) await report({}, { body }).expect(422)
  })

  test('another content type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      await report(valid, { type }).expect(415)
    }
  })

  test('a huge body', async () => {
    await report({}, { body: JSON.stringify({ ...valid, more: 'x'.repeat(70_000) }) }).expect(413)
  })
})
