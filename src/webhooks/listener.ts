import { createHash, randomBytes } from 'node:crypto'
import { Types } from 'mongoose'
import { hours, later, minutes, now } from '../platform/clock'
import { date, defineRecord, objectId, string, type RecordOf } from '../platform/record'
import type { Event } from '../events/event'
import { readBlocks } from './delivery-consent'
import { Deliveries, type Delivery } from './delivery'
import { Endpoints, liveSecrets, storedSecret, type Endpoint } from './endpoint'
import { FieldMappings, mappedBody } from './field-mapping'
import { Messages } from './message'
import type { MessageType } from './message-types'
import { removeEndpoint } from './remove-endpoint'
import { newSecret, sign, type SignedHeaders } from './sign'

/** How long a token works, and how long a command may be silent before its endpoint is removed. */
const [tokenLifetime, longestSilence] = [hours(12), minutes(5)]
/** Messages that are handed out at a time. */
const maxAtOnce = 20
/** Attempts that are logged of one message: a developer may resend it often. */
const maxLoggedAttempts = 50

/**
 * Signs in a developer's command (`npm run webhooks -- listen`) for an endpoint's messages. A teammate makes it on the
 * endpoint's page; only its hash is stored.
 */
export const ListenTokens = defineRecord(
  'ListenToken',
  'listen_tokens',
  {
    /** The SHA-256 of the token. */
    _id: string(),
    endpoint: objectId(),
    person: objectId(),
    createdAt: date(),
    expiresAt: date(),
  },
  { indexes: [[{ person: 1 }], [{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)
export type ListenToken = RecordOf<typeof ListenTokens>

/** Makes a token for an endpoint that works for 12 hours, and returns it. It is shown once. */
export async function makeListenToken(endpoint: Types.ObjectId, person: Types.ObjectId): Promise<string> {
  const token = `listen_${randomBytes(24).toString('base64url')}`
  const createdAt = now()
  const expiresAt = later(createdAt, tokenLifetime)
  await ListenTokens.create({ _id: hashOf(token), endpoint, person, createdAt, expiresAt })
  return token
}

/** Returns what a token stands for; null when it is unknown or has expired. */
export async function findListenToken(token: string): Promise<ListenToken | null> {
  const found = await ListenTokens.findById(hashOf(token))
  return found && found.expiresAt > now() ? found : null
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Reaction to `person.erased`: their tokens work no more. */
export async function deleteListenTokens({ person }: Event<'person.erased'>): Promise<void> {
  await ListenTokens.deleteMany({ person })
}

/**
 * Adds the temporary endpoint of a developer's command, or returns the one that this token already has, whose secret
 * stays the same, as after a lost connection. It gets the types and the field mapping of the token's endpoint.
 *
 * @returns null when that endpoint has been removed.
 */
export async function startListener(
  token: ListenToken,
  { name, forwardsTo }: { name: string; forwardsTo: string },
): Promise<{ listener: Endpoint; source: Endpoint; secret: string; isNew: boolean } | null> {
  const source = await Endpoints.findOne({ _id: token.endpoint, removedAt: null })
  if (!source) return null
  const known = await Endpoints.findOneAndUpdate(
    { 'listener.token': token._id, removedAt: null },
    { $set: { 'listener.seenAt': now(), 'listener.forwardsTo': forwardsTo, ...messagesOf(source) } },
    { returnDocument: 'after' },
  )
  if (known) return { listener: known, source, secret: liveSecrets(known)[0]!, isNew: false }
  // Of two that start at the same moment with one token, one is added.
  const before = await Endpoints.count({ 'listener.token': token._id })
  const _id = new Types.ObjectId(hashOf(`${token._id} ${before}`).slice(0, 24))
  const { record: listener, isNew } = await Endpoints.createOrFind(
    {
      ...{ _id, name, state: 'listening', createdAt: now(), secretShownAt: now() },
      ...messagesOf(source),
      // No URL that could be called: the command fetches its messages.
      url: `listen:${forwardsTo}`,
      secrets: [storedSecret(_id, newSecret())],
      listener: { token: token._id, source: source._id, forwardsTo, seenAt: now() },
    },
    { _id },
  )
  return { listener, source, secret: liveSecrets(listener)[0]!, isNew }
}

/**
 * Returns the endpoint of a token's command, and records that the command is there; null when it has none any more. It
 * follows what has been changed meanwhile of the endpoint that it stands for.
 */
export async function seenListener({
  _id,
  endpoint,
}: Pick<ListenToken, '_id' | 'endpoint'>): Promise<Endpoint | null> {
  const source = await Endpoints.findOne({ _id: endpoint, removedAt: null })
  return Endpoints.findOneAndUpdate(
    { 'listener.token': _id, removedAt: null },
    { $set: { 'listener.seenAt': now(), ...(source && messagesOf(source)) } },
    { returnDocument: 'after' },
  ).exec()
}

/** What decides which messages an endpoint gets, and how they are made. */
const messagesOf = ({ types, mapping }: Endpoint) => ({ types, mapping })

/** A message as a command forwards it. `id` names it when the command reports the result. */
export type HandedOut = { id: string; type: MessageType; headers: SignedHeaders; body: string }

/**
 * Returns the messages that wait for a command, oldest first and at most 20, signed now. What may no longer be sent is
 * cancelled. The same messages are returned until their result is recorded.
 */
export async function messagesFor(listener: Endpoint): Promise<HandedOut[]> {
  const secrets = liveSecrets(listener)
  const tests = (listener.listener?.tests ?? []).map(({ id, type, body }) => ({
    ...{ id, type, body, headers: sign(id, body, secrets) },
  }))
  const waiting = await Deliveries.find({ endpoint: listener._id, state: 'held' })
    .sort({ createdAt: 1, _id: 1 })
    .limit(maxAtOnce)
  const messages = await Messages.find({ _id: { $in: waiting.map(({ message }) => message) } })
  const byId = new Map(messages.map(message => [message._id, message]))
  const blockedReasonOf = await readBlocks(messages)
  const handedOut: HandedOut[] = [...tests]
  for (const delivery of waiting) {
    const message = byId.get(delivery.message)
    const reason = message?.body ? blockedReasonOf(message) : 'deleted'
    if (!message?.body || reason) {
      await record(listener, delivery._id, { state: 'cancelled', reason })
      continue
    }
    const body = mappedBody(
      message.body,
      delivery.mapping ? await FieldMappings.load(delivery.mapping) : null,
    )
    const { _id, type } = message
    handedOut.push({ id: _id, type, headers: sign(_id, body, secrets), body })
  }
  return handedOut
}

/** What the developer's machine responded to one message; `status` is null when there was no response. */
export type ForwardResult = {
  id: string
  status: number | null
  error: string | null
  durationMs: number
  response: string
}

/** Records what a developer's machine responded. Reporting it twice changes nothing. */
export async function recordForwarded(listener: Endpoint, result: ForwardResult): Promise<void> {
  const { id, status, error, durationMs, response } = result
  const at = now()
  const test = listener.listener?.tests.find(each => each.id === id)
  if (test) {
    const lastTest = { at, status, error, durationMs, response: response.slice(0, 2000), type: test.type }
    await Endpoints.updateOne(
      { _id: listener._id },
      { $set: { lastTest }, $pull: { 'listener.tests': { id } } },
    )
    return
  }
  const isOk = status !== null && status >= 200 && status < 300
  const change = isOk
    ? { state: 'delivered' as const, deliveredAt: at, durationMs, lastError: null }
    : { state: 'failed' as const, failures: 1, lastError: error ?? String(status) }
  const entry = { at, status, error, durationMs, response }
  await record(listener, `${id}.${listener._id}`, change, entry)
}

async function record(
  { _id: endpoint }: Endpoint,
  _id: string,
  change: Partial<Delivery>,
  entry?: object,
): Promise<void> {
  await Deliveries.updateOne(
    { _id, endpoint, state: 'held' },
    {
      $set: { ...change, replay: null },
      ...(entry && {
        $push: { attemptLog: { $each: [entry], $slice: -maxLoggedAttempts } },
        $inc: { attempts: 1 },
      }),
    },
  )
}

/** Ends a command: its endpoint is removed, and what it hasn't fetched is cancelled. */
export async function endListener(listener: Endpoint): Promise<void> {
  await removeEndpoint(listener._id)
}

/** Removes the endpoints of commands that have been silent for 5 minutes, as after a crash of their machine. */
export async function endSilentListeners(): Promise<void> {
  const silent = await Endpoints.find({
    state: 'listening',
    removedAt: null,
    'listener.seenAt': { $lt: later(now(), -longestSilence) },
  })
  for (const { _id } of silent) await removeEndpoint(_id)
}
