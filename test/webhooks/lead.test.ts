import request from 'supertest'
import { days, hours, later, now } from '../../src/platform/clock'
import { Events, isNamed } from '../../src/events/event'
import { record } from '../../src/events/record'
import { envelope } from '../../src/webhooks/message-types'
import { Deliveries } from '../../src/webhooks/delivery'
import { Messages } from '../../src/webhooks/message'
import { queueDeliveries } from '../../src/webhooks/queue-deliveries'
import { resendDelivery } from '../../src/webhooks/resend-delivery'
import { confirmMarketing } from '../../src/people/confirm-marketing'
import { giveConsent } from '../../src/people/give-consent'
import { erasePerson } from '../../src/people/erase-person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { pauseSharing } from '../../src/people/pause-sharing'
import { People, type Person } from '../../src/people/person'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { Leads } from '../../src/leads/lead'
import { LeadActionLinks } from '../../src/leads/lead-action-link'
import mongoose from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeEndpointServers,
  deliveryTo,
  openEndpointServer,
  status,
  type EndpointServer,
} from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

async function qualify(person: Person, sequence = 1): Promise<void> {
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence }
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [sequence], data })
}

const typesAt = (server: EndpointServer) =>
  server.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
const isQualified = ({ type }: { type: string }) => type === 'lead.qualified'
const everyPurpose: Person['consents'] = ['profiling', 'share_with_sales', 'marketing_email']
const isUpdate = ({ type }: { type: string }) => type === 'lead.updated'
const isMarketing = ({ type }: { type: string }) => type === 'lead.marketing_consent_changed'
const lastMessageAt = (server: EndpointServer) => JSON.parse(server.received.at(-1)!.body)

test('a CRM gets the full record of a lead: identity, reasons, needs, source and consent', async () => {
  const server = await openEndpointServer()
  const sales = await make.person({ role: 'sales', name: 'Petra Novotná' })
  const ada = await make.person({
    name: 'Ada Augusta Lovelace',
    title: 'Head of Enablement',
    country: 'GB',
    firstTouch: {
      at: now(),
      landing: '/courses',
      referrer: null,
      source: 'october',
      medium: 'newsletter',
      campaign: 'pumps',
      term: null,
      content: null,
    },
  })
  const lesson = { lesson: 'a', title: 'A finished lesson is a sentence', topics: ['evidence'], kind: 'text' }
  await record({
    name: 'lesson.completed',
    person: ada._id,
    course: null,
    at: later(now(), -days(1)),
    idempotencyKey: ['a'],
    data: { ...lesson, minutes: 6, seconds: 300 },
  })
  await qualify(ada)
  await runAllDue()
  const message = lastMessageAt(server)
  expect(envelope('lead.qualified').safeParse(message).error).toBeUndefined()
  expect(message).toMatchObject({
    type: 'lead.qualified',
    timestamp: '2026-11-23T09:00:00.000Z',
    sequence: 1,
  })
  const { data } = message
  expect(data.person).toMatchObject({
    first_name: 'Ada Augusta',
    last_name: 'Lovelace',
    country: 'GB',
    not_provided: [],
  })
  expect(data.qualified).toEqual({ at: '2026-11-23T09:00:00.000Z', trigger: 'score' })
  expect(data.score.reasons[0]).toMatchObject({
    text: 'Finished the lesson "A finished lesson is a sentence"',
  })
  const sum = data.score.reasons.reduce(
    (points: number, reason: { points: number }) => points + reason.points,
    0,
  )
  expect(sum).toBeCloseTo(data.score.value, 1)
  expect(data.source).toMatchObject({
    lead_source: 'newsletter',
    utm_campaign: 'pumps',
    landing_path: '/courses',
  })
  expect(data.consent).toMatchObject({ lawful_basis: 'consent', marketing_email: false })
  expect(data.routing.owner).toBe(sales.email)
  expect(data.dedupe_key).toBe(ada.email)
  expect(Buffer.byteLength(server.received[0]!.body)).toBeLessThan(20_000)
})

describe('the two action links of a message', () => {
  const linksAt = (server: EndpointServer) =>
    lastMessageAt(server).data.links as Record<'accept' | 'reject', string>

  test('act for the owner without signing in', async () => {
    const server = await openEndpointServer()
    const ada = await make.person()
    await record({
      name: 'contact.requested',
      person: ada._id,
      idempotencyKey: ['h'],
      data: { kind: 'demo', text: '', title: null },
    })
    await runAllDue()
    const lead = await Leads.findById(ada._id)
    const message = server.received.map(({ body }) => JSON.parse(body)).find(isQualified)
    const { accept, reject } = message.data.links
    expect(reject).toBe(`${accept}#reject`)
    const page = await request(academy.app).get(new URL(accept).pathname).expect(200)
    expect(page.text).toContain('id="reject"')
    await request(academy.app)
      .post(`${new URL(accept).pathname}/acceptance`)
      .expect(303)
    expect(lead!.owner).not.toBeNull()
    expect(await Leads.findById(ada._id)).toMatchObject({
      status: 'accepted',
      disposition: { by: lead!.owner },
    })
  })

  test('are created once, however often the reaction runs', async () => {
    const server = await openEndpointServer()
    const ada = await make.person()
    await qualify(ada)
    await runAllDue()
    const links = linksAt(server)
    const created = await LeadActionLinks.count({ lead: ada._id })
    const events = await Events.find({ person: ada._id, name: 'lead.qualified' })
    await queueDeliveries(events.filter(isNamed('lead.qualified'))[0]!)
    await runAllDue()
    expect(server.received).toHaveLength(1)
    expect(linksAt(server)).toEqual(links)
    expect(await LeadActionLinks.count({ lead: ada._id })).toBe(created)
  })

  test('have no token when anyone else reads the message', async () => {
    const server = await openEndpointServer()
    const [ada, seller] = [await make.person(), await make.person({ role: 'sales' })]
    await qualify(ada)
    await runAllDue()
    const token = new URL(linksAt(server).accept).pathname.split('/').at(-1)!
    const { _id } = await deliveryTo(server, ada)
    const [self, colleague] = [await as(ada), await as(seller)]
    for (const [visitor, path] of [
      [self, `/account/sharing/messages/${_id}`],
      [self, '/account/data.json'],
      [colleague, `/integrations/deliveries/${_id}`],
      [colleague, `/integrations/deliveries/${_id}/body`],
    ] as const) {
      const { text } = await visitor.get(path).expect(200)
      expect(text).toContain('/lead-actions/…')
      expect(text).not.toContain(token)
    }
  })

  test('lead to the sales workspace when the lead has no owner', async () => {
    const server = await openEndpointServer()
    await People.updateMany({ role: { $in: ['sales', 'sales-lead'] } }, { suspendedAt: now() })
    const ada = await make.person()
    await qualify(ada)
    await runAllDue()
    expect(linksAt(server).accept).toMatch(`/sales/leads/${ada._id}#disposition`)
    await People.updateMany({}, { suspendedAt: null })
  })
})

test('a name of one word and a missing company are flagged, since CRMs reject a lead without them', async () => {
  const server = await openEndpointServer()
  await qualify(await make.person({ name: 'Plato', company: null, emailKind: 'free' }))
  await runAllDue()
  expect(lastMessageAt(server).data.person).toMatchObject({
    first_name: 'Plato',
    last_name: '[not provided]',
    company: '[not provided]',
    domain: null,
    not_provided: ['last_name', 'company'],
  })
})

test('messages about a person are numbered, whatever their type', async () => {
  const server = await openEndpointServer()
  const ada = await make.person()
  await qualify(ada)
  await runAllDue()
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: ada._id, idempotencyKey: ['c'], data })
  await runAllDue()
  const numbers = server.received
    .map(({ body }) => JSON.parse(body))
    .map(({ type, sequence }) => [type, sequence])
  expect(numbers).toContainEqual(['lead.qualified', 1])
  expect(numbers).toContainEqual(['lead.updated', 2])
})

test('a CRM that knows a lead gets the new job title, name and fit when the lead changes their profile', async () => {
  const server = await openEndpointServer()
  const ada = await make.person({ name: 'Ada Lovelace', title: 'Assistant' })
  await qualify(ada)
  await runAllDue()
  const { fit } = lastMessageAt(server).data.score
  const visitor = await as(ada)
  const profile = { name: 'Ada King', title: 'Head of Enablement', country: 'GB' }
  await visitor.post('/account', profile).expect(303)
  await visitor.post('/account', profile).expect(303)
  await runAllDue()
  const updates = server.received.map(({ body }) => JSON.parse(body)).filter(isUpdate)
  expect(updates).toHaveLength(1)
  const { person, score, change } = updates[0].data
  expect(person).toMatchObject({ last_name: 'King', title: 'Head of Enablement', country: 'GB' })
  expect(score.fit).toBeGreaterThan(fit)
  expect(change).toMatchObject({ what: 'person.updated', by: null, source: 'lead' })
  expect((await Leads.findById(ada._id))!.fit).toBe(score.fit)
})

test('a CRM gets a changed profile although the process died before the event was recorded', async () => {
  const server = await openEndpointServer()
  const ada = await make.person({ title: 'Assistant' })
  await qualify(ada)
  await People.updateOne({ _id: ada._id }, { $set: { title: 'Director' }, $inc: { profileChanges: 1 } })
  await runAllDue()
  await (await as(ada)).post('/account', { name: ada.name, title: 'Director', country: '' }).expect(303)
  await runAllDue()
  expect(lastMessageAt(server)).toMatchObject({
    type: 'lead.updated',
    data: { person: { title: 'Director' } },
  })
})

test('a CRM learns that a lead subscribed to marketing emails, and unsubscribed while sharing is paused', async () => {
  const server = await openEndpointServer()
  const other = await openEndpointServer({ types: ['order.paid'] })
  const ada = await make.person()
  await qualify(ada)
  const proof = { purpose: 'marketing_email' as const, text: 'Yes', locale: 'en', page: '/sign-up' }
  const consent = await giveConsent(ada._id, proof)
  await runAllDue()
  expect(typesAt(server)).not.toContain('lead.marketing_consent_changed')
  await confirmMarketing(consent._id, 'Confirm')
  await runAllDue()
  const reference = { external_id: String(ada._id), dedupe_key: ada.email }
  expect(lastMessageAt(server).data).toMatchObject({ ...reference, marketing_email: true })
  await pauseSharing(ada._id)
  await withdrawConsent(ada._id, 'marketing_email')
  await runAllDue()
  const last = server.received.map(({ body }) => JSON.parse(body)).findLast(isMarketing)
  expect(last.data).toMatchObject({ ...reference, marketing_email: false })
  expect(other.received).toEqual([])
})

test('a subscription that is told late, after the person has unsubscribed, is not told', async () => {
  const server = await openEndpointServer()
  const ada = await make.person()
  await qualify(ada)
  const proof = { purpose: 'marketing_email' as const, text: 'Yes', locale: 'en', page: '/sign-up' }
  const consent = await giveConsent(ada._id, proof)
  await runAllDue()
  await confirmMarketing(consent._id, 'Confirm')
  await withdrawConsent(ada._id, 'marketing_email')
  await runAllDue()
  const told = server.received.map(({ body }) => JSON.parse(body)).filter(isMarketing)
  expect(told.map(({ data }) => data.marketing_email)).toEqual([false])
})

test('a CRM stops its campaigns after an objection, and hears nothing of an unconfirmed subscription', async () => {
  const server = await openEndpointServer()
  const [ada, tom] = [await make.person({ consents: everyPurpose }), await make.person()]
  for (const person of [ada, tom]) await qualify(person)
  await giveConsent(tom._id, { purpose: 'marketing_email', text: 'Yes', locale: 'en', page: '/sign-up' })
  await runAllDue()
  await withdrawConsent(tom._id, 'marketing_email')
  await objectToMarketing(ada._id)
  await runAllDue()
  const messages = server.received.map(({ body }) => JSON.parse(body)).filter(isMarketing)
  expect(messages.map(({ data }) => [data.external_id, data.marketing_email])).toEqual([
    [String(ada._id), false],
  ])
})

test('the progress of a person that no CRM knows is not sent', async () => {
  const server = await openEndpointServer()
  const ada = await make.person()
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: ada._id, idempotencyKey: ['c'], data })
  await runAllDue()
  expect(server.received).toEqual([])
})

test('an endpoint gets only the events it subscribes to', async () => {
  const server = await openEndpointServer({ types: ['order.paid'] })
  await qualify(await make.person())
  await runAllDue()
  expect(server.received).toEqual([])
})

test.each([[[]], [['profiling']], [['share_with_sales']]] as [Person['consents']][])(
  'a lead with only these consents is not sent: %j',
  async consents => {
    const server = await openEndpointServer()
    await qualify(await make.person({ consents }))
    await runAllDue()
    expect(typesAt(server)).not.toContain('lead.qualified')
  },
)

test('a contact request is sent without consent, and without what the person learned', async () => {
  const server = await openEndpointServer()
  const ada = await make.person({ consents: [] })
  const data = { kind: 'demo' as const, text: 'For twelve people.', title: 'Pumps' }
  await record({ name: 'contact.requested', person: ada._id, idempotencyKey: ['demo'], data })
  await runAllDue()
  expect(typesAt(server)).toEqual(['lead.contact_requested'])
  expect(lastMessageAt(server).data).toMatchObject({
    request: { kind: 'demo', text: 'For twelve people.' },
    score: { value: null, reasons: [] },
    needs: { wants: [], unsure: [], never_opened: [] },
    consent: { lawful_basis: 'request' },
  })
})

test.each([
  ['withdraws a consent', 'withdrawn', (ada: Person) => withdrawConsent(ada._id, 'share_with_sales')],
  ['withdraws profiling', 'withdrawn', (ada: Person) => withdrawConsent(ada._id, 'profiling')],
  ['pauses sharing', 'paused', (ada: Person) => pauseSharing(ada._id)],
])('pending messages are cancelled when the person %s', async (_what, reason, withdraw) => {
  const server = await openEndpointServer({ respond: status(500) })
  const ada = await make.person()
  await qualify(ada)
  await runAllDue()
  advance(1000)
  await withdraw(ada)
  await runAllDue()
  const deliveries = await Deliveries.find({ person: ada._id, type: 'lead.qualified' })
  expect(deliveries).toMatchObject([{ state: 'cancelled', reason, dueAt: null }])
  server.respondWith(status(200))
  advance(hours(1))
  const before = server.received.length
  await runAllDue()
  expect(typesAt(server).slice(before)).not.toContain('lead.qualified')
})

test('a message is not retried after a withdrawal, even when it was not cancelled', async () => {
  const server = await openEndpointServer({ respond: status(500) })
  const ada = await make.person()
  await qualify(ada)
  await runAllDue()
  await mongoose.model('Person').updateOne({ _id: ada._id }, { $set: { consents: [] } })
  advance(hours(1))
  await runAllDue()
  expect(server.received).toHaveLength(1)
  expect(await Deliveries.findOne({ person: ada._id })).toMatchObject({
    state: 'cancelled',
    reason: 'withdrawn',
  })
})

test('an endpoint that got a message knows the person, even after a cancelled resend', async () => {
  const server = await openEndpointServer()
  const ada = await make.person()
  await qualify(ada)
  await runAllDue()
  await resendDelivery(await deliveryTo(server, ada, 'lead.qualified'))
  await withdrawConsent(ada._id, 'share_with_sales')
  await runAllDue()
  // The withdrawal is a separate message, which is sent.
  expect(await deliveryTo(server, ada, 'lead.qualified')).toMatchObject({
    state: 'cancelled',
    reason: 'withdrawn',
  })
  const page = await (await as(ada)).get('/account/sharing').expect(200)
  expect(page.text).toContain(server.endpoint.name)
  await erasePerson(ada._id)
  await runAllDue()
  expect(typesAt(server).at(-1)).toBe('lead.erased')
})

test('a contact request is not sent once the person has objected', async () => {
  const server = await openEndpointServer({ respond: status(500) })
  const ada = await make.person({ consents: [] })
  const data = { kind: 'demo' as const, text: 'For twelve people.', title: 'Pumps' }
  await record({ name: 'contact.requested', person: ada._id, idempotencyKey: ['demo'], data })
  await runAllDue()
  await objectToMarketing(ada._id)
  advance(hours(1))
  await runAllDue()
  expect(await deliveryTo(server, ada)).toMatchObject({ state: 'cancelled', reason: 'objection' })
  expect(server.received).toHaveLength(1)
})

test('an erasure reaches every endpoint that knew the person, and their email is stored nowhere', async () => {
  const [knowing, unaware] = [await openEndpointServer(), await openEndpointServer({ types: ['order.paid'] })]
  const ada = await make.person({ email: 'ada.lovelace@analytical-engines.example' })
  await qualify(ada)
  await runAllDue()
  advance(hours(1))
  await erasePerson(ada._id)
  await runAllDue()
  expect(lastMessageAt(knowing)).toMatchObject({
    type: 'lead.erased',
    data: { external_id: String(ada._id) },
  })
  expect(unaware.received).toEqual([])
  expect((await Messages.find({ person: ada._id })).map(({ body }) => body)).toContain(null)
  const collections = await mongoose.connection.db!.collections()
  const found: string[] = []
  for (const collection of collections) {
    for (const record of await collection.find({}).toArray()) {
      if (JSON.stringify(record).includes('ada.lovelace@')) found.push(collection.collectionName)
    }
  }
  expect(found).toEqual([])
})
