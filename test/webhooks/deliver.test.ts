import { Webhook } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { days, hours, minutes, now, seconds } from '../../src/platform/clock'
import { recordPaymentFact } from '../../src/orders/record-payment-fact'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { deliverMessages } from '../../src/webhooks/deliver'
import { pauseEndpoint } from '../../src/webhooks/pause-endpoint'
import { resumeEndpoint } from '../../src/webhooks/resume-endpoint'
import { rotateSecret } from '../../src/webhooks/rotate-secret'
import { delays } from '../../src/webhooks/retry-schedule'
import { Endpoints, liveSecrets } from '../../src/webhooks/endpoint'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, deliveryTo, endpointOf, openEndpointServer, status } from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

/** Ada pays for a course, which is one message to each endpoint whatever her score. */
async function adaPays(): Promise<Person> {
  const ada = await make.person({ name: 'Ada Lovelace' })
  await make.paidOrder(ada)
  return ada
}

describe('a message', () => {
  test('passes independent verifiers at the other end of a socket', async () => {
    const server = await openEndpointServer()
    const ada = await adaPays()
    await runAllDue()
    const [{ headers, body }] = server.received as [(typeof server.received)[0]]
    expect(new Webhook(server.secret).verify(body, headers)).toMatchObject({
      id: headers['webhook-id'],
      type: 'order.paid',
      sequence: 1,
      timestamp: '2026-11-23T09:00:00.000Z',
      data: { person: { external_id: String(ada._id), first_name: 'Ada', last_name: 'Lovelace' } },
    })
    expect(new Svix(server.secret).verify(body, headers)).toBeTruthy()
    expect(headers['content-type']).toBe('application/json')
    expect(await deliveryTo(server)).toMatchObject({
      state: 'delivered',
      dueAt: null,
      attemptLog: [{ status: 204 }],
    })
  })

  test('has the same bytes and id on every attempt, with a new signature', async () => {
    const server = await openEndpointServer({ respond: status(500) })
    await adaPays()
    await runAllDue()
    server.respondWith(status(200))
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + minutes(6))
    advance(seconds(7))
    await runAllDue()
    clock.mockRestore()
    const [first, second] = server.received
    expect(second!.body).toBe(first!.body)
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first!.headers['webhook-timestamp']) + 300,
    )
    expect(second!.headers['webhook-signature']).not.toBe(first!.headers['webhook-signature'])
  })

  test('is signed with both secrets for a day after a rotation, then with the new one only', async () => {
    const server = await openEndpointServer()
    await rotateSecret(server.endpoint)
    const [fresh, old] = liveSecrets(await endpointOf(server))
    expect(old).toBe(server.secret)
    await adaPays()
    await runAllDue()
    const { headers, body } = server.received[0]!
    expect(new Webhook(fresh!).verify(body, headers)).toBeTruthy()
    expect(new Webhook(old!).verify(body, headers)).toBeTruthy()
    advance(hours(24))
    expect(liveSecrets(await endpointOf(server))).toEqual([fresh])
  })

  test('about a dispute says where the order stands, with its number', async () => {
    const server = await openEndpointServer({ types: ['order.disputed'] })
    const order = await make.paidOrder(await make.person())
    const fact = {
      fact: 'dispute',
      dispute: 'dp_1',
      status: 'needs_response',
      payment: `pi_${order._id}`,
    } as const
    await recordPaymentFact(order._id, { ...fact, at: now() })
    await runAllDue()
    expect(server.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        type: 'order.disputed',
        data: { order: { amount_minor: 24000, state: 'disputed', sequence: 2, refunded_minor: 0 } },
      },
    ])
  })

  test('is sent once, however often the event is processed', async () => {
    const server = await openEndpointServer()
    const ada = await adaPays()
    await runAllDue()
    const { Events } = await import('../../src/events/event')
    await Events.updateMany({ person: ada._id }, { $set: { dueAt: now() } })
    await runAllDue()
    expect(server.received).toHaveLength(1)
  })
})

describe('an endpoint that fails', () => {
  test('of one message only gets ten attempts over three days, then the delivery is failed but not lost', async () => {
    const server = await openEndpointServer({ respond: status(500, {}, 'no') })
    await adaPays()
    for (const delay of delays) {
      await runAllDue()
      await Endpoints.updateOne({ _id: server.endpoint._id }, { $set: { lastSuccessAt: now() } })
      const { state, dueAt } = await deliveryTo(server)
      expect(state).toBe('pending')
      const ahead = dueAt!.getTime() - now().getTime()
      expect(ahead).toBeGreaterThanOrEqual(delay)
      expect(ahead).toBeLessThanOrEqual(delay * 1.2)
      setTime(dueAt!)
    }
    await runAllDue()
    const failed = await deliveryTo(server)
    expect(failed).toMatchObject({ state: 'failed', dueAt: null, failures: 10 })
    expect(failed.attemptLog.map(attempt => [attempt.status, attempt.response])).toEqual(
      Array(10).fill([500, 'no']),
    )
    expect(new Set(server.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test('is not followed to another URL', async () => {
    const elsewhere = await openEndpointServer({ types: ['lead.erased'] })
    const server = await openEndpointServer({ respond: status(302, { location: elsewhere.url }) })
    await adaPays()
    await runAllDue()
    expect(elsewhere.received).toHaveLength(0)
    expect(await deliveryTo(server)).toMatchObject({ state: 'pending', attemptLog: [{ status: 302 }] })
  })

  test('can ask for a longer delay, within limits', async () => {
    const server = await openEndpointServer({ respond: status(503, { 'retry-after': '8' }) })
    await adaPays()
    await runAllDue()
    expectDueIn(await deliveryTo(server), seconds(8), seconds(9.6))
  })

  test('gets at least a minute after a 429', async () => {
    const server = await openEndpointServer({ respond: status(429) })
    await adaPays()
    await runAllDue()
    expectDueIn(await deliveryTo(server), seconds(60), seconds(120))
  })

  test('is disabled by a 410, and gets the held messages when it is resumed', async () => {
    const server = await openEndpointServer({ respond: status(410) })
    const ada = await adaPays()
    await runAllDue()
    expect((await endpointOf(server)).state).toBe('disabled_gone')
    await make.paidOrder(ada)
    await runAllDue()
    const states = await Deliveries.find({ endpoint: server.endpoint._id })
    expect(states.map(({ state }) => state)).toEqual(['held', 'held'])
    server.respondWith(status(200))
    expect(await resumeEndpoint(server.endpoint._id)).toBe(2)
    await runAllDue()
    expect(server.received).toHaveLength(3)
    expect(await Deliveries.count({ endpoint: server.endpoint._id, state: 'delivered' })).toBe(2)
  })

  test('can refuse a single message for good', async () => {
    const server = await openEndpointServer({ respond: status(422, { 'webhook-delivery': 'abort-message' }) })
    await adaPays()
    await runAllDue()
    expect(await deliveryTo(server)).toMatchObject({ state: 'cancelled', reason: 'endpoint', dueAt: null })
  })

  test('is disabled after five days without a success, and nothing is dropped', async () => {
    const server = await openEndpointServer({ respond: status(500) })
    const ada = await adaPays()
    await runAllDue()
    for (let day = 1; day <= 5; day++) {
      advance(days(1))
      await make.paidOrder(ada)
      await runAllDue()
    }
    expect((await endpointOf(server)).state).toBe('disabled_auto')
    const states = await Deliveries.distinct('state', { endpoint: server.endpoint._id })
    expect(states.sort()).toEqual(['held'])
  })

  test('is not disabled when its first failure comes after a quiet week', async () => {
    const server = await openEndpointServer({ respond: status(500) })
    advance(days(7))
    await adaPays()
    await runAllDue()
    expect((await endpointOf(server)).state).toBe('active')
  })
})

describe('a paused endpoint', () => {
  test('gets its held messages when it is resumed', async () => {
    const server = await openEndpointServer()
    const ada = await adaPays()
    await pauseEndpoint(server.endpoint._id)
    await runAllDue()
    await make.paidOrder(ada)
    await runAllDue()
    expect(server.received).toHaveLength(0)
    expect(await resumeEndpoint(server.endpoint._id)).toBe(2)
    await runAllDue()
    expect(server.received).toHaveLength(2)
  })
})

describe('nothing is lost', () => {
  test('when a worker dies after the claim, another one delivers after the lease', async () => {
    const server = await openEndpointServer()
    await adaPays()
    await drainEvents()
    expect(await deliverMessages.take()).not.toBeNull()
    expect(await deliverNext()).toBe(false)
    advance(seconds(31))
    expect(await deliverNext()).toBe(true)
    expect(server.received).toHaveLength(1)
    expect((await deliveryTo(server)).state).toBe('delivered')
  })

  test('when a worker dies after the 2xx, the message is sent again with the same id', async () => {
    const server = await openEndpointServer()
    await adaPays()
    await drainEvents()
    const send = await deliverMessages.take()
    const update = jest.spyOn(Deliveries, 'update').mockRejectedValue(new Error('the process died here'))
    await expect(send!()).rejects.toThrow('died')
    update.mockRestore()
    advance(seconds(61))
    await runAllDue()
    expect(server.received).toHaveLength(2)
    expect(server.received[1]!.headers['webhook-id']).toBe(server.received[0]!.headers['webhook-id'])
    expect((await deliveryTo(server)).attemptLog).toHaveLength(1)
  })

  test('a worker that stalled past its lease does not overwrite the result of another one', async () => {
    const server = await openEndpointServer({ respond: status(500) })
    await adaPays()
    await drainEvents()
    const stalled = await deliverMessages.take()
    advance(seconds(31))
    server.respondWith(status(200))
    await runAllDue()
    server.respondWith(status(500))
    await stalled!()
    expect(await deliveryTo(server)).toMatchObject({ state: 'delivered', attemptLog: [{ status: 200 }] })
    expect(server.received).toHaveLength(2)
  })

  test('a long call extends its lease', async () => {
    const server = await openEndpointServer()
    await adaPays()
    await drainEvents()
    const ticks: (() => void)[] = []
    jest
      .spyOn(global, 'setInterval')
      .mockImplementationOnce(((tick: () => void) => (ticks.push(tick), { unref() {} })) as never)
    let respond = () => {}
    server.respondWith(response => void (respond = () => void response.writeHead(200).end()))
    const sending = deliverNext()
    while (!server.received.length) await new Promise(resolve => setTimeout(resolve, 5))
    advance(seconds(20))
    ticks[0]!()
    await new Promise(resolve => setTimeout(resolve, 50))
    advance(seconds(20))
    expect(await deliverMessages.take()).toBeNull()
    respond()
    await sending
    expect((await deliveryTo(server)).state).toBe('delivered')
  })
})

function expectDueIn({ dueAt }: Delivery, least: number, most: number): void {
  const ahead = dueAt!.getTime() - now().getTime()
  expect(ahead).toBeGreaterThanOrEqual(least)
  expect(ahead).toBeLessThanOrEqual(most)
}

/** Sends one due delivery; false when none is due. */
async function deliverNext(): Promise<boolean> {
  const send = await deliverMessages.take()
  await send?.()
  return send !== null
}

/** Runs the reactions without sending anything. */
async function drainEvents(): Promise<void> {
  const { reactTo } = await import('../../src/events/react')
  const { reactions } = await import('../../src/reactions')
  const { drainQueue } = await import('../../src/worker')
  await drainQueue(reactTo(reactions))
}
