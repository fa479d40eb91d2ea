import type { ServerResponse } from 'node:http'
import { startWorker } from '../../src/worker'
import { Deliveries } from '../../src/webhooks/delivery'
import { openAcademy, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from './endpoint-server'

let academy: Academy
let worker: ReturnType<typeof startWorker> | undefined

beforeAll(async () => (academy = await openAcademy()))
afterEach(async () => {
  await closeEndpointServers()
  await worker?.stop()
})
afterAll(() => academy.close())

async function payOrder(): Promise<void> {
  const ada = await make.person()
  await make.paidOrder(ada)
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 10))
}

test('while one endpoint is slow, new messages reach the others', async () => {
  const waiting: ServerResponse[] = []
  await openEndpointServer({ respond: response => void waiting.push(response) })
  const quick = await openEndpointServer()
  worker = startWorker()
  await payOrder()
  await until(() => waiting.length === 1 && quick.received.length === 1)
  await payOrder()
  await until(() => quick.received.length === 2 && waiting.length === 2)

  const stopped = worker.stop().then(() => 'stopped')
  for (const response of waiting) response.writeHead(200).end()
  expect(await stopped).toBe('stopped')
  expect(await Deliveries.count({ state: 'delivered' })).toBe(4)
})
