import { hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { AuditEntries, type AuditEntry } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { subscribable } from '../../src/webhooks/message-types'
import { Endpoints, liveSecrets, type Endpoint } from '../../src/webhooks/endpoint'
import { Messages } from '../../src/webhooks/message'
import { pauseSharing } from '../../src/people/pause-sharing'
import type { Person } from '../../src/people/person'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeReceivers,
  deliveryTo,
  endpointOf,
  openReceiver,
  status,
  type Receiver,
} from '../webhooks/endpoint-server'

let academy: Academy
let crm: Receiver
let petra: Visitor
let seller: Visitor
let lead: Person

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  const person = await make.person({ role: 'sales-lead', name: 'Petra Novotná' })
  lead = person
  petra = await as(person)
  seller = await as(await make.person({ role: 'sales' }))
})
beforeEach(async () => (crm = await openReceiver({ name: 'Sales CRM' })))
afterEach(async () => {
  await closeReceivers()
  await Endpoints.deleteMany({})
  await Deliveries.deleteMany({})
})
afterAll(() => academy.close())

let count = 0
async function paid(name = 'Ada Lovelace'): Promise<Person> {
  const ada = await make.person({ name })
  const order = `order-${++count}`
  const data = { order, amount: 24000, currency: 'EUR', title: 'Running an academy' }
  await record({ name: 'order.paid', person: ada._id, idempotencyKey: [order], data })
  await runAllDue()
  return ada
}

async function asksForDemo(person: Person): Promise<void> {
  const data = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: ['demo'], data })
  await runAllDue()
}

async function finishesCourse(person: Person): Promise<void> {
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: person._id, idempotencyKey: ['c'], data })
  await runAllDue()
}

const isNoOrder = (type: string) => !type.startsWith('order.')

const deeds = async () => (await AuditEntries.find({}).lean<AuditEntry[]>()).map(({ action }) => action)
const to = (path = '') => `/integrations/endpoints/${crm.endpoint._id}${path}`

describe('deliveries', () => {
  test('sales sees what arrived, what waits, and the tries of one with what we send', async () => {
    await paid()
    crm.answer(status(401, {}, '{"error":"unknown signature"}'))
    await paid('Daniel Krüger')
    const page = await seller.get('/integrations/deliveries').expect(200)
    expect(page.text).toContain('1 of 2 messages have arrived, and none is lost.')
    expect(page.text).toContain('Daniel Krüger to Sales CRM')
    expect(page.text).toContain('401 after')
    expect(page.text).toContain('unknown signature')
    expect(page.text).toMatch(/webhook-signature: v1,/)
    expect(page.text).toContain('Sales CRM refuses messages since')
    expect(page.text).toContain('its secret was probably changed')
    expect(page.text).not.toContain('Send now')
  })

  test('a sales lead sends one again, now, under the same id', async () => {
    crm.answer(status(500))
    await paid()
    crm.answer(status(200))
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/attempt`).expect(303)
    await runAllDue()
    expect(await deliveryTo(crm)).toMatchObject({
      state: 'delivered',
      attemptLog: [{ status: 500 }, { status: 200 }],
    })
    const [first, second] = crm.received
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect(await deeds()).toContain('delivery.resent')
    const page = await petra.get(`/integrations/deliveries/${_id}`).expect(200)
    expect(page.text).toContain('It is on its way again')
  })

  test('a sales lead cancels what waits, and nothing that has arrived', async () => {
    crm.answer(status(500))
    await paid()
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/cancellation`).expect(303)
    await petra.post(`/integrations/deliveries/${_id}/cancellation`).expect(409)
    advance(hours(1))
    await runAllDue()
    expect(crm.received).toHaveLength(1)
    expect(await deliveryTo(crm)).toMatchObject({ state: 'cancelled', reason: 'teammate' })
  })

  test('who only sells may look and not change', async () => {
    await paid()
    const { _id } = await deliveryTo(crm)
    await seller.get(`/integrations/deliveries/${_id}`).expect(200)
    await seller.post(`/integrations/deliveries/${_id}/attempt`).expect(403)
    await seller.post(to('/pause')).expect(403)
    await seller.get('/integrations/endpoints/new').expect(403)
    expect(crm.received).toHaveLength(1)
  })

  test('what somebody shares no more is not read here either', async () => {
    const ada = await make.person({ name: 'Ada Lovelace' })
    const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
    await record({ name: 'lead.qualified', person: ada._id, idempotencyKey: [1], data })
    await runAllDue()
    const { _id } = (await Deliveries.findOne({ person: ada._id, type: 'lead.qualified' }).lean<Delivery>())!
    expect((await seller.get(`/integrations/deliveries/${_id}`)).text).toContain('Ada Lovelace')
    await pauseSharing(ada._id)
    await runAllDue()
    for (const path of ['/integrations/deliveries', `/integrations/deliveries/${_id}`]) {
      const page = await seller.get(path).expect(200)
      expect(page.text).toContain('a person who withdrew')
      expect(page.text).not.toContain('Ada Lovelace')
      expect(page.text).not.toContain(ada.email)
    }
    await seller.get(`/integrations/deliveries/${_id}/body`).expect(404)
  })

  test('a long list is read page by page, and each row once', async () => {
    for (let i = 0; i < 23; i++) {
      advance(seconds(1))
      await paid(`Person ${i}`)
    }
    const first = await seller.get('/integrations/deliveries?state=delivered').expect(200)
    const rows = (text: string) =>
      [...text.matchAll(/<span class="name"><a href="\/integrations\/deliveries\/([^"]+)"/g)].map(m => m[1])
    const older = /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    const second = await seller.get(older).expect(200)
    expect(rows(first.text)).toHaveLength(20)
    expect(rows(second.text)).toHaveLength(3)
    expect(new Set([...rows(first.text), ...rows(second.text)]).size).toBe(23)
  })

  test('an address that no delivery has, or that is no address, is not found', async () => {
    await seller.get('/integrations/deliveries/nobody').expect(404)
    await seller.get('/integrations/endpoints/nobody').expect(404)
    await seller.get('/integrations/deliveries?state=lost&receiver=nobody&before=never').expect(200)
  })
})

describe('receivers', () => {
  const right = {
    name: 'Marketing automation',
    url: 'https://in.mailroom.example/v2/events',
    types: 'lead.qualified',
  }

  test('a sales lead adds one and sees its secret once', async () => {
    const answer = await petra.post('/integrations/endpoints', right).expect(303)
    const made = (await Endpoints.findOne({ name: right.name }).lean<Endpoint>())!
    expect(made).toMatchObject({ url: right.url, types: ['lead.qualified'], state: 'active', perSecond: 5 })
    const once = await petra.get(answer.get('location')!).expect(200)
    expect(once.text).toContain(liveSecrets(made)[0]!)
    expect(once.get('cache-control')).toBe('no-store')
    expect((await petra.get(answer.get('location')!)).text).not.toContain('whsec_')
    expect(JSON.stringify(made)).not.toContain('whsec_')
    expect(await deeds()).toContain('receiver.added')
  })

  test.each([
    ['a missing name', { name: '' }, 'The name is missing'],
    ['a name that is too long', { name: 'x'.repeat(61) }, 'it has 61 characters of at most 60'],
    ['no address', { url: '' }, 'The address is missing'],
    ['half an address', { url: 'mailroom.example' }, 'This is no complete address'],
    ['an address anybody can read', { url: 'http://in.mailroom.example/' }, 'begin with https://'],
    ['an address inside our network', { url: 'https://169.254.169.254/' }, 'leads into a private network'],
    [
      'a password in the address',
      { url: 'https://me:it@in.mailroom.example/' },
      'Leave name and password out',
    ],
    ['no kind of message', { types: undefined }, 'Choose at least one kind of message'],
    ['an unknown kind', { types: 'lead.promised' }, 'Choose at least one kind of message'],
    ['a pace of its own', { perSecond: '1000' }, 'a whole number from 1 to 50'],
  ])('%s is said at its field, and what was typed stays', async (_what, wrong, sentence) => {
    const answer = await petra.post('/integrations/endpoints', { ...right, ...wrong }).expect(422)
    expect(answer.text).toContain(sentence)
    if (!('name' in wrong)) expect(answer.text).toContain('value="Marketing automation"')
    expect(await Endpoints.countDocuments({ name: right.name })).toBe(0)
    const changed = await petra.post(to(), { ...right, ...wrong }).expect(422)
    expect(changed.text).toContain(sentence)
    expect((await endpointOf(crm)).name).toBe('Sales CRM')
  })

  test('a changed address is called from then on', async () => {
    const other = await openReceiver({ name: 'Other' })
    await petra
      .post(to(), { name: 'Sales CRM', url: other.url, types: 'order.paid', perSecond: '7' })
      .expect(303)
    expect(await endpointOf(crm)).toMatchObject({ url: other.url, types: ['order.paid'], perSecond: 7 })
  })

  test('the test shows what the receiver answered', async () => {
    crm.answer(status(200, {}, 'thanks <b>indeed</b>'))
    await petra.post(to('/test')).expect(303)
    expect(JSON.parse(crm.received[0]!.body)).toMatchObject({
      type: 'webhook.test',
      data: { sent_by: 'Petra Novotná' },
    })
    const page = await seller.get(to()).expect(200)
    expect(page.text).toContain('200 after')
    expect(page.text).toContain('thanks &lt;b&gt;indeed&lt;/b&gt;')
  })

  test('the test of an address that became private shows nothing of it', async () => {
    await Endpoints.updateOne(
      { _id: crm.endpoint._id },
      { $set: { url: crm.url.replace('127.0.0.1', '127.0.0.2') } },
    )
    await petra.post(to('/test')).expect(303)
    expect(crm.received).toEqual([])
    expect((await petra.get(to())).text).toContain('Not called: the address is not public')
  })

  test('pausing holds what happens, resuming sends it, and says how many', async () => {
    await petra.post(to('/pause')).expect(303)
    await paid()
    expect(crm.received).toEqual([])
    expect((await seller.get('/integrations/deliveries')).text).toContain('One is held')
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/attempt`).expect(409)
    await petra.post(to('/resumption')).expect(303)
    expect((await petra.get(to())).text).toContain('1 message was held and goes out now.')
    await runAllDue()
    expect(crm.received).toHaveLength(1)
  })

  test('a new secret is shown once, and both sign for a day unless the old one has leaked', async () => {
    const [before] = liveSecrets(await endpointOf(crm))
    await petra.post(to('/rotation')).expect(303)
    expect(liveSecrets(await endpointOf(crm))).toHaveLength(2)
    expect((await petra.get(to('/secret'))).text).toContain('for 24 hours, with the one before too')
    await petra.post(to('/rotation'), { atOnce: 'on' }).expect(303)
    const after = liveSecrets(await endpointOf(crm))
    expect(after).toHaveLength(1)
    expect(after).not.toContain(before)
  })

  test('what was given up goes out again since a moment', async () => {
    await paid()
    const { _id } = await deliveryTo(crm)
    await Deliveries.updateOne({ _id }, { $set: { state: 'failed', failures: 10 } })
    await petra.post(to('/recovery'), { since: 'lately', which: 'failed' }).expect(422)
    const since = later(now(), -hours(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, until: '2020-01-01T00:00', which: 'failed' }).expect(422)
    await petra.post(to('/recovery'), { since, which: 'failed' }).expect(303)
    await petra.post(to('/recovery'), { since, which: 'failed' }).expect(409)
    expect((await petra.get(to())).text).toMatch(/Looked at 0 of \d+ messages since/)
    await runAllDue()
    expect((await petra.get(to())).text).toMatch(/Of \d+ messages since [^<]+, 1 went out again\./)
    expect(crm.received).toHaveLength(2)
    expect(crm.received[1]).toMatchObject({ body: crm.received[0]!.body })
    await petra.post(to('/recovery/stop')).expect(409)
  })

  test('all goes out again under its own id, but what is deleted stays as delivered', async () => {
    await paid()
    const { message } = await deliveryTo(crm)
    advance(1000)
    await paid()
    await Messages.updateOne({ _id: message }, { $set: { body: null } })
    const since = later(now(), -minutes(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, which: 'all' }).expect(303)
    await runAllDue()
    expect(crm.received).toHaveLength(3)
    expect(crm.received[2]!.headers['webhook-id']).toBe(crm.received[1]!.headers['webhook-id'])
    expect(await Deliveries.countDocuments({ endpoint: crm.endpoint._id, state: 'delivered' })).toBe(2)
  })

  test('one that is new gets what it never had, but nothing of whoever shares no more', async () => {
    setTime('2026-11-24T09:00:00Z')
    const [ada, eve] = [await make.person({ name: 'Ada' }), await make.person({ name: 'Eve' })]
    for (const person of [ada, eve]) await asksForDemo(person)
    await withdrawConsent(eve._id, 'share_with_sales')
    advance(minutes(1))
    await finishesCourse(ada)
    const fresh = await openReceiver({ name: 'New CRM', types: subscribable.filter(isNoOrder) })
    const recovery = { since: '2026-11-24T08:00', until: '2026-11-24T10:00', which: 'missed' }
    await petra.post(`/integrations/endpoints/${fresh.endpoint._id}/recovery`, recovery).expect(303)
    await runAllDue()
    const told = fresh.received.map(({ body }) => JSON.parse(body))
    expect(told.map(({ type }) => type).sort()).toEqual([
      'lead.contact_requested',
      'lead.qualified',
      'lead.updated',
    ])
    expect(JSON.stringify(told)).not.toContain(eve.email)
    const ids = (receiver: Receiver) => receiver.received.map(({ headers }) => headers['webhook-id'])
    for (const id of ids(fresh)) expect(ids(crm)).toContain(id)
    await petra.post(`/integrations/endpoints/${fresh.endpoint._id}/recovery`, recovery).expect(303)
    await runAllDue()
    expect(fresh.received).toHaveLength(3)
  })

  test('a recovery that is stopped sends no more', async () => {
    await paid()
    await Deliveries.updateMany({}, { $set: { state: 'failed', failures: 10 } })
    const since = later(now(), -hours(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, which: 'failed' }).expect(303)
    await petra.post(to('/recovery/stop')).expect(303)
    await runAllDue()
    expect(crm.received).toHaveLength(1)
    expect((await petra.get(to())).text).toContain('It was stopped before its end.')
    expect(await deeds()).toEqual(expect.arrayContaining(['recovery.started', 'recovery.stopped']))
  })

  test('removing one asks first, then cancels what waits and deletes its secret', async () => {
    crm.answer(status(500))
    await paid()
    expect((await petra.get(to('/removal')).expect(200)).text).toContain('cannot be undone')
    await petra.post(to('/removal')).expect(303)
    expect(await endpointOf(crm)).toMatchObject({ secrets: [] })
    expect(await deliveryTo(crm)).toMatchObject({ state: 'cancelled', reason: 'removed' })
    await petra.get(to()).expect(404)
    expect((await seller.get('/integrations/endpoints')).text).toContain('No receiver takes leads yet')
    expect((await seller.get('/integrations/deliveries')).text).toContain('Sales CRM')
    expect(String(lead._id)).toBeTruthy()
  })
})
