import { days, hours, now, seconds } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Alerts, sendNextAlert, type Alert } from '../../src/webhooks/alert'
import { Emails } from '../../src/mail/email'
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

let count = 0
async function payOrder(): Promise<void> {
  const ada = await make.person()
  const order = `order-${++count}`
  const data = { order, amount: 24000, currency: 'EUR', title: 'Running an academy' }
  await record({ name: 'order.paid', person: ada._id, idempotencyKey: [order], data })
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

test('a refusal raises an alert at once, since waiting rarely helps', async () => {
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
  expect(await sendNextAlert(fail)).toBe(true)
  expect(await sendNextAlert(send)).toBe(false)
  advance(hours(1))
  expect(await sendNextAlert(send)).toBe(true)
  expect(await sendNextAlert(send)).toBe(false)
  expect(sent).toEqual(['Sales CRM refused'])

  await Alerts.updateMany({}, { $set: { dueAt: now() } })
  advance(days(2))
  await sendNextAlert(fail)
  expect(await Alerts.count({ dueAt: null })).toBe(1)
})
