import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import request from 'supertest'
import { isOnThisMachine, listen, Refused } from '../../scripts/listen'
import { AuditEntries } from '../../src/events/audit'
import { hours, minutes } from '../../src/platform/clock'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { Deliveries } from '../../src/webhooks/delivery'
import { Endpoints } from '../../src/webhooks/endpoint'
import { endSilentListeners, ListenTokens } from '../../src/webhooks/listener'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer, type EndpointServer } from '../webhooks/endpoint-server'

let academy: Academy
let baseURL: string
let crm: EndpointServer
let lead: Person
let petra: Visitor
let machine: Server
let forward: string
let respond = (): number => 200
const received: { headers: Record<string, string>; body: string }[] = []

beforeAll(async () => {
  academy = await openAcademy()
  baseURL = await academy.listen()
  setTime('2026-11-23T09:00:00Z')
  lead = await make.person({ role: 'sales-lead', name: 'Petra Novotná' })
  petra = await as(lead)
  machine = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', chunk => (body += chunk))
    incoming.on('end', () => {
      received.push({ headers: incoming.headers as Record<string, string>, body })
      response.writeHead(respond()).end('thanks')
    })
  })
  await new Promise<void>(resolve => machine.listen(0, '127.0.0.1', resolve))
  forward = `http://127.0.0.1:${(machine.address() as AddressInfo).port}/hooks`
})
beforeEach(async () => {
  crm = await openEndpointServer({ name: 'Sales CRM' })
  respond = () => 200
  received.length = 0
})
afterEach(async () => {
  await closeEndpointServers()
  await Endpoints.deleteMany({})
  await Deliveries.deleteMany({})
})
afterAll(async () => {
  machine.closeAllConnections()
  await new Promise(resolve => machine.close(resolve))
  await academy.close()
})

async function makeToken(): Promise<string> {
  const page = await petra.post(`/integrations/endpoints/${crm.endpoint._id}/listen-tokens`).expect(200)
  expect(page.get('cache-control')).toBe('no-store')
  return /LISTEN_TOKEN=(listen_[\w-]{32})/.exec(page.text)![1]!
}

const api = (token: string) => ({
  start: () =>
    request(theApp())
      .post('/api/listeners')
      .set('authorization', `Bearer ${token}`)
      .send({ forward, machine: 'laptop' }),
  messages: () => request(theApp()).get('/api/listeners/messages').set('authorization', `Bearer ${token}`),
  result: (id: string, status: number | null) =>
    request(theApp())
      .post('/api/listeners/results')
      .set('authorization', `Bearer ${token}`)
      .send({ id, status, error: status ? null : 'ECONNREFUSED', duration_ms: 3, response: '' }),
  end: () => request(theApp()).delete('/api/listeners').set('authorization', `Bearer ${token}`),
})

const pay = async () => {
  await make.paidOrder(await make.person())
  await runAllDue()
}
const listener = () => Endpoints.findOne({ 'listener.seenAt': { $ne: null }, removedAt: null })

test('a command gets the messages of an endpoint, signed with its own secret, and ends with a trace', async () => {
  const token = await makeToken()
  const lines: string[] = []
  const stop = new AbortController()
  const isPrinted = async (pattern: RegExp) => {
    for (let n = 0; !lines.some(line => pattern.test(line)); n++) {
      if (n > 200) throw new Error(`${String(pattern)} isn't among ${lines.join('\n')}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const ended = listen({
    server: baseURL,
    token,
    forward,
    print: line => void lines.push(line),
    signal: stop.signal,
  })
  await isPrinted(/^Signed with whsec_/)
  const secret = lines.find(line => line.startsWith('Signed with'))!.slice('Signed with '.length)
  expect(secret).not.toBe(crm.secret)
  await pay()
  await isPrinted(/order\.paid +msg_\S+ +200 +0\.\d\d s/)
  expect(new Webhook(secret).verify(received[0]!.body, received[0]!.headers)).toMatchObject({
    type: 'order.paid',
  })
  // The endpoint itself has got its own.
  expect(crm.received[0]!.body).toBe(received[0]!.body)
  const { _id } = (await listener())!
  await petra.post(`/integrations/endpoints/${_id}/test`).expect(303)
  await isPrinted(/webhook\.test +msg_test-\S+ +200/)
  expect(JSON.parse(received[1]!.body)).toMatchObject({ test: true })
  stop.abort()
  await ended
  expect(await listener()).toBeNull()
  expect(await Deliveries.findOne({ endpoint: _id })).toMatchObject({
    state: 'delivered',
    attempts: 1,
    attemptLog: [{ status: 200, response: 'thanks' }],
  })
  expect(await AuditEntries.count({ action: 'listener.started' })).toBe(1)
})

test('a command that starts again keeps its secret, and nothing is handed out twice after its result', async () => {
  const token = await makeToken()
  const first = await api(token).start().expect(201)
  await pay()
  expect((await api(token).start().expect(201)).body.secret).toBe(first.body.secret)
  const { body } = await api(token).messages().expect(200)
  expect(body.messages).toHaveLength(1)
  // It follows what is changed of its endpoint meanwhile.
  const mapping = `${crm.endpoint._id}.7`
  const { types } = (await Endpoints.findOneAndUpdate(
    { _id: crm.endpoint._id },
    { $set: { types: ['order.paid'], mapping } },
  ))!
  expect((await api(token).messages()).body.messages).toHaveLength(1)
  expect(await listener()).toMatchObject({ types: ['order.paid'], mapping })
  await Endpoints.updateOne({ _id: crm.endpoint._id }, { $set: { types, mapping: null } })
  for (let press = 0; press < 2; press++) await api(token).result(body.messages[0].id, null).expect(204)
  const { _id } = (await listener())!
  expect(await Deliveries.findOne({ endpoint: _id })).toMatchObject({
    state: 'failed',
    attempts: 1,
    attemptLog: [{ status: null, error: 'ECONNREFUSED' }],
  })
  // A teammate resends it.
  await petra
    .post(`/integrations/deliveries/${(await Deliveries.findOne({ endpoint: _id }))!._id}/attempt`)
    .expect(303)
  expect((await api(token).messages()).body.messages).toHaveLength(1)
})

test('nothing is ever posted to the address of a command by the server', async () => {
  const token = await makeToken()
  await api(token).start().expect(201)
  const { _id, url } = (await listener())!
  expect(url).toBe(`listen:${forward}`)
  await pay()
  for (const path of ['resumption', 'pause', 'recovery', 'rotation']) {
    await petra.post(`/integrations/endpoints/${_id}/${path}`).expect(409)
  }
  await petra.post(`/integrations/endpoints/${_id}/test`).expect(303)
  await petra.get(`/integrations/endpoints/${_id}`).expect(200)
  await runAllDue()
  expect(received).toEqual([])
  await api(token).end().expect(204)
  expect(await Deliveries.findOne({ endpoint: _id })).toMatchObject({ state: 'cancelled', reason: 'removed' })
})

test('what a person no longer shares is not handed out', async () => {
  const token = await makeToken()
  await api(token).start().expect(201)
  const ada = await make.person()
  await make.paidOrder(ada)
  await runAllDue()
  await Deliveries.updateMany({}, { $set: { type: 'lead.updated' } })
  await erasePerson(ada._id)
  await runAllDue()
  const { body } = await api(token).messages().expect(200)
  expect(JSON.stringify(body)).not.toContain(ada.email)
})

test('a command that is silent for 5 minutes has ended', async () => {
  const token = await makeToken()
  await api(token).start().expect(201)
  advance(minutes(4))
  await endSilentListeners()
  expect(await listener()).not.toBeNull()
  advance(minutes(2))
  await endSilentListeners()
  expect(await listener()).toBeNull()
  await api(token).messages().expect(404)
  await api(token).start().expect(201)
})

test('a token works for 12 hours, and only while its owner may change endpoints', async () => {
  const token = await makeToken()
  expect(JSON.stringify(await ListenTokens.find({}))).not.toContain(token)
  for (const wrong of ['listen_wrong', `${token}x`, '']) await api(wrong).start().expect(401)
  await People.updateOne({ _id: lead._id }, { $set: { role: 'sales' } })
  await api(token).start().expect(401)
  await People.updateOne({ _id: lead._id }, { $set: { role: 'sales-lead', suspendedAt: new Date() } })
  await api(token).start().expect(401)
  await People.updateOne({ _id: lead._id }, { $set: { suspendedAt: null } })
  await api(token).start().expect(201)
  advance(hours(12))
  await api(token).messages().expect(401)
  const stopped = listen({
    server: baseURL,
    token,
    forward,
    print: () => {},
    signal: new AbortController().signal,
  })
  await expect(stopped).rejects.toThrow(Refused)
})

test.each([
  ['http://localhost:3000/hooks', true],
  ['http://127.0.0.1:3000', true],
  ['https://[::1]:3000/', true],
  ['http://example.com/hooks', false],
  ['http://localhost.example.com/', false],
  ['file:///etc/passwd', false],
  ['nonsense', false],
])('%s is on this machine: %s', (address, isLocal) => expect(isOnThisMachine(address)).toBe(isLocal))
