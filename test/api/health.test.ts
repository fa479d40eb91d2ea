import mongoose from 'mongoose'
import request from 'supertest'
import { minutes } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { heartbeat } from '../../src/platform/clock-jump'
import { startWorker } from '../../src/worker'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => jest.restoreAllMocks())
afterAll(() => academy.close())

test('a monitor sees that the process runs, without a session', async () => {
  const response = await request(theApp()).get('/healthz').expect(200, { status: 'ok' })
  expect(response.get('set-cookie')).toBeUndefined()
  expect(response.get('cache-control')).toBe('no-store')
})

test('the process is ready when the database responds and a worker is up', async () => {
  await heartbeat()
  await request(theApp()).get('/readyz').expect(200, { status: 'ready', database: 'up', worker: 'up' })
})

test('the process is not ready after a minute without a heartbeat', async () => {
  await heartbeat()
  advance(minutes(1))
  await request(theApp()).get('/readyz').expect(503, { status: 'not ready', database: 'up', worker: 'down' })
})

test('a worker sends a heartbeat when it starts, and stops when asked', async () => {
  advance(minutes(10))
  const worker = startWorker()
  for (let i = 0; i < 100; i++) {
    if ((await request(theApp()).get('/readyz')).status === 200) break
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  await request(theApp()).get('/readyz').expect(200)
  await worker.stop()
})

test('the process is not ready when the database does not respond', async () => {
  jest.spyOn(mongoose.connection.db!, 'admin').mockReturnValue({
    ping: () => Promise.reject(new Error('connection refused')),
  } as never)
  await request(theApp())
    .get('/readyz')
    .expect(503, { status: 'not ready', database: 'down', worker: 'down' })
})

test('metrics are only for a monitor with the token, except in the demo', async () => {
  await request(theApp()).get('/courses/nobody-has-this').expect(404)
  const metrics = await request(theApp()).get('/metrics').expect(200)
  expect(metrics.text).toContain('academy_deliveries{state="failed"} 0')
  expect(metrics.text).toContain('academy_events_due 0')
  expect(metrics.text).toContain('academy_emails_due 0')
  expect(metrics.text).toMatch(
    /http_request_duration_seconds_count\{method="GET",route="\/courses\/:[a-z]+",status="404"\} 1/,
  )
  expect(metrics.text).toContain('process_resident_memory_bytes')
  config.metricsToken = 'a token of the monitor, long enough'.replaceAll(' ', '-')
  await request(theApp()).get('/metrics').expect(403)
  await request(theApp()).get('/metrics').set('authorization', 'Bearer guessed').expect(403)
  await request(theApp()).get('/metrics').set('authorization', `Bearer ${config.metricsToken}`).expect(200)
  config.metricsToken = undefined
  config.demo = false
  await request(theApp()).get('/metrics').set('authorization', 'Bearer undefined').expect(403)
  config.demo = true
})

test('due events are counted', async () => {
  const ada = await make.person()
  await record({ name: 'person.confirmed', person: ada._id, idempotencyKey: [], data: {} })
  const { text } = await request(theApp()).get('/metrics').expect(200)
  expect(text).toContain('academy_events_due 1')
})

test('payments, replays and dead letters are counted, so that an alert can watch them', async () => {
  const { text } = await request(theApp()).get('/metrics').expect(200)
  expect(text).toContain('academy_payments_due 0')
  expect(text).toContain('academy_recoveries_due 0')
  expect(text).toContain('academy_sessions_due{queue="session-bookings"} 0')
  const { _id: person } = await make.person()
  await record({ name: 'person.confirmed', person, idempotencyKey: [], data: {} })
  await Events.updateOne(
    { person, name: 'person.confirmed' },
    { $set: { dueAt: null, failedAt: new Date() } },
  )
  const later = await request(theApp()).get('/metrics').expect(200)
  expect(later.text).toContain('academy_dead_letters{queue="events"} 1')
  expect(later.text).toContain('academy_dead_letters{queue="outcomes"} 0')
})
