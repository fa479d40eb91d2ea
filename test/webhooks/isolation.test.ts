import type { ServerResponse } from 'node:http'
import mongoose from 'mongoose'
import { minutes, now, seconds } from '../../src/platform/clock'
import { Deliveries } from '../../src/webhooks/delivery'
import { deliverMessages } from '../../src/webhooks/deliver'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { drainQueue } from '../../src/worker'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, endpointOf, openEndpointServer, status } from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

/** Queues a message about each of `n` people. */
async function payOrders(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await make.paidOrder(await make.person())
}

/** Runs the reactions without sending anything. */
async function queueAll(): Promise<void> {
  const { reactTo } = await import('../../src/events/react')
  const { reactions } = await import('../../src/reactions')
  await drainQueue(reactTo(reactions))
}

/** Starts all deliveries that can be sent now. Those to silent endpoints don't finish. */
async function sendAll(): Promise<Promise<void>[]> {
  const running: Promise<void>[] = []
  for (let send = await deliverMessages.take(); send; send = await deliverMessages.take())
    running.push(send())
  return running
}

test('of 20 endpoints one is dead and one is silent, and the others wait for neither', async () => {
  const healthy = await Promise.all(
    Array.from({ length: 18 }, () => openEndpointServer({ types: ['order.paid'] })),
  )
  const dead = await openEndpointServer({ types: ['order.paid'] })
  await dead.close()
  const unanswered: ServerResponse[] = []
  const silent = await openEndpointServer({
    types: ['order.paid'],
    respond: response => void unanswered.push(response),
  })
  await payOrders(5)
  await queueAll()

  const startedAt = performance.now()
  const running = await sendAll()
  while (healthy.some(({ received }) => received.length < 4)) {
    await Promise.race(running)
    running.push(...(await sendAll()))
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  // A silent call takes 15 s.
  expect(performance.now() - startedAt).toBeLessThan(12_000)
  expect(silent.received.length).toBe(4)
  expect((await endpointOf(dead)).unanswered).toBeGreaterThan(0)

  for (const response of unanswered) response.destroy()
  await Promise.all(running)
  silent.respondWith(status(200))
  await runAllDue()
  for (const { received } of healthy) expect(received).toHaveLength(5)
})

test('an endpoint gets at most four calls at a time', async () => {
  const waiting: ServerResponse[] = []
  const server = await openEndpointServer({ respond: response => void waiting.push(response) })
  await payOrders(6)
  await queueAll()
  const running = await sendAll()
  expect(running).toHaveLength(4)
  while (waiting.length < 4) await new Promise(resolve => setTimeout(resolve, 5))
  for (const response of waiting.splice(0)) response.writeHead(200).end()
  await Promise.all(running)
  server.respondWith(status(200))
  await runAllDue()
  expect(server.received).toHaveLength(6)
  expect((await endpointOf(server)).slots).toEqual([])
})

test('an endpoint gets no more messages per second than its rate limit', async () => {
  const server = await openEndpointServer({ perSecond: 2 })
  await payOrders(5)
  await runAllDue()
  expect(server.received).toHaveLength(2)
  advance(seconds(1))
  await runAllDue()
  expect(server.received).toHaveLength(4)
  advance(seconds(1))
  await runAllDue()
  expect(server.received).toHaveLength(5)
})

test('after five calls without a response an endpoint rests for 30 seconds, then gets one call', async () => {
  const server = await openEndpointServer()
  await server.close()
  await payOrders(8)
  await runAllDue()
  const resting = await endpointOf(server)
  expect(resting.unanswered).toBe(5)
  expect(resting.breakerUntil!.getTime()).toBe(now().getTime() + seconds(30))
  const attempted = () =>
    Deliveries.count({ endpoint: server.endpoint._id, 'attemptLog.0': { $exists: true } })
  expect(await attempted()).toBe(5)
  advance(seconds(29))
  await runAllDue()
  expect(await attempted()).toBe(5)
  advance(seconds(1))
  expect(await sendAll()).toHaveLength(1)
})

test('the slots of a worker that died expire after a minute', async () => {
  const server = await openEndpointServer()
  await payOrders(5)
  await queueAll()
  for (let i = 0; i < 4; i++) await deliverMessages.take()
  expect(await deliverMessages.take()).toBeNull()
  advance(minutes(1))
  await runAllDue()
  expect(server.received).toHaveLength(5)
})

test('the status of a response is enough, even when its body never ends', async () => {
  const server = await openEndpointServer({
    respond: response => {
      response.writeHead(200)
      const chunk = 'x'.repeat(4096)
      const writing = setInterval(() => response.write(chunk), 1)
      response.on('close', () => clearInterval(writing))
    },
  })
  await payOrders(1)
  await runAllDue()
  const [delivery] = await Deliveries.find({ endpoint: server.endpoint._id })
  expect(delivery!.state).toBe('delivered')
  expect(delivery!.attemptLog[0]!.response).toHaveLength(16 * 1024)
})

test('a call without a response times out after 15 seconds', async () => {
  const server = await openEndpointServer({ respond: () => {} })
  await payOrders(1)
  const timers = jest.spyOn(global, 'setTimeout')
  timers.mockImplementation(((run: () => void, ms?: number) =>
    jest
      .requireActual<typeof import('node:timers')>('node:timers')
      .setTimeout(run, ms === 15_000 ? 50 : ms)) as never)
  await runAllDue()
  timers.mockRestore()
  const [delivery] = await Deliveries.find({ endpoint: server.endpoint._id })
  expect(delivery).toMatchObject({ state: 'pending', attemptLog: [{ status: null, error: 'timeout' }] })
  expect(delivery!.dueAt!.getTime()).toBeGreaterThanOrEqual(now().getTime() + seconds(60))
})

test('the messages about one person arrive in order, while those about others are sent beside them', async () => {
  const server = await openEndpointServer({
    respond: response => void setTimeout(() => response.writeHead(200).end(), Math.random() * 20),
  })
  const people = await Promise.all(Array.from({ length: 5 }, () => make.person()))
  for (let i = 0; i < 6; i++) for (const person of people) await make.paidOrder(person)
  await runAllDue()
  const bodies = server.received.map(({ body }) => JSON.parse(body) as { sequence: number; data: Named })
  type Named = { person: { external_id: string } }
  for (const { _id } of people) {
    const own = bodies.filter(({ data }) => data.person.external_id === String(_id))
    expect(own.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6])
  }
})

test('a hundred slow endpoints leave a good one its slots', async () => {
  const unanswered: ServerResponse[] = []
  const slow = await Promise.all(
    Array.from({ length: 100 }, () =>
      openEndpointServer({ types: ['order.paid'], respond: response => void unanswered.push(response) }),
    ),
  )
  const good = await openEndpointServer({ name: 'A good one', types: ['order.paid'] })
  await payOrders(2)
  await queueAll()
  const running = await sendAll()
  while (good.received.length < 2) {
    await new Promise(resolve => setTimeout(resolve, 5))
    running.push(...(await sendAll()))
  }
  // Each has one call, and some have more.
  expect(slow.filter(({ received }) => received.length > 0).length).toBe(100)
  expect(unanswered.length).toBeLessThan(180)
  // While all of them are silent, a new message to the good one leaves at once.
  await payOrders(1)
  await queueAll()
  running.push(...(await sendAll()))
  while (good.received.length < 3) {
    await new Promise(resolve => setTimeout(resolve, 5))
    running.push(...(await sendAll()))
  }
  for (const server of slow) server.respondWith(status(200))
  for (const response of unanswered) response.writeHead(200).end()
  await Promise.all(running)
})

test('a queue of messages costs less than a command for each', async () => {
  const server = await openEndpointServer({ perSecond: 1000, types: ['order.paid'] })
  await payOrders(120)
  await queueAll()
  let commands = 0
  const recording: unknown = mongoose.get('debug')
  mongoose.set('debug', () => void commands++)
  await drainQueue(deliverMessages)
  mongoose.set('debug', recording as boolean)
  expect(await Deliveries.count({ endpoint: server.endpoint._id, state: 'delivered' })).toBe(120)
  expect(commands).toBeLessThan(120)
})
