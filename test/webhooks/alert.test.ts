import { days, hours, now, seconds } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Alerts, sendNextAlert, type Alert } from '../../src/webhooks/alert'
import { Emails, type Email } from '../../src/mail/email'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeReceivers, deliveryTo, openReceiver, status, type Receiver } from './endpoint-server'

let academy: Academy
let crm: Receiver

beforeAll(async () => (academy = await openAcademy()))
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  crm = await openReceiver({ name: 'Sales CRM', answer: status(500) })
  await Alerts.deleteMany({})
})
afterEach(closeReceivers)
afterAll(() => academy.close())

let count = 0
async function paid(): Promise<void> {
  const ada = await make.person()
  const order = `order-${++count}`
  const data = { order, amount: 24000, currency: 'EUR', title: 'Running an academy' }
  await record({ name: 'order.paid', person: ada._id, idempotencyKey: [order], data })
  await runAllDue()
}

async function tryAgain(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    setTime((await deliveryTo(crm)).dueAt!)
    await runAllDue()
  }
}

const kinds = async () => (await Alerts.find({}).sort({ at: 1 }).lean<Alert[]>()).map(({ kind }) => kind)

test('somebody is told at the fourth failure of a message, and again when it is given up', async () => {
  await paid()
  await tryAgain(2)
  expect(await kinds()).toEqual([])
  await tryAgain(1)
  expect(await kinds()).toEqual(['failing'])
  await tryAgain(6)
  expect(await kinds()).toEqual(['failing', 'exhausted'])
})

test('a refusal is told at once, since waiting rarely helps', async () => {
  crm.answer(status(401))
  await paid()
  expect(await kinds()).toEqual(['refused'])
})

test('many messages that fail alike are one alert; a new time of trouble is another', async () => {
  crm.answer(status(403))
  await paid()
  await paid()
  expect(await kinds()).toEqual(['refused'])
  crm.answer(status(200))
  advance(seconds(10))
  await runAllDue()
  crm.answer(status(403))
  advance(hours(1))
  await paid()
  expect(await kinds()).toEqual(['refused', 'refused'])
})

test('a receiver that is switched off is told of', async () => {
  crm.answer(status(410))
  await paid()
  expect(await kinds()).toEqual(['gone'])
})

test('those who may repair it get one letter each', async () => {
  const boss = await make.person({ role: 'sales-lead' })
  await make.person({ role: 'sales' })
  crm.answer(status(401))
  await paid()
  await paid()
  const letters = await Emails.find({ _id: /^endpointAlert:/ }).lean<Email[]>()
  expect(letters.map(({ to, subject }) => [to, subject])).toEqual([
    [boss.email, 'Sales CRM takes no messages'],
  ])
  expect(letters[0]!.html).toContain('It answers 401: its secret was probably changed.')
})

test('an alert that nobody could be told of is told later, once; after a day it is left to the desk', async () => {
  crm.answer(status(401))
  await paid()
  await Alerts.updateMany({}, { $set: { dueAt: now() } })
  const told: string[] = []
  const tell = async (alert: Alert, { name }: { name: string }) => void told.push(`${name} ${alert.kind}`)
  const fail = () => Promise.reject(new Error('no letters today'))
  expect(await sendNextAlert(fail)).toBe(true)
  expect(await sendNextAlert(tell)).toBe(false)
  advance(hours(1))
  expect(await sendNextAlert(tell)).toBe(true)
  expect(await sendNextAlert(tell)).toBe(false)
  expect(told).toEqual(['Sales CRM refused'])

  await Alerts.updateMany({}, { $set: { dueAt: now() } })
  advance(days(2))
  await sendNextAlert(fail)
  expect(await Alerts.countDocuments({ dueAt: null })).toBe(1)
})
