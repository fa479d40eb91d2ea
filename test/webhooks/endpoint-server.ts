import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { subscribable, type MessageType } from '../../src/webhooks/message-types'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { Endpoints, liveSecrets, type Endpoint } from '../../src/webhooks/endpoint'
import { removeEndpoint } from '../../src/webhooks/remove-endpoint'
import type { Person } from '../../src/people/person'

/** What came in at a receiver, as bytes. */
type Received = { headers: Record<string, string>; body: string }

export type Receiver = {
  endpoint: Endpoint
  secret: string
  url: string
  received: Received[]
  /** What it answers from now on; 204 unless said. */
  answer: (how: Answer) => void
  close: () => Promise<void>
}

type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void

let count = 0
const open: Receiver[] = []

/** Somebody's CRM on a socket of its own, known to the academy as a receiver, until `closeReceivers`. */
export async function openReceiver(
  wish: { name?: string; types?: MessageType[]; perSecond?: number; answer?: Answer } = {},
): Promise<Receiver> {
  const received: Received[] = []
  let answer: Answer = wish.answer ?? (response => response.writeHead(204).end())
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk as Buffer))
    request.on('end', () => {
      received.push({
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      })
      answer(response, request, received.length)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  const endpoint = await addEndpoint({
    name: wish.name ?? `CRM ${++count}`,
    url,
    types: wish.types ?? subscribable,
    perSecond: wish.perSecond ?? 50,
  })
  const receiver: Receiver = {
    endpoint,
    secret: liveSecrets(endpoint)[0]!,
    url,
    received,
    answer: how => void (answer = how),
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  open.push(receiver)
  return receiver
}

/** Closes all that are open, and the academy forgets them: for `afterEach`. */
export async function closeReceivers(): Promise<void> {
  for (const receiver of open.splice(0)) {
    await receiver.close()
    await removeEndpoint(receiver.endpoint._id)
  }
}

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  response =>
    void response.writeHead(code, headers).end(body)

/** The one delivery to a receiver about somebody. */
export async function deliveryTo(
  receiver: Receiver,
  person?: Pick<Person, '_id'>,
  type?: Delivery['type'],
): Promise<Delivery> {
  const found = await Deliveries.findOne({
    endpoint: receiver.endpoint._id,
    ...(person && { person: person._id }),
    ...(type && { type }),
  }).lean<Delivery>()
  if (!found) throw new Error('there is no such delivery')
  return found
}

export async function endpointOf(receiver: Receiver): Promise<Endpoint> {
  return (await Endpoints.findById(receiver.endpoint._id).lean<Endpoint>())!
}
