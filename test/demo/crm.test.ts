import request from 'supertest'
import { config } from '../../src/platform/config'
import { record } from '../../src/events/record'
import { CrmMessages } from '../../src/demo/crm-message'
import { crmSecret, installDemoEndpoint } from '../../src/demo/crm-endpoint'
import { Endpoints, liveSecrets } from '../../src/webhooks/endpoint'
import { sign } from '../../src/webhooks/sign'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { Leads } from '../../src/leads/lead'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { anonymous } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import * as make from '../kit/make'

const address = config.baseUrl
let academy: Academy

beforeAll(async () => {
  academy = await openAcademy()
  config.baseUrl = await academy.listen()
  await installDemoEndpoint()
})
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => CrmMessages.deleteMany({}))
afterAll(async () => {
  config.baseUrl = address
  await academy.close()
})

async function lead(name = 'Amara Okonkwo'): Promise<Person> {
  const amara = await make.person({ name })
  const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
  await record({ name: 'lead.qualified', person: amara._id, idempotencyKey: [1], data })
  await runAllDue()
  return amara
}

test('the demo CRM shows a lead, with the signature verified by the standardwebhooks library', async () => {
  await lead()
  const page = await (await anonymous()).get('/demo/crm').expect(200)
  expect(page.text).toContain('1 message received')
  expect(page.text).toContain('Amara Okonkwo')
  expect(page.text).toContain('Verified')
  const [message] = await CrmMessages.find({})
  const whole = await (await anonymous()).get(`/demo/crm/messages/${message!._id}`).expect(200)
  expect(whole.text).toContain('lead.qualified')
})

test.each([
  ['accepted', 'lead.accepted', 'accepted'],
  ['won', 'opportunity.won', 'won'],
  ['lost', 'opportunity.lost', 'lost'],
])('its button "%s" reaches the academy as %s', async (answer, event, state) => {
  const amara = await lead()
  const visitor = await anonymous()
  await visitor.post(`/demo/crm/people/${amara._id}/outcome`, { outcome: answer }).expect(303)
  expect(await happened(amara)).toContain(event)
  const known = (await Leads.findById(amara._id))!
  expect(known.status).toBe(state)
  if (answer === 'won') expect(known.deals).toMatchObject([{ amount: 1_840_000, currency: 'GBP' }])
  expect((await visitor.get('/demo/crm')).text).toContain('The academy received the outcome')
})

test('an unknown outcome, person or message is not found', async () => {
  const amara = await lead()
  const visitor = await anonymous()
  await visitor.post(`/demo/crm/people/${amara._id}/outcome`, { outcome: 'promised' }).expect(404)
  await visitor.post('/demo/crm/people/nobody/outcome', { outcome: 'won' }).expect(404)
  await visitor.get('/demo/crm/messages/nothing').expect(404)
})

test('a forged message is rejected, and shown as rejected', async () => {
  const body = '{"type":"lead.qualified","data":{}}'
  const forged = sign('msg_forged', body, [`whsec_${Buffer.alloc(32, 1).toString('base64')}`])
  await request(theApp())
    .post('/demo/crm/hooks')
    .set({ ...forged })
    .type('json')
    .send(body)
    .expect(401)
  await request(theApp()).post('/demo/crm/hooks').type('json').send(body).expect(401)
  const page = await (await anonymous()).get('/demo/crm').expect(200)
  expect(page.text).toContain('No matching signature found')
  expect(page.text).toContain('Missing required headers')
  expect(page.text).toContain('2 were rejected.')
})

test('a message that arrives twice is stored once', async () => {
  const body = JSON.stringify({ type: 'lead.updated', sequence: 1, data: { person: { external_id: 'a' } } })
  const send = () =>
    request(theApp())
      .post('/demo/crm/hooks')
      .set({ ...sign('msg_twice', body, [crmSecret()]) })
      .type('json')
      .send(body)
  await send().expect(200, { status: 'stored' })
  const again = await Promise.all([send(), send(), send()])
  expect(again.map(({ body: { status } }) => status)).toEqual(['duplicate', 'duplicate', 'duplicate'])
  expect(await CrmMessages.find({})).toMatchObject([{ _id: 'msg_twice', times: 4 }])
})

test('a person erased at the academy is erased in the CRM', async () => {
  const amara = await lead()
  await erasePerson(amara._id)
  await runAllDue()
  const left = await CrmMessages.find({ person: String(amara._id) })
  expect(left.map(({ type }) => type)).toEqual(['lead.erased'])
})

test('restarting the demo changes nothing but the URL', async () => {
  const before = await installDemoEndpoint()
  const after = await installDemoEndpoint()
  expect(after).toEqual(before)
  expect(liveSecrets(after)).toEqual([crmSecret()])
  expect(await Endpoints.count({})).toBe(1)
})
