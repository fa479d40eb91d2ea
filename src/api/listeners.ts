import express from 'express'
import type { Request } from 'express'
import { z } from 'zod'
import { seconds } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People } from '../people/person'
import { Deliveries } from '../webhooks/delivery'
import { Endpoints, type Endpoint } from '../webhooks/endpoint'
import {
  endListener,
  findListenToken,
  messagesFor,
  recordForwarded,
  seenListener,
  startListener,
  type ListenToken,
} from '../webhooks/listener'
import { permissionsOf } from '../web/guard'
import type { Handler } from '../web/handler'
import { bodyReader } from '../web/route'

/** How long a command waits for messages in one request, and how often it is checked whether there are any. */
const [longestWait, checkEvery] = [seconds(8), 400]

const jsonBody = bodyReader(express.json({ limit: '64kb' }))

/** Returns the token of a request, whose owner may still change endpoints. @throws HttpError 401 without one. */
async function tokenOf(request: Request): Promise<ListenToken> {
  const [, token = ''] = /^Bearer (listen_[\w-]{32})$/.exec(request.get('authorization') ?? '') ?? []
  const found = token ? await findListenToken(token) : null
  const owner = found && (await People.findById(found.person))
  if (!owner || owner.suspendedAt || !permissionsOf(owner).endpoints) {
    throw new HttpError(401, 'api:errors.listenToken')
  }
  return found
}

/** Returns the endpoint of the command that sends a request. @throws HttpError 404 when it has ended. */
async function listenerOf(request: Request): Promise<Endpoint> {
  const listener = await seenListener(await tokenOf(request))
  if (!listener) throw new HttpError(404, 'api:errors.noListener')
  return listener
}

const startBody = z.object({ forward: z.url().max(300), machine: z.string().trim().min(1).max(40) })

/** `POST /api/listeners`: adds the temporary endpoint of a command, or finds the one that its token has already. */
export const start: Handler[] = [
  jsonBody,
  async (request, response) => {
    const token = await tokenOf(request)
    const { forward, machine } = read(startBody, request)
    const started = await startListener(token, { name: machine, forwardsTo: forward })
    if (!started) throw new HttpError(404, 'api:errors.noListener')
    const { listener, secret, source, isNew } = started
    if (isNew) {
      const detail = { name: source.name, forward }
      await audit({ actor: token.person, action: 'listener.started', subject: String(listener._id), detail })
    }
    response
      .set('cache-control', 'no-store')
      .status(201)
      .json({
        id: String(listener._id),
        endpoint: source.name,
        types: listener.types,
        secret,
        expires_at: token.expiresAt.toISOString(),
      })
  },
]

/** `GET /api/listeners/messages`: the messages that wait, as soon as there are any, or none after 8 seconds. */
export const messages: Handler = async (request, response) => {
  const listener = await listenerOf(request)
  const until = performance.now() + longestWait
  let found = await messagesFor(listener)
  while (!found.length && performance.now() < until && !request.destroyed) {
    await new Promise(resolve => setTimeout(resolve, checkEvery))
    const [isWaiting, now] = await Promise.all([
      Deliveries.exists({ endpoint: listener._id, state: 'held' }),
      Endpoints.findById(listener._id),
    ])
    if (!now || now.removedAt) break
    if (isWaiting || now.listener?.tests.length) found = await messagesFor(now)
  }
  response.set('cache-control', 'no-store').json({ messages: found })
}

const resultBody = z.object({
  id: z.string().min(1).max(100),
  status: z.number().int().min(100).max(599).nullable(),
  error: z.string().max(100).nullable(),
  duration_ms: z.number().int().min(0).max(3_600_000),
  response: z.string().max(16_384),
})

/** `POST /api/listeners/results`: what the developer's machine responded to one message. */
export const result: Handler[] = [
  jsonBody,
  async (request, response) => {
    const listener = await listenerOf(request)
    const { duration_ms: durationMs, ...rest } = read(resultBody, request)
    await recordForwarded(listener, { ...rest, durationMs })
    response.status(204).end()
  },
]

/** `DELETE /api/listeners`: the command has ended, and so has its endpoint. */
export const end: Handler = async (request, response) => {
  const listener = await listenerOf(request)
  await endListener(listener)
  response.status(204).end()
}

function read<T extends z.ZodType>(schema: T, request: Request): z.output<T> {
  const parsed = schema.safeParse(request.body)
  if (!parsed.success) throw new HttpError(422, 'api:errors.fields')
  return parsed.data
}
