import type { ServerResponse } from 'node:http'
import { record } from '../../src/events/record'
import { startWorker } from '../../src/worker'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { closeReceivers, openReceiver } from './endpoint-server'

let academy: Academy
let worker: ReturnType<typeof startWorker> | undefined

beforeAll(async () => (academy = await openAcademy()))
afterEach(async () => {
  await closeReceivers()
  await worker?.stop()
})
afterAll(() => academy.close())

let count = 0
async function paid(): Promise<void> {
  const ada = await make.person()
  const order = `order-${++count}`
  const data = { order, amount: 24000, currency: 'EUR', title: 'Running an academy' }
  await record({ name: 'order.paid', person: ada._id, idempotencyKey: [order], data })
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 10))
}

test('while one receiver keeps us waiting, what happens next reaches the others', async () => {
  const waiting: ServerResponse[] = []
  await openReceiver({ answer: response => void waiting.push(response) })
  const quick = await openReceiver()
  worker = startWorker()
  await paid()
  await until(() => waiting.length === 1 && quick.received.length === 1)
  await paid()
  await until(() => quick.received.length === 2 && waiting.length === 2)

  const stopped = worker.stop().then(() => 'stopped')
  for (const response of waiting) response.writeHead(200).end()
  expect(await stopped).toBe('stopped')
  expect(await Deliveries.countDocuments({ state: 'delivered' })).toBe(4)
})
