import { days, hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { Deliveries } from '../../src/webhooks/delivery'
import { subscribable } from '../../src/webhooks/message-types'
import { Endpoints, liveSecrets } from '../../src/webhooks/endpoint'
import { Messages } from '../../src/webhooks/message'
import { pauseSharing } from '../../src/people/pause-sharing'
import type { Person } from '../../src/people/person'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { collectionScans, startRecording } from '../kit/collection-scans'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeEndpointServers,
  deliveryTo,
  endpointOf,
  openEndpointServer,
  status,
  type EndpointServer,
} from '../webhooks/endpoint-server'

let academy: Academy
let crm: EndpointServer
let petra: Visitor
let seller: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  const person = await make.person({ role: 'sales-lead', name: 'Petra Novotná' })
  petra = await as(person)
  seller = await as(await make.person({ role: 'sales' }))
})
beforeEach(async () => (crm = await openEndpointServer({ name: 'Sales CRM' })))
afterEach(async () => {
  await closeEndpointServers()
  await Endpoints.deleteMany({})
  await Deliveries.deleteMany({})
})
afterAll(() => academy.close())

async function payOrder(name = 'Ada Lovelace'): Promise<Person> {
  const ada = await make.person({ name })
  await make.paidOrder(ada)
  await runAllDue()
  return ada
}

async function requestDemo(person: Person): Promise<void> {
  const data = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: ['demo'], data })
  await runAllDue()
}

async function completeCourse(person: Person): Promise<void> {
  const data = { revision: 'r', title: 'Pumps', topics: [] }
  await record({ name: 'course.completed', person: person._id, idempotencyKey: ['c'], data })
  await runAllDue()
}

const isNotOrder = (type: string) => !type.startsWith('order.')

const actions = async () => (await AuditEntries.find({})).map(({ action }) => action)
const to = (path = '') => `/integrations/endpoints/${crm.endpoint._id}${path}`

describe('deliveries', () => {
  test('a salesperson sees what is delivered and pending, and the attempts and request of one delivery', async () => {
    await payOrder()
    crm.respondWith(status(401, {}, '{"error":"unknown signature"}'))
    await payOrder('Daniel Krüger')
    const page = await seller.get('/integrations/deliveries').expect(200)
    expect(page.text).toContain('1 of 2 messages delivered, none lost.')
    expect(page.text).toContain('Daniel Krüger · Sales CRM')
    expect(page.text).toContain('401 after')
    expect(page.text).toContain('unknown signature')
    expect(page.text).toMatch(/webhook-signature: v1,/)
    expect(page.text).toContain('Sales CRM has been rejecting messages since')
    expect(page.text).toContain('It responds with 401, so its copy of the secret is probably out of date.')
    expect(page.text).not.toContain('Send now')
  })

  test('a sales lead resends a delivery now, with the same id', async () => {
    crm.respondWith(status(500))
    await payOrder()
    crm.respondWith(status(200))
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/attempt`).expect(303)
    await runAllDue()
    expect(await deliveryTo(crm)).toMatchObject({
      state: 'delivered',
      attemptLog: [{ status: 500 }, { status: 200 }],
    })
    const [first, second] = crm.received
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect(await actions()).toContain('delivery.resent')
    const page = await petra.get(`/integrations/deliveries/${_id}`).expect(200)
    expect(page.text).toContain('Queued again with the same id.')
  })

  test('a sales lead cancels a pending delivery once', async () => {
    crm.respondWith(status(500))
    await payOrder()
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/cancellation`).expect(303)
    await petra.post(`/integrations/deliveries/${_id}/cancellation`).expect(409)
    advance(hours(1))
    await runAllDue()
    expect(crm.received).toHaveLength(1)
    expect(await deliveryTo(crm)).toMatchObject({ state: 'cancelled', reason: 'teammate' })
  })

  test('a salesperson can view deliveries and endpoints but not change them', async () => {
    await payOrder()
    const { _id } = await deliveryTo(crm)
    await seller.get(`/integrations/deliveries/${_id}`).expect(200)
    await seller.post(`/integrations/deliveries/${_id}/attempt`).expect(403)
    await seller.post(to('/pause')).expect(403)
    await seller.get('/integrations/endpoints/new').expect(403)
    expect(crm.received).toHaveLength(1)
  })

  test('a salesperson cannot read what a person no longer shares', async () => {
    const ada = await make.person({ name: 'Ada Lovelace' })
    const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
    await record({ name: 'lead.qualified', person: ada._id, idempotencyKey: [1], data })
    await runAllDue()
    const { _id } = (await Deliveries.findOne({ person: ada._id, type: 'lead.qualified' }))!
    expect((await seller.get(`/integrations/deliveries/${_id}`)).text).toContain('Ada Lovelace')
    await pauseSharing(ada._id)
    await runAllDue()
    for (const path of ['/integrations/deliveries', `/integrations/deliveries/${_id}`]) {
      const page = await seller.get(path).expect(200)
      expect(page.text).toContain('No longer shared')
      expect(page.text).not.toContain('Ada Lovelace')
      expect(page.text).not.toContain(ada.email)
    }
    const page = await seller.get(`/integrations/deliveries/${_id}`).expect(200)
    expect(page.text).toContain('<title>No longer shared · Sales CRM')
    await seller.get(`/integrations/deliveries/${_id}/body`).expect(404)
  })

  test('a long list is split into pages, with each row once', async () => {
    for (let i = 0; i < 23; i++) {
      advance(seconds(1))
      await payOrder(`Person ${i}`)
    }
    const first = await seller.get('/integrations/deliveries?state=delivered').expect(200)
    const rows = (text: string) =>
      [...text.matchAll(/data-page="\/integrations\/deliveries\/([^"]+)"/g)].map(m => m[1])
    const older = /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    const second = await seller.get(older).expect(200)
    expect(rows(first.text)).toHaveLength(20)
    expect(rows(second.text)).toHaveLength(3)
    expect(new Set([...rows(first.text), ...rows(second.text)]).size).toBe(23)
    expect(second.text).toContain('21 to 23 of 23')
    const newer = /href="([^"]+)" rel="prev"/.exec(second.text)![1]!.replaceAll('&amp;', '&')
    expect(rows((await seller.get(newer).expect(200)).text)).toEqual(rows(first.text))
  })

  test('to all endpoints are filtered in the address, counted, opened at the side, and sent as a file', async () => {
    const other = await openEndpointServer({ name: 'Data warehouse' })
    await payOrder('Ada Lovelace')
    other.respondWith(status(500))
    await payOrder('Daniel Krüger')
    const path = '/integrations/deliveries'
    const list = async (query: string) => (await seller.get(`${path}?${query}`).expect(200)).text
    const rows = (text: string) =>
      [...text.matchAll(/data-page="[^"]+"><bdi>([^<]+)[\s\S]*?class="second">([^<]+)/g)].map(
        ([, who, to]) => `${who} ${to}`,
      )
    const whole = await list('')
    const all = ['Daniel Krüger Data warehouse', 'Daniel Krüger Sales CRM']
    expect(rows(whole).sort()).toEqual(
      [...all, 'Ada Lovelace Data warehouse', 'Ada Lovelace Sales CRM'].sort(),
    )
    expect(whole).toContain('href="/integrations/deliveries?state=delivered">3 of 4 messages delivered')
    expect(whole).toContain('href="/integrations/deliveries?state=pending">1 pending.')
    expect(await list('state=delivered')).toContain('1 to 3 of 3')
    expect(rows(await list('state=pending'))).toEqual([all[0]])
    expect(rows(await list(`endpoint=${other.endpoint._id}&q=kruger`))).toEqual([all[0]])
    expect(rows(await list('type=order.paid&q=kruger')).sort()).toEqual(all)
    expect(await list('type=lead.qualified')).toContain('No deliveries match')
    expect(await list('to=2026-11-22')).toContain('No deliveries match')
    const narrowed = await list(`endpoint=${other.endpoint._id}&state=retrying`)
    expect(narrowed).toContain('Retrying (1)')
    expect(narrowed).toMatch(/selected>Data warehouse/)
    const [, opened] = /href="([^"]*open=[^"#]*)#delivery"/.exec(await list('q=ada'))!
    expect(opened).toContain('q=ada')
    expect((await seller.get(opened!.replaceAll('&amp;', '&'))).text).toMatch(/<aside[\s\S]*Ada Lovelace · /)
    const file = (await seller.get(`${path}.csv?q=kruger&state=pending`).expect(200)).text.trim().split('\n')
    expect(file).toHaveLength(2)
    expect(file[1]).toMatch(/order\.paid,Daniel Krüger,.*,Data warehouse/)
    // The figure of an endpoint opens the list that it counts.
    const endpoints = (await seller.get('/integrations/endpoints')).text
    const [, href, of] = /href="([^"]*state=delivered[^"]*)">(\d) of \d</.exec(endpoints)!
    expect((await seller.get(href!.replaceAll('&amp;', '&'))).text).toContain(`1 to ${of} of ${of}`)

    startRecording()
    for (const query of ['', 'state=open', 'type=order.paid&from=2026-11-01', 'q=ada', 'q=msg_1'])
      await list(query)
    await list(`endpoint=${other.endpoint._id}&type=order.paid&state=failed`)
    expect(await collectionScans()).toEqual([])
  })

  test('an unknown delivery or endpoint is not found, and unknown filters are ignored', async () => {
    await seller.get('/integrations/deliveries/nobody').expect(404)
    await seller.get('/integrations/endpoints/nobody').expect(404)
    await seller
      .get('/integrations/deliveries?state=lost&endpoint=nobody&before=never&after=never')
      .expect(200)
  })
})

describe('endpoints', () => {
  const valid = {
    name: 'Marketing automation',
    url: 'https://in.mailroom.example/v2/events',
    types: 'lead.qualified',
  }

  test('a sales lead adds an endpoint and sees its secret once', async () => {
    const recordUrl = 'https://crm.example/leads/{crm_id}'
    const response = await petra.post('/integrations/endpoints', { ...valid, recordUrl }).expect(303)
    const added = (await Endpoints.findOne({ name: valid.name }))!
    expect(added).toMatchObject({
      recordUrl,
      url: valid.url,
      types: ['lead.qualified'],
      state: 'active',
      perSecond: 5,
    })
    const once = await petra.get(response.get('location')!).expect(200)
    expect(once.text).toContain(liveSecrets(added)[0]!)
    expect(once.get('cache-control')).toBe('no-store')
    const { text } = await petra.get(response.get('location')!).expect(200)
    expect(text).not.toContain(liveSecrets(added)[0]!)
    expect(text).toContain(`whsec_…${liveSecrets(added)[0]!.slice(-5)}`)
    expect(JSON.stringify(added)).not.toContain('whsec_')
    expect(await actions()).toContain('endpoint.added')
  })

  test.each([
    ['a missing name', { name: '' }, 'Enter a name'],
    ['a name that is too long', { name: 'x'.repeat(61) }, 'Use at most 60 characters. You&#39;ve used 61'],
    ['a missing URL', { url: '' }, 'Enter a URL'],
    ['an incomplete URL', { url: 'mailroom.example' }, 'Enter a complete URL'],
    ['an unencrypted URL', { url: 'http://in.mailroom.example/' }, 'Use a URL that starts with https://'],
    ['a URL in a private network', { url: 'https://169.254.169.254/' }, 'leads to a private network'],
    [
      'a password in the URL',
      { url: 'https://me:it@in.mailroom.example/' },
      'Remove the username and password from the URL',
    ],
    [
      'a script in place of a record',
      { recordUrl: 'javascript:alert(1)//{crm_id}' },
      'Enter a web address with {crm_id} after the host name',
    ],
    [
      'a record whose id chooses the host',
      { recordUrl: 'https://{crm_id}.crm.example/' },
      'Enter a web address with {crm_id} after the host name',
    ],
    [
      'a record without its id',
      { recordUrl: 'https://crm.example/leads' },
      'Enter a web address with {crm_id} after the host name',
    ],
    ['no event', { types: undefined }, 'Choose at least one event'],
    ['an unknown event', { types: 'lead.promised' }, 'Choose at least one event'],
    ['a rate limit that is too high', { perSecond: '1000' }, 'Enter a whole number from 1 to 50'],
  ])('%s is reported at its field, and the input is kept', async (_what, invalid, message) => {
    const response = await petra.post('/integrations/endpoints', { ...valid, ...invalid }).expect(422)
    expect(response.text).toContain(message)
    if (!('name' in invalid)) expect(response.text).toContain('value="Marketing automation"')
    expect(await Endpoints.count({ name: valid.name })).toBe(0)
    const changed = await petra.post(to(), { ...valid, ...invalid }).expect(422)
    expect(changed.text).toContain(message)
    expect((await endpointOf(crm)).name).toBe('Sales CRM')
  })

  test('a sales lead changes the URL, the events and the rate limit', async () => {
    const other = await openEndpointServer({ name: 'Other' })
    await petra
      .post(to(), { name: 'Sales CRM', url: other.url, types: 'order.paid', perSecond: '7' })
      .expect(303)
    expect(await endpointOf(crm)).toMatchObject({ url: other.url, types: ['order.paid'], perSecond: 7 })
  })

  test('a test shows how the endpoint responded', async () => {
    crm.respondWith(status(200, {}, 'thanks <b>indeed</b>'))
    await petra.post(to('/test')).expect(303)
    expect(JSON.parse(crm.received[0]!.body)).toMatchObject({
      type: 'webhook.test',
      data: { sent_by: 'Petra Novotná' },
    })
    await seller.get(to('/test')).expect(403)
    const page = await petra.get(to('/test')).expect(200)
    expect(page.text).toContain('200 after')
    expect(page.text).toContain('thanks &lt;b&gt;indeed&lt;/b&gt;')

    // One that fails says why and what to do first, as a message that fails does.
    crm.respondWith(status(401, {}, 'no'))
    await petra.post(to('/test')).expect(303)
    const refused = (await petra.get(to('/test')).expect(200)).text
    expect(refused).toContain('Why it failed: 401, wrong signature')
    expect(refused).toContain('The secret was probably never set there, or copied incompletely.')
    expect(refused).toMatch(new RegExp(`href="${to('/secret')}">\\s*\\w`))
  })

  test('a test of a URL that became private is not sent', async () => {
    await Endpoints.updateOne(
      { _id: crm.endpoint._id },
      { $set: { url: crm.url.replace('127.0.0.1', '127.0.0.2') } },
    )
    await petra.post(to('/test')).expect(303)
    expect(crm.received).toEqual([])
    expect((await petra.get(to('/test'))).text).toContain('Not sent: the address isn&#39;t public')
  })

  test('pausing holds messages, and resuming sends them and says how many', async () => {
    await petra.post(to('/pause')).expect(303)
    await payOrder()
    expect(crm.received).toEqual([])
    expect((await seller.get('/integrations/deliveries')).text).toContain(
      '1 held until its endpoint is resumed.',
    )
    const { _id } = await deliveryTo(crm)
    await petra.post(`/integrations/deliveries/${_id}/attempt`).expect(409)
    await petra.post(to('/resumption')).expect(303)
    expect((await petra.get(to())).text).toContain('1 held message is being sent.')
    await runAllDue()
    expect(crm.received).toHaveLength(1)
  })

  test('after a rotation both secrets sign for a day, unless the old one expires immediately', async () => {
    const [before] = liveSecrets(await endpointOf(crm))
    await petra.post(to('/rotation')).expect(303)
    expect(liveSecrets(await endpointOf(crm))).toHaveLength(2)
    expect((await petra.get(to('/secret'))).text).toContain(
      'signed with the new secret and the old one until',
    )
    await petra.post(to('/rotation'), { expireNow: 'on' }).expect(303)
    const after = liveSecrets(await endpointOf(crm))
    expect(after).toHaveLength(1)
    expect(after).not.toContain(before)
  })

  test('a replay resends failed messages from a start date', async () => {
    await payOrder()
    const { _id } = await deliveryTo(crm)
    await Deliveries.updateOne({ _id }, { $set: { state: 'failed', failures: 10 } })
    const dayAgo = later(now(), -days(1)).toISOString().slice(0, 10)
    expect((await petra.get(to('/replay')).expect(200)).text).toContain(`value="${dayAgo}T`)
    await petra.post(to('/recovery'), { since: 'lately', mode: 'failed' }).expect(422)
    const since = later(now(), -hours(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, until: '2020-01-01T00:00', mode: 'failed' }).expect(422)
    await petra.post(to('/recovery'), { since, mode: 'failed' }).expect(303)
    await petra.post(to('/recovery'), { since, mode: 'failed' }).expect(409)
    expect((await petra.get(to())).text).toMatch(
      /Messages since [^<]+: 0 of \d+ checked\. None resent so far\./,
    )
    await runAllDue()
    expect((await petra.get(to())).text).toMatch(/Messages since [^<]+: \d+ checked\. 1 was resent\./)
    expect(crm.received).toHaveLength(2)
    expect(crm.received[1]).toMatchObject({ body: crm.received[0]!.body })
    await petra.post(to('/recovery/stop')).expect(409)
  })

  test('a replay of all messages keeps their ids and skips deleted ones', async () => {
    await payOrder()
    const { message } = await deliveryTo(crm)
    advance(1000)
    await payOrder()
    await Messages.updateOne({ _id: message }, { $set: { body: null } })
    const since = later(now(), -minutes(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, mode: 'all' }).expect(303)
    await runAllDue()
    expect(crm.received).toHaveLength(3)
    expect(crm.received[2]!.headers['webhook-id']).toBe(crm.received[1]!.headers['webhook-id'])
    expect(await Deliveries.count({ endpoint: crm.endpoint._id, state: 'delivered' })).toBe(2)
  })

  test('a new endpoint gets the messages it missed, except about people who stopped sharing', async () => {
    setTime('2026-11-24T09:00:00Z')
    const [ada, eve] = [await make.person({ name: 'Ada' }), await make.person({ name: 'Eve' })]
    for (const person of [ada, eve]) await requestDemo(person)
    await withdrawConsent(eve._id, 'share_with_sales')
    advance(minutes(1))
    await completeCourse(ada)
    const fresh = await openEndpointServer({ name: 'New CRM', types: subscribable.filter(isNotOrder) })
    const recovery = { since: '2026-11-24T08:00', until: '2026-11-24T10:00', mode: 'missed' }
    await petra.post(`/integrations/endpoints/${fresh.endpoint._id}/recovery`, recovery).expect(303)
    await runAllDue()
    const messages = fresh.received.map(({ body }) => JSON.parse(body))
    expect(messages.map(({ type }) => type).sort()).toEqual([
      'lead.contact_requested',
      'lead.qualified',
      'lead.updated',
    ])
    expect(JSON.stringify(messages)).not.toContain(eve.email)
    const ids = (server: EndpointServer) => server.received.map(({ headers }) => headers['webhook-id'])
    for (const id of ids(fresh)) expect(ids(crm)).toContain(id)
    await petra.post(`/integrations/endpoints/${fresh.endpoint._id}/recovery`, recovery).expect(303)
    await runAllDue()
    expect(fresh.received).toHaveLength(3)
  })

  test('a stopped replay sends nothing more', async () => {
    await payOrder()
    await Deliveries.updateMany({}, { $set: { state: 'failed', failures: 10 } })
    const since = later(now(), -hours(1)).toISOString().slice(0, 16)
    await petra.post(to('/recovery'), { since, mode: 'failed' }).expect(303)
    await petra.post(to('/recovery/stop')).expect(303)
    await runAllDue()
    expect(crm.received).toHaveLength(1)
    expect((await petra.get(to())).text).toContain('Stopped early.')
    expect(await actions()).toEqual(expect.arrayContaining(['recovery.started', 'recovery.stopped']))
  })

  test('removing an endpoint asks first, then cancels pending messages and deletes the secret', async () => {
    crm.respondWith(status(500))
    await payOrder()
    expect((await petra.get(to('/removal')).expect(200)).text).toContain('You can&#39;t undo this.')
    await petra.post(to('/removal')).expect(303)
    expect(await endpointOf(crm)).toMatchObject({ secrets: [] })
    expect(await deliveryTo(crm)).toMatchObject({ state: 'cancelled', reason: 'removed' })
    await petra.get(to()).expect(404)
    expect((await seller.get('/integrations/endpoints')).text).toContain('No endpoints yet')
    expect((await seller.get('/integrations/deliveries')).text).toContain('Sales CRM')
  })
})
