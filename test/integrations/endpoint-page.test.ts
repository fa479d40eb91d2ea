import { hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { AuditEntries } from '../../src/events/audit'
import { Deliveries } from '../../src/webhooks/delivery'
import { Endpoints, liveSecrets, overlapEnd } from '../../src/webhooks/endpoint'
import { messageDefinitionOf } from '../../src/webhooks/message-types'
import { recoverMessages } from '../../src/webhooks/recover'
import { Recoveries } from '../../src/webhooks/recovery'
import { hashPassword } from '../../src/people/password'
import { People, type Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { collectionScans, startRecording } from '../kit/collection-scans'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeEndpointServers,
  endpointOf,
  openEndpointServer,
  status,
  type EndpointServer,
} from '../webhooks/endpoint-server'

let academy: Academy
let crm: EndpointServer
let lead: Person
let petra: Visitor
let seller: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  lead = await make.person({ role: 'sales-lead', name: 'Petra Novotná' })
  await People.updateOne({ _id: lead._id }, { $set: { passwordHash: await hashPassword('walk and talk') } })
  petra = await as(lead)
  seller = await as(await make.person({ role: 'sales' }))
})
beforeEach(async () => (crm = await openEndpointServer({ name: 'Partner LMS' })))
afterEach(async () => {
  await closeEndpointServers()
  await Endpoints.deleteMany({})
  await Deliveries.deleteMany({})
  await Recoveries.deleteMany({})
})
afterAll(() => academy.close())

const to = (path = '') => `/integrations/endpoints/${crm.endpoint._id}${path}`
const refuse = () => crm.respondWith(status(401, {}, '{"error":"unknown signature"}'))

async function payOrder(name = 'Ada Lovelace'): Promise<Person> {
  const person = await make.person({ name })
  await make.paidOrder(person)
  await runAllDue()
  advance(seconds(1))
  return person
}

/** Words of a page without its markup. */
const wordsOf = (html: string) =>
  html
    .replace(/<script.*?<\/script>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, '’')
    .replace(/\s+/g, ' ')
const namesIn = (html: string) => [...html.matchAll(/data-page="[^"]+"><bdi>([^<]+)/g)].map(found => found[1])

describe('a failing endpoint', () => {
  test('says what fails since when, that nothing is lost, why, and what to do first', async () => {
    await payOrder()
    refuse()
    await payOrder('Daniel Krüger')
    const { text } = await petra.get(to()).expect(200)
    const words = wordsOf(text)
    expect(words).toContain('1 message refused since 09:00 with 401.')
    expect(words).toContain(
      'Nothing is lost: it is retried until Sat 28 Nov, 09:00, then held until you resume.',
    )
    expect(words).toContain('Delivered, 14 days 1 of 2')
    expect(words).toContain('Why it failed: 401, wrong signature')
    expect(words).toContain('Their server answered “unknown signature”.')
    expect(words).toContain('It accepted 1 message before 09:00 and none since.')
    expect(words).toContain('Their copy of the secret was probably replaced.')
    expect(words).toContain(`Yours ends in …${crm.secret.slice(-5)}, set Mon 23 Nov.`)
    expect(words).toContain('Not delivered (1)')
    expect(words).toContain('1 not delivered')
    expect(text).toMatch(/webhook-signature: v1,[\w+/]{43}=/)
    expect(text).not.toContain(crm.secret)
    const [off] = /<button[^>]*aria-disabled="true"[^>]*>Replay 1</.exec(text) ?? []
    expect(off).toContain('aria-describedby="after-test"')
    advance(seconds(1))
    await petra.post(to('/test')).expect(303)
    expect((await petra.get(to())).text).toContain('aria-disabled')
    crm.respondWith(status(200))
    await petra.post(to('/test')).expect(303)
    const tested = await petra.get(to()).expect(200)
    expect(tested.text).not.toContain('aria-disabled')
    expect(wordsOf((await petra.get(to('/test'))).text)).toContain('200 after')
    await petra.post(to('/replays'), { state: 'open' }).expect(303)
    await runAllDue()
    expect(wordsOf((await petra.get(to())).text)).toMatch(/Delivered, 14 days 2 of 2/)
    const [before, after] = [crm.received[1]!, crm.received.at(-1)!]
    expect(after).toMatchObject({ body: before.body })
    expect(after.headers['webhook-id']).toBe(before.headers['webhook-id'])
  })

  test('whose salesperson may read everything and change nothing has no buttons', async () => {
    refuse()
    await payOrder()
    const { text } = await seller.get(to()).expect(200)
    expect(text).toContain('Why it failed: 401, wrong signature')
    expect(text).not.toContain('<form method="post" action="/integrations')
    expect(wordsOf(text)).toContain('Attempts Settings')
    expect(text).not.toContain(to('/secret'))
    for (const tab of ['/secret', '/test', '/replay', '/mapping']) await seller.get(to(tab)).expect(403)
    expect(wordsOf((await seller.get(to('/settings')).expect(200)).text)).toContain('Messages per second 50')
  })

  test('that redirects says where to, and one that is gone says that its messages are held', async () => {
    crm.respondWith(status(308, { location: 'https://new.example/hooks' }))
    await payOrder()
    expect(wordsOf((await petra.get(to())).text)).toContain(
      'It points to https://new.example/hooks, and a webhook never follows a redirect',
    )
    crm.respondWith(status(410))
    advance(minutes(1))
    await runAllDue()
    const words = wordsOf((await petra.get(to())).text)
    expect(words).toContain('Disabled: it answered 410 Gone, 09:')
    expect(words).toContain('Nothing is lost: 1 message is held until you resume.')
    expect(words).toContain('Resume, and send the 1.')
  })
})

describe('the attempts', () => {
  test('are found by person, id, event, state and day, with counts that match, in the address', async () => {
    await payOrder('Ada Lovelace')
    refuse()
    await payOrder('Daniel Krüger')
    const found = async (query: string) => namesIn((await seller.get(to(`?${query}`)).expect(200)).text)
    expect(await found('state=all')).toEqual(['Daniel Krüger', 'Ada Lovelace'])
    expect(await found('state=all&q=kruger')).toEqual(['Daniel Krüger'])
    expect(await found('state=retrying')).toEqual(['Daniel Krüger'])
    expect(await found('state=delivered')).toEqual(['Ada Lovelace'])
    expect(await found('state=all&q=order.paid')).toHaveLength(2)
    expect(await found('state=all&q=order.paid&type=lead.qualified')).toEqual([])
    const { message } = (await Deliveries.findOne({ state: 'delivered' }))!
    expect(await found(`state=all&q=${message}`)).toEqual(['Ada Lovelace'])
    expect(await found('state=all&to=2026-11-22')).toEqual([])
    expect(await found('state=all&from=2026-11-23&to=2026-11-23')).toHaveLength(2)
    const page = await petra.get(to('?state=all&q=kruger')).expect(200)
    expect(wordsOf(page.text)).toContain('1 to 1 of 1')
    expect(page.text).toContain('All states (1)')
    expect(page.text).toContain('value="kruger"')
    expect(wordsOf((await petra.get(to('?q=nobody'))).text)).toContain('No deliveries match these filters.')
  })

  test('about a person who doesn’t share are found by nobody who looks for their name', async () => {
    const ada = await payOrder('Ada Hidden')
    await Deliveries.updateMany({ person: ada._id }, { $set: { type: 'lead.updated' } })
    await People.updateOne({ _id: ada._id }, { $set: { consents: [] } })
    expect(wordsOf((await seller.get(to('?q=hidden'))).text)).toContain('No deliveries match')
    expect((await seller.get(to('/attempts.csv'))).text).not.toContain('Hidden')
  })

  test('open one at the side, whose address keeps the filters', async () => {
    await payOrder('Ada Lovelace')
    await payOrder('Bo Beta')
    const { text } = await seller.get(to('?state=delivered')).expect(200)
    const hrefs = [...text.matchAll(/<a href="([^"]+#delivery)"/g)].map(found =>
      found[1]!.replaceAll('&amp;', '&'),
    )
    expect(hrefs[1]).toContain('state=delivered&open=')
    const opened = await seller.get(hrefs[1]!.replace('#delivery', '')).expect(200)
    expect(opened.text).toContain('Ada Lovelace · Partner LMS')
    // Another endpoint's delivery isn't opened here.
    const other = await openEndpointServer({ name: 'Other' })
    const { _id } = (await Deliveries.findOne({}))!
    const wrong = await seller.get(`/integrations/endpoints/${other.endpoint._id}?open=${_id}`).expect(200)
    expect(wrong.text).not.toContain('id="delivery"')
  })

  test('are a file with the same rows, whose formulas are text, and the export is in the audit log', async () => {
    await payOrder('=HYPERLINK("x")')
    await payOrder('Bo Beta')
    const { text, headers } = await seller.get(to('/attempts.csv?q=beta')).expect(200)
    expect(headers['content-type']).toContain('text/csv')
    expect(text.split('\n')[1]).toMatch(/^msg_[^,]+,order\.paid,Bo Beta,Delivered,1,2026-11-23T/)
    const all = await seller.get(to('/attempts.csv')).expect(200)
    expect(all.text.trim().split('\n')).toHaveLength(3)
    expect(all.text).toContain(`"'=HYPERLINK(""x"")"`)
    expect(await AuditEntries.count({ action: 'deliveries.exported' })).toBeGreaterThanOrEqual(2)
  })

  test('are read by an index, whatever is filtered', async () => {
    await payOrder()
    startRecording()
    for (const query of ['', 'state=retrying', 'q=ada', 'q=msg_1', 'type=order.paid&from=2026-11-01'])
      await petra.get(to(`?${query}`)).expect(200)
    for (const path of ['/replay?state=open', '/test', '/mapping', '/secret'])
      await petra.get(to(path)).expect(200)
    await runAllDue()
    expect(await collectionScans()).toEqual([])
  })
})

describe('a replay of what is filtered', () => {
  const fail = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => payOrder(`Person ${n}`))).then(() =>
      Deliveries.updateMany({}, { $set: { state: 'failed', failures: 10, dueAt: null } }),
    )

  test('says its number, keeps the ids, and shows how far it is', async () => {
    await fail(3)
    const page = await petra.get(to('?state=failed&q=person')).expect(200)
    expect(page.text).toContain('Replay all 3')
    await petra.post(to('/replays'), { state: 'failed', q: 'person' }).expect(303)
    const running = wordsOf((await petra.get(to('?state=all'))).text)
    expect(running).toContain('Replaying 3 messages.')
    expect(running).toContain('Replay of 3, started 09:')
    await runAllDue()
    expect(wordsOf((await petra.get(to())).text)).toMatch(/Replay of 3, started 09:\d\d: 3 sent\./)
    expect(new Set(crm.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
    expect(crm.received).toHaveLength(6)
    const [entry] = await AuditEntries.find({ action: 'recovery.started' }).sort({ at: -1 }).limit(1)
    expect(entry!.detail).toMatchObject({ count: 3, mode: 'chosen', state: 'failed' })
  })

  test('of delivered messages is explained before it starts', async () => {
    await payOrder()
    const page = await petra.get(to('/replay?state=all')).expect(200)
    expect(wordsOf(page.text)).toContain('Replay 1 message 1 of them has arrived already.')
    expect(wordsOf(page.text)).toContain('At 50 per second, it takes about 1 min.')
  })

  test('is stopped, and what isn’t sent yet becomes what it was', async () => {
    await fail(3)
    const before = await Deliveries.find({}).sort({ _id: 1 })
    await petra.post(to('/replays'), { state: 'failed' }).expect(303)
    const queue = await recoverMessages.take()
    await queue!()
    expect(await Deliveries.count({ state: 'pending' })).toBe(3)
    await petra.post(to('/recovery/stop')).expect(303)
    await (await recoverMessages.take())!()
    await (await recoverMessages.take())!()
    expect(await Deliveries.find({}).sort({ _id: 1 })).toEqual(before)
    expect(wordsOf((await petra.get(to())).text)).toContain('Stopped early. 3 taken back.')
    await runAllDue()
    expect(crm.received).toHaveLength(3)
    await petra.post(to('/recovery/stop')).expect(409)
  })

  test('that is cut off in the middle goes on where it was, and sends each message once', async () => {
    await fail(4)
    await petra.post(to('/replays'), { state: 'failed' }).expect(303)
    const { updateOne } = Deliveries
    let calls = 0
    jest
      .spyOn(Deliveries, 'updateOne')
      .mockImplementation((...args) =>
        ++calls === 2 ? Promise.reject(new Error('the process ended')) : updateOne(...args),
      )
    await (await recoverMessages.take())!()
    jest.restoreAllMocks()
    expect(await Deliveries.count({ state: 'held' })).toBe(1)
    advance(minutes(2))
    await runAllDue()
    expect(await Deliveries.count({ state: 'delivered' })).toBe(4)
    expect(crm.received).toHaveLength(8)
    expect(await Recoveries.findOne({})).toMatchObject({ resent: 4, processed: 4 })
  })
})

describe('a test message', () => {
  test('of any type is edited, marked as a test, and counts nowhere', async () => {
    const page = await petra.get(to('/test?type=lead.qualified')).expect(200)
    expect(page.text).toContain('&#34;lead_source&#34;')
    const typed = JSON.stringify(messageDefinitionOf('order.paid').example)
    await petra.post(to('/test'), { type: 'order.paid', data: typed }).expect(303)
    const sent = JSON.parse(crm.received[0]!.body)
    expect(sent).toMatchObject({ type: 'order.paid', test: true, sequence: 0 })
    expect(sent.id).toMatch(/^msg_test-/)
    expect(sent.data).toEqual(JSON.parse(typed))
    expect(await Deliveries.count({})).toBe(0)
    expect(wordsOf((await petra.get(to('/test?type=order.paid'))).text)).toContain('order.paid, 09:')
  })

  test.each([
    ['what isn’t JSON', '{"message": ', 'This isn&#39;t valid JSON'],
    ['a missing field', '{"message": "Hi"}', 'data.sent_by: '],
    ['a wrong type', '{"message": 1, "sent_by": "Petra"}', 'data.message: '],
  ])('%s is said by its path, and kept', async (_what, data, message) => {
    const response = await petra.post(to('/test'), { type: 'webhook.test', data }).expect(422)
    expect(response.text).toContain(message)
    expect(response.text).toContain(data.replaceAll('"', '&#34;').trim())
    expect(crm.received).toEqual([])
  })
})

describe('the secret', () => {
  test('is shown to a teammate who types their password, which is audited and limited', async () => {
    await petra.get(to('/secret')).expect(200)
    const hidden = await petra.get(to('/secret')).expect(200)
    expect(hidden.text).not.toContain(crm.secret)
    expect(hidden.text).toContain(`whsec_…${crm.secret.slice(-5)}`)
    const shown = await petra.post(to('/secret'), { password: 'walk and talk' }).expect(200)
    expect(shown.text).toContain(crm.secret)
    expect(shown.get('cache-control')).toBe('no-store')
    expect(await AuditEntries.count({ action: 'secret.revealed' })).toBe(1)
    for (let n = 0; n < 5; n++) {
      const refused = await petra.post(to('/secret'), { password: 'wrong' }).expect(422)
      expect(refused.text).toContain('That isn&#39;t your password')
      expect(refused.text).not.toContain(crm.secret)
    }
    const limited = await petra.post(to('/secret'), { password: 'walk and talk' }).expect(429)
    expect(limited.text).not.toContain(crm.secret)
    expect(limited.get('retry-after')).toBeDefined()
    expect(await AuditEntries.count({ action: 'secret.reveal_refused' })).toBe(5)
  })

  test('and the old one both sign until a moment that can be moved or ended', async () => {
    await petra.post(to('/rotation')).expect(303)
    const until = () => endpointOf(crm).then(endpoint => overlapEnd(endpoint))
    expect(await until()).toEqual(later(now(), hours(24)))
    const seen = (await until())!.toISOString()
    expect((await petra.get(to('/secret'))).text).toContain(`<time datetime="${seen}" data-countdown`)
    for (let press = 0; press < 2; press++) {
      await petra.post(to('/rotation/extension'), { until: seen }).expect(303)
      expect(await until()).toEqual(later(new Date(seen), hours(24)))
    }
    for (let day = 0; day < 5; day++) {
      await petra.post(to('/rotation/extension'), { until: (await until())!.toISOString() }).expect(303)
    }
    expect(await until()).toEqual(later(new Date(seen), hours(6 * 24)))
    await petra.post(to('/rotation/extension'), { until: (await until())!.toISOString() }).expect(409)
    await petra.post(to('/rotation/end')).expect(303)
    expect(liveSecrets(await endpointOf(crm))).toHaveLength(1)
    await petra.post(to('/rotation/end')).expect(409)
  })
})

describe('the field mapping', () => {
  test('renames, leaves out and adds fields for one type of one endpoint, and can be taken back', async () => {
    const other = await openEndpointServer({ name: 'Other' })
    const page = await petra.get(to('/mapping?type=order.paid')).expect(200)
    const fields = [...page.text.matchAll(/name="name\.([^"]+)"/g)].map(found => found[1]!)
    expect(fields).toContain('person.email')
    const form = {
      type: 'order.paid',
      send: fields.filter(field => field !== 'person.first_name'),
      'name.person.email': 'Email__c',
      to: 'source',
      value: 'academy',
    }
    const preview = await petra.post(to('/mapping'), { ...form, preview: '1' }).expect(200)
    expect(preview.text).toContain('&#34;Email__c&#34;: &#34;amara@')
    expect((await endpointOf(crm)).mapping).toBeNull()
    await petra.post(to('/mapping'), form).expect(303)
    const ada = await payOrder()
    const [mapped, plain] = [crm, other].map(({ received }) => JSON.parse(received[0]!.body))
    expect(mapped).toMatchObject({ id: plain.id, mapping_version: 1 })
    expect(mapped.data).toMatchObject({ Email__c: ada.email, source: 'academy' })
    expect(mapped.data.person).not.toHaveProperty('first_name')
    expect(mapped.data.person).not.toHaveProperty('email')
    expect(plain).not.toHaveProperty('mapping_version')
    // The person sees the names that went out, and not the team's own values.
    const { _id: sent } = (await Deliveries.findOne({ endpoint: crm.endpoint._id }))!
    const own = await (await as(ada)).get(`/account/sharing/messages/${sent}`).expect(200)
    expect(own.text).toContain('Email__c')
    expect(own.text).not.toContain('&#34;source&#34;: &#34;academy&#34;')
    expect(plain.data.person).toMatchObject({ email: ada.email })
    // The same form again is the same version; a form that is older than it is refused.
    await petra.post(to('/mapping'), { ...form, seen: `${crm.endpoint._id}.1` }).expect(303)
    expect((await endpointOf(crm)).mapping).toBe(`${crm.endpoint._id}.1`)
    await petra.post(to('/mapping'), { ...form, value: 'other' }).expect(409)
    await petra.post(to('/mapping'), {
      ...form,
      send: fields,
      to: '',
      value: '',
      'name.person.email': '',
      seen: `${crm.endpoint._id}.1`,
    })
    await payOrder()
    expect(JSON.parse(crm.received[1]!.body)).not.toHaveProperty('mapping_version')
    await petra.post(to('/mapping/1/restoration')).expect(303)
    expect((await endpointOf(crm)).mapping).toBe(`${crm.endpoint._id}.3`)
    await petra.post(to('/mapping/9/restoration')).expect(404)
  })

  test('keeps the bytes of a message on every attempt, though it changes meanwhile', async () => {
    const page = await petra.get(to('/mapping?type=order.paid')).expect(200)
    const send = [...page.text.matchAll(/name="name\.([^"]+)"/g)].map(found => found[1]!)
    crm.respondWith(status(500))
    await payOrder()
    await petra.post(to('/mapping'), { type: 'order.paid', send, 'name.person.email': 'mail' }).expect(303)
    advance(minutes(1))
    await runAllDue()
    expect(crm.received[1]!.body).toBe(crm.received[0]!.body)
    const { _id } = (await Deliveries.findOne({}))!
    await petra.post(`/integrations/deliveries/${_id}/attempt`).expect(303)
    await runAllDue()
    expect(JSON.parse(crm.received[2]!.body).data).toHaveProperty('mail')
    expect((await petra.get(to())).text).toContain('Made with version 1 of the field mapping')
  })

  test.each([
    [
      'two fields with one name',
      'order.paid',
      { 'name.person.email': 'person.last_name' },
      'would be called',
    ],
    [
      'a name inside a value',
      'order.paid',
      { 'name.person.email': 'order.x.y', to: 'order.x' },
      'would be called',
    ],
    ['a name with a space', 'order.paid', { 'name.person.email': 'E mail' }, 'Use letters, digits'],
    ['a name that objects have', 'order.paid', { 'name.person.email': '__proto__.x' }, 'Use letters, digits'],
    ['an erasure without whose', 'lead.erased', { send: ['at'] }, 'external_id has to be sent'],
  ])('%s is refused, and what was typed is kept', async (_what, type, change, message) => {
    const page = await petra.get(to(`/mapping?type=${type}`)).expect(200)
    const send = [...page.text.matchAll(/name="name\.([^"]+)"/g)].map(found => found[1]!)
    const response = await petra.post(to('/mapping'), { type, send, ...change }).expect(422)
    expect(response.text).toContain(message)
    for (const [name, value] of Object.entries(change)) {
      if (name.startsWith('name.')) expect(response.text).toContain(`name="${name}" value="${String(value)}"`)
    }
    expect((await endpointOf(crm)).mapping).toBeNull()
  })
})
