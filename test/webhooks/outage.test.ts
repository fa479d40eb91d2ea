import { hours, minutes, now } from '../../src/platform/clock'
import { Deliveries } from '../../src/webhooks/delivery'
import { resumeEndpoint } from '../../src/webhooks/resume-endpoint'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import {
  closeEndpointServers,
  endpointOf,
  openEndpointServer,
  status,
  type EndpointServer,
} from './endpoint-server'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(closeEndpointServers)
afterAll(() => academy.close())

/** Moves the clock to the next attempt, one after another, until an outage has lasted this long. */
async function suffer(server: EndpointServer, outage: number): Promise<void> {
  const end = now().getTime() + outage
  await runAllDue()
  for (;;) {
    const [next] = await Deliveries.find({ endpoint: server.endpoint._id, dueAt: { $ne: null } })
      .sort({ dueAt: 1 })
      .limit(1)
    if (!next || next.dueAt!.getTime() >= end) break
    // A breaker that is open, or the rate limit, delays an attempt that is due.
    setTime(new Date(Math.max(next.dueAt!.getTime(), now().getTime() + minutes(1))))
    await runAllDue()
  }
  setTime(new Date(end))
}

const statesOf = (server: EndpointServer) => Deliveries.distinct('state', { endpoint: server.endpoint._id })

async function payOrders(n: number): Promise<void> {
  const ada = await make.person()
  for (let i = 0; i < n; i++) await make.paidOrder(ada)
}

test.each([
  ['72 h', hours(72)],
  ['100 h', hours(100)],
])('an outage of %s loses nothing, and nobody has to do anything', async (_title, outage) => {
  const server = await openEndpointServer({ respond: status(503) })
  await payOrders(12)
  await suffer(server, outage)
  expect(await statesOf(server)).toEqual(['pending'])
  server.respondWith(status(200))
  for (let day = 0; day < 2; day++) {
    advance(hours(29))
    await runAllDue()
  }
  expect(await statesOf(server)).toEqual(['delivered'])
})

test('an outage of 140 h disables the endpoint, which holds everything until it is resumed', async () => {
  const server = await openEndpointServer({ respond: status(503) })
  await payOrders(12)
  await suffer(server, hours(140))
  expect((await endpointOf(server)).state).toBe('disabled_auto')
  expect(await statesOf(server)).toEqual(['held'])
  server.respondWith(status(200))
  expect(await resumeEndpoint(server.endpoint._id)).toBe(12)
  await runAllDue()
  expect(await statesOf(server)).toEqual(['delivered'])
})

test('the last attempt of a message is not before 75 h after the first', async () => {
  const server = await openEndpointServer({ respond: status(503) })
  await payOrders(12)
  await suffer(server, hours(120) - minutes(1))
  for (const { attemptLog } of await Deliveries.find({ endpoint: server.endpoint._id })) {
    const [first, tenth] = [attemptLog[0]!, attemptLog[9]!]
    expect(tenth.at.getTime() - first.at.getTime()).toBeGreaterThanOrEqual(hours(75))
  }
})
