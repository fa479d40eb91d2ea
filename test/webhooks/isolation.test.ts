import type { ServerResponse } from 'node:http'
import { minutes, now, seconds } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { claimDelivery } from '../../src/webhooks/deliver'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeReceivers, endpointOf, openReceiver, status } from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeReceivers)
afterAll(() => academy.close())

let count = 0
async function orders(n: number): Promise<void> {
  const ada = await make.person()
  for (let i = 0; i < n; i++) {
    const order = `order-${++count}`
    const data = { order, amount: 24000, currency: 'EUR', title: 'Running an academy' }
    await record({ name: 'order.paid', person: ada._id, idempotencyKey: [order], data })
  }
}

/** Reacts to what has happened, and sends nothing. */
async function queueAll(): Promise<void> {
  const { processNextEvent } = await import('../../src/events/react')
  const { reactions } = await import('../../src/reactions')
  while (await processNextEvent(reactions));
}

/** Takes all deliveries that may be sent now and lets them run; those of silent receivers do not end. */
async function sendAll(): Promise<Promise<void>[]> {
  const running: Promise<void>[] = []
  for (let send = await claimDelivery(); send; send = await claimDelivery()) running.push(send())
  return running
}

test('of twenty receivers one is dead and one is silent, and the others wait for neither', async () => {
  const well = await Promise.all(Array.from({ length: 18 }, () => openReceiver({ types: ['order.paid'] })))
  const dead = await openReceiver({ types: ['order.paid'] })
  await dead.close()
  const unanswered: ServerResponse[] = []
  const silent = await openReceiver({
    types: ['order.paid'],
    answer: response => void unanswered.push(response),
  })
  await orders(5)
  await queueAll()

  const began = performance.now()
  const running = await sendAll()
  while (well.some(({ received }) => received.length < 4)) {
    await Promise.race(running)
    running.push(...(await sendAll()))
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  // One silent call lasts 15 s.
  expect(performance.now() - began).toBeLessThan(12_000)
  expect(silent.received.length).toBe(4)
  expect((await endpointOf(dead)).unanswered).toBeGreaterThan(0)

  for (const response of unanswered) response.destroy()
  await Promise.all(running)
  silent.answer(status(200))
  await runAllDue()
  for (const { received } of well) expect(received).toHaveLength(5)
})

test('a receiver is called by four at once, not more', async () => {
  const waiting: ServerResponse[] = []
  const receiver = await openReceiver({ answer: response => void waiting.push(response) })
  await orders(6)
  await queueAll()
  const running = await sendAll()
  expect(running).toHaveLength(4)
  while (waiting.length < 4) await new Promise(resolve => setTimeout(resolve, 5))
  for (const response of waiting.splice(0)) response.writeHead(200).end()
  await Promise.all(running)
  receiver.answer(status(200))
  await runAllDue()
  expect(receiver.received).toHaveLength(6)
  expect((await endpointOf(receiver)).slots).toEqual([])
})

test('a receiver gets so many messages a second, not more', async () => {
  const receiver = await openReceiver({ perSecond: 2 })
  await orders(5)
  await runAllDue()
  expect(receiver.received).toHaveLength(2)
  advance(seconds(1))
  await runAllDue()
  expect(receiver.received).toHaveLength(4)
  advance(seconds(1))
  await runAllDue()
  expect(receiver.received).toHaveLength(5)
})

test('after five calls into the void a receiver has half a minute of rest, and is then asked by one call', async () => {
  const receiver = await openReceiver()
  await receiver.close()
  await orders(8)
  await runAllDue()
  const resting = await endpointOf(receiver)
  expect(resting.unanswered).toBe(5)
  expect(resting.breakerUntil!.getTime()).toBe(now().getTime() + seconds(30))
  const tried = () =>
    Deliveries.countDocuments({ endpoint: receiver.endpoint._id, 'attemptLog.0': { $exists: true } })
  expect(await tried()).toBe(5)
  advance(seconds(29))
  await runAllDue()
  expect(await tried()).toBe(5)
  advance(seconds(1))
  expect(await sendAll()).toHaveLength(1)
})

test('a worker that died holds its turns for a minute only', async () => {
  const receiver = await openReceiver()
  await orders(5)
  await queueAll()
  for (let i = 0; i < 4; i++) await claimDelivery()
  expect(await claimDelivery()).toBeNull()
  advance(minutes(1))
  await runAllDue()
  expect(receiver.received).toHaveLength(5)
})

test('a receiver that never ends its answer has said enough with its status', async () => {
  const receiver = await openReceiver({
    answer: response => {
      response.writeHead(200)
      const chunk = 'x'.repeat(4096)
      const writing = setInterval(() => response.write(chunk), 1)
      response.on('close', () => clearInterval(writing))
    },
  })
  await orders(1)
  await runAllDue()
  const [delivery] = await Deliveries.find({ endpoint: receiver.endpoint._id }).lean<Delivery[]>()
  expect(delivery!.state).toBe('delivered')
  expect(delivery!.attemptLog[0]!.response).toHaveLength(16 * 1024)
})

test('a receiver that takes the call and says nothing is given up after 15 seconds', async () => {
  const receiver = await openReceiver({ answer: () => {} })
  await orders(1)
  const timers = jest.spyOn(global, 'setTimeout')
  timers.mockImplementation(((run: () => void, ms?: number) =>
    jest
      .requireActual<typeof import('node:timers')>('node:timers')
      .setTimeout(run, ms === 15_000 ? 50 : ms)) as never)
  await runAllDue()
  timers.mockRestore()
  const [delivery] = await Deliveries.find({ endpoint: receiver.endpoint._id }).lean<Delivery[]>()
  expect(delivery).toMatchObject({ state: 'pending', attemptLog: [{ status: null, error: 'timeout' }] })
  expect(delivery!.dueAt!.getTime()).toBeGreaterThanOrEqual(now().getTime() + seconds(60))
})
