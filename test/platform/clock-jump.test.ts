import request from 'supertest'
import { hours, later, minutes, now, seconds } from '../../src/platform/clock'
import { Emails } from '../../src/mail/email'
import { recordHeartbeat } from '../../src/platform/queue'
import { limiter } from '../../src/web/rate-limit'
import { deliverMessages } from '../../src/webhooks/deliver'
import { Endpoints } from '../../src/webhooks/endpoint'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, deliveryTo, openEndpointServer, status } from '../webhooks/endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  await recordHeartbeat()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await closeEndpointServers()
  // The next test starts before this one ended.
  setTime('2026-11-23T07:00:00Z')
  await recordHeartbeat()
})
afterAll(() => academy.close())

/** The clock was an hour ahead, with a worker at work, and is set right. */
async function setClockBack(): Promise<void> {
  await recordHeartbeat()
  advance(-hours(1))
  await recordHeartbeat()
}

async function payOrder(): Promise<void> {
  await make.paidOrder(await make.person())
}

test('messages still leave when the clock jumps back an hour, in spite of rate limit and breaker', async () => {
  const server = await openEndpointServer()
  await payOrder()
  const ahead = { nextSendAt: later(now(), 500), breakerUntil: later(now(), seconds(30)), unanswered: 5 }
  await Endpoints.updateOne({ _id: server.endpoint._id }, { $set: ahead })
  await setClockBack()
  await runAllDue()
  expect(server.received).toHaveLength(1)
})

test('messages that a worker had claimed before the clock jumped back are taken over after its lease', async () => {
  const server = await openEndpointServer()
  await payOrder()
  await runAllDue()
  await Deliveries.updateMany({}, { $set: { state: 'pending', dueAt: now() } })
  expect(await deliverMessages.take()).not.toBeNull()
  await setClockBack()
  advance(seconds(31))
  await runAllDue()
  expect(server.received).toHaveLength(2)
})

test('a message that waits for its next attempt waits no longer because the clock jumped back', async () => {
  const server = await openEndpointServer({ respond: status(500) })
  await payOrder()
  await runAllDue()
  const before = (await deliveryTo(server)).dueAt!.getTime() - now().getTime()
  await setClockBack()
  expect((await deliveryTo(server)).dueAt!.getTime() - now().getTime()).toBe(before)
})

test('what other queues have scheduled moves back too: emails leave at once', async () => {
  const ada = await make.person()
  await make.paidOrder(ada)
  await setClockBack()
  await runAllDue()
  expect(await Emails.exists({ person: ada._id, sentAt: { $ne: null } })).toBe(true)
})

test('a monitor sees for an hour that the clock went back', async () => {
  await setClockBack()
  const { body } = await request(theApp()).get('/readyz').expect(200)
  expect(body.clock).toBe('went back 3600 s at 2026-11-23T08:00:00.000Z')
  advance(hours(1) + minutes(1))
  await recordHeartbeat()
  expect((await request(theApp()).get('/readyz').expect(200)).body).not.toHaveProperty('clock')
})

test('a caller who has used up a rate limit waits no longer than its window when the clock jumps back', async () => {
  const limit = limiter('clock-jump', { points: 1, seconds: 60 })
  expect(await limit.take('ada')).toBe(0)
  expect(await limit.take('ada')).toBeGreaterThan(0)
  const { now: machineNow } = Date
  jest.spyOn(Date, 'now').mockImplementation(() => machineNow() - hours(1))
  expect(await limit.take('ada')).toBe(0)
  expect(await limit.take('ada')).toBeLessThanOrEqual(60)
})
