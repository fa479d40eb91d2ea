import { hours, minutes, now, seconds } from '../../src/platform/clock'
import { Alerts, emailAlerts, type Alert } from '../../src/webhooks/alert'
import { Emails } from '../../src/mail/email'
import { drainQueue } from '../../src/worker'
import { openAcademy, type Academy } from '../kit/academy'
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
let crm: EndpointServer

beforeAll(async () => (academy = await openAcademy()))
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  crm = await openEndpointServer({ name: 'Sales CRM', respond: status(500) })
  await Alerts.deleteMany({})
})
afterEach(closeEndpointServers)
afterAll(() => academy.close())

async function payOrder(): Promise<void> {
  const ada = await make.person()
  await make.paidOrder(ada)
  await runAllDue()
}

async function retry(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    setTime((await deliveryTo(crm)).dueAt!)
    await runAllDue()
  }
}

const kinds = async () => (await Alerts.find({}).sort({ at: 1 })).map(({ kind }) => kind)

test('the fourth failure of a message raises an alert, and so does the last', async () => {
  await payOrder()
  await retry(2)
  expect(await kinds()).toEqual([])
  await retry(1)
  expect(await kinds()).toEqual(['failing'])
  await retry(6)
  expect(await kinds()).toEqual(['failing', 'exhausted'])
})

test('a rejection raises an alert immediately, since waiting rarely helps', async () => {
  crm.respondWith(status(401))
  await payOrder()
  expect(await kinds()).toEqual(['refused'])
})

test('messages that fail for one reason raise one alert per outage', async () => {
  crm.respondWith(status(403))
  await payOrder()
  await payOrder()
  expect(await kinds()).toEqual(['refused'])
  crm.respondWith(status(200))
  advance(seconds(10))
  await runAllDue()
  crm.respondWith(status(403))
  advance(hours(1))
  await payOrder()
  expect(await kinds()).toEqual(['refused', 'refused'])
})

test('an endpoint that is disabled raises an alert', async () => {
  crm.respondWith(status(410))
  await payOrder()
  expect(await kinds()).toEqual(['gone'])
})

test('each sales lead gets one email about an outage', async () => {
  const salesLead = await make.person({ role: 'sales-lead' })
  await make.person({ role: 'sales' })
  crm.respondWith(status(401))
  await payOrder()
  await payOrder()
  const emails = await Emails.find({ _id: /^endpointAlert:/ })
  expect(emails.map(({ to, subject }) => [to, subject])).toEqual([
    [salesLead.email, 'Webhook deliveries to Sales CRM are failing'],
  ])
  expect(emails[0]!.html).toContain(
    'It responds with 401, so its copy of the secret is probably out of date.',
  )
})

test('an alert email that fails is retried for a day, and sent once', async () => {
  crm.respondWith(status(401))
  await payOrder()
  await Alerts.updateMany({}, { $set: { dueAt: now() } })
  const sent: string[] = []
  const send = async (alert: Alert, { name }: { name: string }) => void sent.push(`${name} ${alert.kind}`)
  const fail = () => Promise.reject(new Error('the mail server is down'))
  expect(await drainQueue(emailAlerts(fail))).toBe(1)
  expect(await drainQueue(emailAlerts(send))).toBe(0)
  advance(hours(1))
  expect(await drainQueue(emailAlerts(send))).toBe(1)
  expect(await drainQueue(emailAlerts(send))).toBe(0)
  expect(sent).toEqual(['Sales CRM refused'])
})

test('an alert that cannot be emailed for 24 hours is set aside as failed', async () => {
  crm.respondWith(status(401))
  await payOrder()
  await Alerts.updateMany({}, { $set: { dueAt: now(), attempts: 0 } })
  const fail = () => Promise.reject(new Error('the mail server is down'))
  for (let n = 0; n < 288; n++) {
    await drainQueue(emailAlerts(fail))
    advance(minutes(5))
  }
  expect(await Alerts.findOne({})).toMatchObject({
    dueAt: null,
    attempts: 288,
    lastError: 'the mail server is down',
    failedAt: expect.any(Date),
  })
})
