import { Webhook as Svix } from 'svix'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { Endpoints, liveSecrets, type Endpoint } from '../../src/webhooks/endpoint'
import { pauseEndpoint } from '../../src/webhooks/pause-endpoint'
import { removeEndpoint } from '../../src/webhooks/remove-endpoint'
import { rotateSecret } from '../../src/webhooks/rotate-secret'
import { newSecret, sign, type SignedHeaders } from '../../src/webhooks/sign'
import { verifySender } from '../../src/webhooks/verify-sender'
import { hours } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'

let academy: Academy
let crm: Endpoint

beforeAll(async () => (academy = await openAcademy()))
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  await addCrm('Partner portal')
  crm = await addCrm('Sales CRM')
})
afterEach(() => Endpoints.deleteMany({}))
afterAll(() => academy.close())

function addCrm(name: string): Promise<Endpoint> {
  return addEndpoint({ name, url: 'https://crm.northgate.example/hooks', types: [] })
}

const body = '{"type":"opportunity.won","text":"Žofie"}'
const secretOf = (endpoint: Endpoint) => liveSecrets(endpoint)[0]!
const seconds = () => Math.floor(Date.now() / 1000)

/** Returns the name of the endpoint that is trusted as the sender, or why none is. */
async function senderOf(headers: Partial<SignedHeaders>, received = body): Promise<string> {
  const sender = await verifySender(headers, received)
  return typeof sender === 'string' ? sender : sender.name
}

test('a message is matched to the endpoint whose secret signed it', async () => {
  expect(await senderOf(sign('crm_1', body, [secretOf(crm)]))).toBe('Sales CRM')
  const at = new Date(Date.now())
  const signature = new Svix(secretOf(crm)).sign('crm_1', at, body)
  const headers = {
    'webhook-id': 'crm_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  }
  expect(await senderOf(headers)).toBe('Sales CRM')
  expect(await senderOf({ ...headers, 'webhook-signature': `v1a,AAAA v1,AAAA ${signature}` })).toBe(
    'Sales CRM',
  )
})

test('a CRM can sign with the old secret for a day after a rotation, and with the new one immediately', async () => {
  const old = secretOf(crm)
  await rotateSecret(crm)
  const fresh = secretOf((await Endpoints.findById(crm._id))!)
  expect(fresh).not.toBe(old)
  for (const secrets of [[old], [fresh], [old, fresh]])
    expect(await senderOf(sign('crm_1', body, secrets))).toBe('Sales CRM')
  advance(hours(25))
  expect(await senderOf(sign('crm_1', body, [old]))).toBe('signature')
  expect(await senderOf(sign('crm_1', body, [fresh]))).toBe('Sales CRM')
})

test('a paused endpoint may still send, but a removed one may not', async () => {
  const headers = sign('crm_1', body, [secretOf(crm)])
  await pauseEndpoint(crm._id)
  expect(await senderOf(headers)).toBe('Sales CRM')
  await removeEndpoint(crm._id)
  expect(await senderOf(headers)).toBe('signature')
})

test('a message that was changed, or signed with an unknown secret, is refused', async () => {
  const headers = sign('crm_1', body, [secretOf(crm)])
  expect(await senderOf(headers, `${body} `)).toBe('signature')
  expect(await senderOf({ ...headers, 'webhook-id': 'crm_2' })).toBe('signature')
  expect(await senderOf({ ...headers, 'webhook-timestamp': String(seconds() - 9) })).toBe('signature')
  for (const signature of ['v1,', 'v1', 'v2,AAAA', headers['webhook-signature'].replace('v1,', 'v1a,')])
    expect(await senderOf({ ...headers, 'webhook-signature': signature })).toBe('signature')
  expect(await senderOf(sign('crm_1', body, [newSecret()]))).toBe('signature')
})

test('a message is refused when its timestamp differs from our clock by more than 300 s', async () => {
  const secrets = [secretOf(crm)]
  // A second may pass between signing and verifying.
  for (const age of [298, -298]) {
    expect(await senderOf(sign('crm_1', body, secrets, seconds() - age))).toBe('Sales CRM')
  }
  for (const age of [302, -303]) {
    expect(await senderOf(sign('crm_1', body, secrets, seconds() - age))).toBe('timestamp')
  }
})

test.each([
  ['no id', { 'webhook-id': undefined }],
  ['an empty id', { 'webhook-id': '' }],
  ['an id of 201 characters', { 'webhook-id': 'x'.repeat(201) }],
  ['no timestamp', { 'webhook-timestamp': undefined }],
  ['a timestamp in another notation', { 'webhook-timestamp': '1e9' }],
  ['a timestamp with more than a number', { 'webhook-timestamp': `${seconds()} s` }],
  ['no signature', { 'webhook-signature': undefined }],
])('a message with %s is refused as malformed', async (_what, change) => {
  expect(await senderOf({ ...sign('crm_1', body, [secretOf(crm)]), ...change })).toBe('headers')
})
