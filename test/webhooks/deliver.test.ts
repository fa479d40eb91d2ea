import { Webhook } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { days, hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { deliverNext, claimDelivery } from '../../src/webhooks/deliver'
import { pauseEndpoint } from '../../src/webhooks/pause-endpoint'
import { resumeEndpoint } from '../../src/webhooks/resume-endpoint'
import { rotateSecret } from '../../src/webhooks/rotate-secret'
import { delays } from '../../src/webhooks/retry-schedule'
import { liveSecrets } from '../../src/webhooks/endpoint'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeReceivers, deliveryTo, endpointOf, openReceiver, status } from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeReceivers)
afterAll(() => academy.close())

/** Ada has paid a course, which is one message to each receiver, whatever the score says. */
async function adaHasPaid(): Promise<Person> {
  const ada = await make.person({ name: 'Ada Lovelace' })
  await order(ada)
  return ada
}

let count = 0
async function order(person: Person): Promise<void> {
  const id = `order-${++count}`
  const data = { order: id, amount: 24000, currency: 'EUR', title: 'Running an academy' }
  await record({ name: 'order.paid', person: person._id, idempotencyKey: [id], data })
}

describe('what a receiver gets', () => {
  test('is believed by verifiers that others wrote, over a socket', async () => {
    const receiver = await openReceiver()
    const ada = await adaHasPaid()
    await runAllDue()
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]]
    expect(new Webhook(receiver.secret).verify(body, headers)).toMatchObject({
      id: headers['webhook-id'],
      type: 'order.paid',
      sequence: 1,
      timestamp: '2026-11-23T09:00:00.000Z',
      data: { person: { external_id: String(ada._id), first_name: 'Ada', last_name: 'Lovelace' } },
    })
    expect(new Svix(receiver.secret).verify(body, headers)).toBeTruthy()
    expect(headers['content-type']).toBe('application/json')
    expect(await deliveryTo(receiver)).toMatchObject({
      state: 'delivered',
      dueAt: null,
      attemptLog: [{ status: 204 }],
    })
  })

  test('is byte for byte the same on every try, under the same id, with a new signature', async () => {
    const receiver = await openReceiver({ answer: status(500) })
    await adaHasPaid()
    await runAllDue()
    receiver.answer(status(200))
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + minutes(6))
    advance(seconds(7))
    await runAllDue()
    clock.mockRestore()
    const [first, second] = receiver.received
    expect(second!.body).toBe(first!.body)
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first!.headers['webhook-timestamp']) + 300,
    )
    expect(second!.headers['webhook-signature']).not.toBe(first!.headers['webhook-signature'])
  })

  test('is signed with both secrets for a day after a rotation, then with the new one only', async () => {
    const receiver = await openReceiver()
    await rotateSecret(receiver.endpoint)
    const [fresh, old] = liveSecrets(await endpointOf(receiver))
    expect(old).toBe(receiver.secret)
    await adaHasPaid()
    await runAllDue()
    const { headers, body } = receiver.received[0]!
    expect(new Webhook(fresh!).verify(body, headers)).toBeTruthy()
    expect(new Webhook(old!).verify(body, headers)).toBeTruthy()
    advance(hours(24))
    expect(liveSecrets(await endpointOf(receiver))).toEqual([fresh])
  })

  test('comes once, however often the event is worked off', async () => {
    const receiver = await openReceiver()
    const ada = await adaHasPaid()
    await runAllDue()
    const { Events } = await import('../../src/events/event')
    await Events.updateMany({ person: ada._id }, { $set: { dueAt: now() } })
    await runAllDue()
    expect(receiver.received).toHaveLength(1)
  })
})

describe('a receiver that fails', () => {
  test('is tried ten times over three days, and then the message is dead, not gone', async () => {
    const receiver = await openReceiver({ answer: status(500, {}, 'no') })
    await adaHasPaid()
    for (const wait of delays) {
      await runAllDue()
      const { state, dueAt } = await deliveryTo(receiver)
      expect(state).toBe('pending')
      const ahead = dueAt!.getTime() - now().getTime()
      expect(ahead).toBeGreaterThanOrEqual(wait * 0.8)
      expect(ahead).toBeLessThanOrEqual(wait * 1.2)
      setTime(dueAt!)
    }
    await runAllDue()
    const dead = await deliveryTo(receiver)
    expect(dead).toMatchObject({ state: 'failed', dueAt: null, failures: 10 })
    expect(dead.attemptLog.map(one => [one.status, one.response])).toEqual(Array(10).fill([500, 'no']))
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test('is not followed to another address', async () => {
    const elsewhere = await openReceiver({ types: ['lead.erased'] })
    const receiver = await openReceiver({ answer: status(302, { location: elsewhere.url }) })
    await adaHasPaid()
    await runAllDue()
    expect(elsewhere.received).toHaveLength(0)
    expect(await deliveryTo(receiver)).toMatchObject({ state: 'pending', attemptLog: [{ status: 302 }] })
  })

  test('may say how long to wait, within limits', async () => {
    const receiver = await openReceiver({ answer: status(503, { 'retry-after': '8' }) })
    await adaHasPaid()
    await runAllDue()
    expect((await deliveryTo(receiver)).dueAt).toEqual(later(now(), seconds(8)))
  })

  test('has a minute of rest when it answers 429', async () => {
    const receiver = await openReceiver({ answer: status(429) })
    await adaHasPaid()
    await runAllDue()
    expect((await deliveryTo(receiver)).dueAt).toEqual(later(now(), seconds(60)))
  })

  test('is switched off by a 410; what happens is held and comes when it is resumed', async () => {
    const receiver = await openReceiver({ answer: status(410) })
    const ada = await adaHasPaid()
    await runAllDue()
    expect((await endpointOf(receiver)).state).toBe('disabled_gone')
    await order(ada)
    await runAllDue()
    const states = await Deliveries.find({ endpoint: receiver.endpoint._id }).lean<Delivery[]>()
    expect(states.map(({ state }) => state)).toEqual(['held', 'held'])
    receiver.answer(status(200))
    expect(await resumeEndpoint(receiver.endpoint._id)).toBe(2)
    await runAllDue()
    expect(receiver.received).toHaveLength(3)
    expect(await Deliveries.countDocuments({ endpoint: receiver.endpoint._id, state: 'delivered' })).toBe(2)
  })

  test('may ask that one message does not come again', async () => {
    const receiver = await openReceiver({ answer: status(422, { 'webhook-delivery': 'abort-message' }) })
    await adaHasPaid()
    await runAllDue()
    expect(await deliveryTo(receiver)).toMatchObject({ state: 'cancelled', reason: 'endpoint', dueAt: null })
  })

  test('is switched off after five days without a success, and nothing is dropped', async () => {
    const receiver = await openReceiver({ answer: status(500) })
    const ada = await adaHasPaid()
    await runAllDue()
    for (let day = 1; day <= 5; day++) {
      advance(days(1))
      await order(ada)
      await runAllDue()
    }
    expect((await endpointOf(receiver)).state).toBe('disabled_auto')
    const states = await Deliveries.distinct('state', { endpoint: receiver.endpoint._id })
    expect(states.sort()).toEqual(['held'])
  })

  test('is not switched off for failing today after a quiet week', async () => {
    const receiver = await openReceiver({ answer: status(500) })
    advance(days(7))
    await adaHasPaid()
    await runAllDue()
    expect((await endpointOf(receiver)).state).toBe('active')
  })
})

describe('a paused receiver', () => {
  test('gets what was held when it is resumed', async () => {
    const receiver = await openReceiver()
    const ada = await adaHasPaid()
    await pauseEndpoint(receiver.endpoint._id)
    await runAllDue()
    await order(ada)
    await runAllDue()
    expect(receiver.received).toHaveLength(0)
    expect(await resumeEndpoint(receiver.endpoint._id)).toBe(2)
    await runAllDue()
    expect(receiver.received).toHaveLength(2)
  })
})

describe('nothing is lost', () => {
  test('a worker that dies after the claim leaves the delivery to the next one, after its lease', async () => {
    const receiver = await openReceiver()
    await adaHasPaid()
    await drainEvents()
    expect(await claimDelivery()).not.toBeNull()
    expect(await deliverNext()).toBe(false)
    advance(seconds(31))
    expect(await deliverNext()).toBe(true)
    expect(receiver.received).toHaveLength(1)
    expect((await deliveryTo(receiver)).state).toBe('delivered')
  })

  test('a worker that dies after the 2xx sends the message again under the same id', async () => {
    const receiver = await openReceiver()
    await adaHasPaid()
    await drainEvents()
    const send = await claimDelivery()
    const kept = jest.spyOn(Deliveries, 'updateOne').mockRejectedValueOnce(new Error('the process died here'))
    await expect(send!()).rejects.toThrow('died')
    kept.mockRestore()
    advance(seconds(61))
    await runAllDue()
    expect(receiver.received).toHaveLength(2)
    expect(receiver.received[1]!.headers['webhook-id']).toBe(receiver.received[0]!.headers['webhook-id'])
    expect((await deliveryTo(receiver)).attemptLog).toHaveLength(1)
  })

  test('a worker that stalled past its lease may not overwrite what another one found', async () => {
    const receiver = await openReceiver({ answer: status(500) })
    await adaHasPaid()
    await drainEvents()
    const stalled = await claimDelivery()
    advance(seconds(31))
    receiver.answer(status(200))
    await runAllDue()
    receiver.answer(status(500))
    await stalled!()
    expect(await deliveryTo(receiver)).toMatchObject({ state: 'delivered', attemptLog: [{ status: 200 }] })
    expect(receiver.received).toHaveLength(2)
  })

  test('a long call keeps its lease', async () => {
    const receiver = await openReceiver()
    await adaHasPaid()
    await drainEvents()
    const beats: (() => void)[] = []
    jest
      .spyOn(global, 'setInterval')
      .mockImplementationOnce(((beat: () => void) => void beats.push(beat)) as never)
    let answer = () => {}
    receiver.answer(response => void (answer = () => void response.writeHead(200).end()))
    const sending = deliverNext()
    while (!receiver.received.length) await new Promise(resolve => setTimeout(resolve, 5))
    advance(seconds(20))
    beats[0]!()
    await new Promise(resolve => setTimeout(resolve, 50))
    advance(seconds(20))
    expect(await claimDelivery()).toBeNull()
    answer()
    await sending
    expect((await deliveryTo(receiver)).state).toBe('delivered')
  })
})

/** Does the reactions, and sends nothing. */
async function drainEvents(): Promise<void> {
  const { processNextEvent } = await import('../../src/events/react')
  const { reactions } = await import('../../src/reactions')
  while (await processNextEvent(reactions));
}
