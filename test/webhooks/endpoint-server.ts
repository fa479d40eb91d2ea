import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { outcomeNames } from '../../src/leads/apply-outcome'
import { subscribable, type MessageType } from '../../src/webhooks/message-types'
import { Deliveries, type Delivery } from '../../src/webhooks/delivery'
import { Endpoints, liveSecrets, type Endpoint } from '../../src/webhooks/endpoint'
import { removeEndpoint } from '../../src/webhooks/remove-endpoint'
import type { Person } from '../../src/people/person'

/** A request as it arrived, with its body byte for byte. */
type Received = { headers: Record<string, string>; body: string }

export type EndpointServer = {
  endpoint: Endpoint
  secret: string
  url: string
  received: Received[]
  /** Sets how it responds from now on; the default is a 204. */
  respondWith: (respond: Responder) => void
  close: () => Promise<void>
}

type Responder = (response: ServerResponse, request: IncomingMessage, count: number) => void

let count = 0
const open: EndpointServer[] = []

/** Starts a CRM on its own socket and adds it as an endpoint, until `closeEndpointServers`. */
export async function openEndpointServer(
  input: { name?: string; types?: MessageType[]; perSecond?: number; respond?: Responder } = {},
): Promise<EndpointServer> {
  const received: Received[] = []
  let respond: Responder = input.respond ?? (response => response.writeHead(204).end())
  const httpServer: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk as Buffer))
    request.on('end', () => {
      received.push({
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      })
      respond(response, request, received.length)
    })
  })
  await new Promise<void>(resolve => httpServer.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}/hooks`
  const endpoint = await addEndpoint({
    name: input.name ?? `CRM ${++count}`,
    url,
    types: input.types ?? subscribable,
    inbound: [...outcomeNames],
    perSecond: input.perSecond ?? 50,
  })
  const server: EndpointServer = {
    endpoint,
    secret: liveSecrets(endpoint)[0]!,
    url,
    received,
    respondWith: next => void (respond = next),
    close: () =>
      new Promise(resolve => {
        httpServer.closeAllConnections()
        httpServer.close(() => resolve())
      }),
  }
  open.push(server)
  return server
}

/** Closes all open servers and removes their endpoints, for `afterEach`. */
export async function closeEndpointServers(): Promise<void> {
  for (const server of open.splice(0)) {
    await server.close()
    await removeEndpoint(server.endpoint._id)
  }
}

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Responder =>
  response =>
    void response.writeHead(code, headers).end(body)

/** Returns the one delivery to a server, for a person and a type if they are given. */
export async function deliveryTo(
  server: EndpointServer,
  person?: Pick<Person, '_id'>,
  type?: Delivery['type'],
): Promise<Delivery> {
  const found = await Deliveries.findOne({
    endpoint: server.endpoint._id,
    ...(person && { person: person._id }),
    ...(type && { type }),
  })
  if (!found) throw new Error('there is no such delivery')
  return found
}

/** Returns the endpoint of a server as it is stored now. */
export async function endpointOf(server: EndpointServer): Promise<Endpoint> {
  return (await Endpoints.findById(server.endpoint._id))!
}
