import request from 'supertest'
import { days, hours, later, now } from '../../src/platform/clock'
import { Events, type Event } from '../../src/events/event'
import { record } from '../../src/events/record'
import { envelope } from '../../src/webhooks/message-types'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { Messages, type Message } from '../../src/webhooks/message'
import { queueDeliveries } from '../../src/webhooks/queue-deliveries'
import { resendDelivery } from '../../src/webhooks/resend-delivery'
import { erasePerson } from '../../src/people/erase-person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { pauseSharing } from '../../src/people/pause-sharing'
import { People, type Person } from '../../src/people/person'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { Leads, type Lead } from '../../src/leads/lead'
import { LeadActionLinks } from '../../src/leads/lead-action-link'
import mongoose from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeReceivers, deliveryTo, openReceiver, status, type Receiver } from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeReceivers)
afterAll(() => academy.close())

async function qualifies(person: Person, sequence = 1): Promise<void> {
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence }
  await record({ name: 'lead.qualified', person: person._id, idempotencyKey: [sequence], data })
}

const typesAt = (receiver: Receiver) =>
  receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
const isQualified = ({ type }: { type: string }) => type === 'lead.qualified'
const lastActivityAt = (receiver: Receiver) => JSON.parse(receiver.received.at(-1)!.body)

test('a CRM is told of a lead whole: who, why, what they need, where they came from, what they agreed to', async () => {
  const receiver = await openReceiver()
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
  await qualifies(ada)
  await runAllDue()
  const message = lastActivityAt(receiver)
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
  expect(Buffer.byteLength(receiver.received[0]!.body)).toBeLessThan(20_000)
})

describe('the two links of the message', () => {
  const linksAt = (receiver: Receiver) =>
    lastActivityAt(receiver).data.links as Record<'accept' | 'reject', string>

  test('answer for the owner, without signing in', async () => {
    const receiver = await openReceiver()
    const ada = await make.person()
    await record({
      name: 'contact.requested',
      person: ada._id,
      idempotencyKey: ['h'],
      data: { kind: 'demo', text: '', title: null },
    })
    await runAllDue()
    const lead = await Leads.findById(ada._id).lean<Lead>()
    const message = receiver.received.map(({ body }) => JSON.parse(body)).find(isQualified)
    const { accept, reject } = message.data.links
    expect(reject).toBe(`${accept}#reject`)
    const page = await request(academy.app).get(new URL(accept).pathname).expect(200)
    expect(page.text).toContain('id="reject"')
    await request(academy.app)
      .post(`${new URL(accept).pathname}/acceptance`)
      .expect(303)
    expect(lead!.owner).not.toBeNull()
    expect(await Leads.findById(ada._id).lean<Lead>()).toMatchObject({
      status: 'accepted',
      disposition: { by: lead!.owner },
    })
  })

  test('are made once, however often the reaction runs', async () => {
    const receiver = await openReceiver()
    const ada = await make.person()
    await qualifies(ada)
    await runAllDue()
    const links = linksAt(receiver)
    const made = await LeadActionLinks.countDocuments({ lead: ada._id })
    const event = await Events.findOne({ person: ada._id, name: 'lead.qualified' }).lean<
      Event<'lead.qualified'>
    >()
    await queueDeliveries(event!)
    await runAllDue()
    expect(receiver.received).toHaveLength(1)
    expect(linksAt(receiver)).toEqual(links)
    expect(await LeadActionLinks.countDocuments({ lead: ada._id })).toBe(made)
  })

  test('are cut short for everybody else who reads the message', async () => {
    const receiver = await openReceiver()
    const [ada, seller] = [await make.person(), await make.person({ role: 'sales' })]
    await qualifies(ada)
    await runAllDue()
    const token = new URL(linksAt(receiver).accept).pathname.split('/').at(-1)!
    const { _id } = await deliveryTo(receiver, ada)
    const [herself, colleague] = [await as(ada), await as(seller)]
    for (const [visitor, path] of [
      [herself, `/account/sharing/messages/${_id}`],
      [herself, '/account/data.json'],
      [colleague, `/integrations/deliveries/${_id}`],
      [colleague, `/integrations/deliveries/${_id}/body`],
    ] as const) {
      const { text } = await visitor.get(path).expect(200)
      expect(text).toContain('/lead-actions/…')
      expect(text).not.toContain(token)
    }
  })

  test('lead to the desk when nobody owns the lead', async () => {
    const receiver = await openReceiver()
    await People.updateMany({ role: { $in: ['sales', 'sales-lead'] } }, { suspendedAt: now() })
    const ada = await make.person()
    await qualifies(ada)
    await runAllDue()
    expect(linksAt(receiver).accept).toMatch(`/sales/leads/${ada._id}#disposition`)
    await People.updateMany({}, { suspendedAt: null })
  })
})

test('a name of one word and a missing company are flagged, since CRMs refuse a lead without them', async () => {
  const receiver = await openReceiver()
  await qualifies(await make.person({ name: 'Plato', company: null, emailKind: 'free' }))
  await runAllDue()
  expect(lastActivityAt(receiver).data.person).toMatchObject({
    first_name: 'Plato',
    last_name: '[not provided]',
    company: '[not provided]',
    domain: null,
    not_provided: ['last_name', 'company'],
  })
})

test('messages about one person are counted, whatever they are', async () => {
  const receiver = await openReceiver()
  const ada = await make.person()
  await qualifies(ada)
  await runAllDue()
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: ada._id, idempotencyKey: ['c'], data })
  await runAllDue()
  const numbers = receiver.received
    .map(({ body }) => JSON.parse(body))
    .map(({ type, sequence }) => [type, sequence])
  expect(numbers).toContainEqual(['lead.qualified', 1])
  expect(numbers).toContainEqual(['lead.updated', 2])
})

test('progress of somebody whom no CRM knows is told to nobody', async () => {
  const receiver = await openReceiver()
  const ada = await make.person()
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: ada._id, idempotencyKey: ['c'], data })
  await runAllDue()
  expect(receiver.received).toEqual([])
})

test('a receiver gets only the kinds that it takes', async () => {
  const receiver = await openReceiver({ types: ['order.paid'] })
  await qualifies(await make.person())
  await runAllDue()
  expect(receiver.received).toEqual([])
})

test.each([[[]], [['profiling']], [['share_with_sales']]] as [Person['consents']][])(
  'nobody is handed over with no more consents than %j',
  async consents => {
    const receiver = await openReceiver()
    await qualifies(await make.person({ consents }))
    await runAllDue()
    expect(typesAt(receiver)).not.toContain('lead.qualified')
  },
)

test('who asks to be contacted is handed over without consents, and without what they learned', async () => {
  const receiver = await openReceiver()
  const ada = await make.person({ consents: [] })
  const hand = { kind: 'demo' as const, text: 'For twelve people.', title: 'Pumps' }
  await record({ name: 'contact.requested', person: ada._id, idempotencyKey: ['demo'], data: hand })
  await runAllDue()
  expect(typesAt(receiver)).toEqual(['lead.contact_requested'])
  expect(lastActivityAt(receiver).data).toMatchObject({
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
])('what waits is cancelled when somebody %s', async (_what, reason, changeOfMind) => {
  const receiver = await openReceiver({ answer: status(500) })
  const ada = await make.person()
  await qualifies(ada)
  await runAllDue()
  advance(1000)
  await changeOfMind(ada)
  await runAllDue()
  const waiting = await Deliveries.find({ person: ada._id, type: 'lead.qualified' }).lean<Delivery[]>()
  expect(waiting).toMatchObject([{ state: 'cancelled', reason, dueAt: null }])
  receiver.answer(status(200))
  advance(hours(1))
  const before = receiver.received.length
  await runAllDue()
  expect(typesAt(receiver).slice(before)).not.toContain('lead.qualified')
})

test('a try after a change of mind does not happen, even if nobody cancelled it', async () => {
  const receiver = await openReceiver({ answer: status(500) })
  const ada = await make.person()
  await qualifies(ada)
  await runAllDue()
  await mongoose.model('Person').updateOne({ _id: ada._id }, { $set: { consents: [] } })
  advance(hours(1))
  await runAllDue()
  expect(receiver.received).toHaveLength(1)
  expect(await Deliveries.findOne({ person: ada._id }).lean<Delivery>()).toMatchObject({
    state: 'cancelled',
    reason: 'withdrawn',
  })
})

test('a receiver that got a message knows the person, also when it was sent again and that was cancelled', async () => {
  const receiver = await openReceiver()
  const ada = await make.person()
  await qualifies(ada)
  await runAllDue()
  await resendDelivery(await deliveryTo(receiver, ada, 'lead.qualified'))
  await withdrawConsent(ada._id, 'share_with_sales')
  await runAllDue()
  // That she took it back is a message of its own, and goes out.
  expect(await deliveryTo(receiver, ada, 'lead.qualified')).toMatchObject({
    state: 'cancelled',
    reason: 'withdrawn',
  })
  const page = await (await as(ada)).get('/account/sharing').expect(200)
  expect(page.text).toContain(receiver.endpoint.name)
  await erasePerson(ada._id)
  await runAllDue()
  expect(typesAt(receiver).at(-1)).toBe('lead.erased')
})

test('what somebody asked for themselves goes to nobody once they have objected', async () => {
  const receiver = await openReceiver({ answer: status(500) })
  const ada = await make.person({ consents: [] })
  const hand = { kind: 'demo' as const, text: 'For twelve people.', title: 'Pumps' }
  await record({ name: 'contact.requested', person: ada._id, idempotencyKey: ['demo'], data: hand })
  await runAllDue()
  await objectToMarketing(ada._id)
  advance(hours(1))
  await runAllDue()
  expect(await deliveryTo(receiver, ada)).toMatchObject({ state: 'cancelled', reason: 'objection' })
  expect(receiver.received).toHaveLength(1)
})

test('an erasure reaches each receiver that knew the person, and their address is left nowhere', async () => {
  const [knew, never] = [await openReceiver(), await openReceiver({ types: ['order.paid'] })]
  const ada = await make.person({ email: 'ada.lovelace@analytical-engines.example' })
  await qualifies(ada)
  await runAllDue()
  advance(hours(1))
  await erasePerson(ada._id)
  await runAllDue()
  expect(lastActivityAt(knew)).toMatchObject({ type: 'lead.erased', data: { external_id: String(ada._id) } })
  expect(never.received).toEqual([])
  expect((await Messages.find({ person: ada._id }).lean<Message[]>()).map(({ body }) => body)).toContain(null)
  const places = await mongoose.connection.db!.collections()
  const found: string[] = []
  for (const place of places) {
    for (const record of await place.find({}).toArray()) {
      if (JSON.stringify(record).includes('ada.lovelace@')) found.push(place.collectionName)
    }
  }
  expect(found).toEqual([])
})
