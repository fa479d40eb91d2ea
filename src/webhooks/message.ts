import {
  date,
  defineRecord,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import { batched, valuesOf } from '../platform/batched'
import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { bases, type Basis } from './define-message'
import { apiVersion, envelope, messageDefinitionOf, messageTypes, type MessageType } from './message-types'

/**
 * A message to endpoints, with one frozen body for all of them and for every attempt. Its id is derived from its
 * cause, so a reaction that runs twice creates it once.
 */
export const Messages = defineRecord(
  'Message',
  'messages',
  {
    /** The `webhook-id`. */
    _id: string(),
    /** The id of the event in the ledger. */
    cause: string(),
    type: oneOf(messageTypes),
    person: nullable(objectId()),
    /** Counts the messages about a person, from 1. */
    sequence: number(),
    /** The lawful basis of its type when it was created. Checked before each attempt. */
    basis: oneOf(bases),
    at: date(),
    /** The JSON as it is sent; null once it is deleted. */
    body: nullable(string()),
  },
  {
    indexes: [
      [{ person: 1, sequence: -1 }, { unique: true }],
      [{ at: 1, _id: 1 }, { partialFilterExpression: { body: { $type: 'string' } } }],
    ],
  },
)
export type Message = RecordOf<typeof Messages>

/** The largest body, in bytes. */
const maxBodySize = 64 * 1024

type Origin = { cause: string; type: MessageType }
type MessageDraft = Origin & {
  person: Types.ObjectId
  basis: Basis
  at: Date
  /** Builds `data` as of now; null when there is nothing to send. */
  build: () => unknown
}

/** Returns the message of a type that was created for this cause, or null. */
function findMessage(origin: Origin): Promise<Message | null> {
  return Messages.load(messageId(origin.cause, origin.type))
}

/**
 * Creates a message, or returns the one that exists for the same cause and type; null when there is nothing to send. A
 * message is built after the one with the sequence number before it was written, so the last message about a person
 * always contains the latest state.
 *
 * @throws Error when the data doesn't fit the schema of its type, or when the body is larger than 64 kB.
 */
export async function createMessage({ build, ...draft }: MessageDraft): Promise<Message | null> {
  const _id = messageId(draft.cause, draft.type)
  for (;;) {
    const [existing, last] = await Promise.all([findMessage(draft), lastSequence(draft.person)])
    if (existing) return existing
    const sequence = last + 1
    const data = await build()
    if (data === null) return null
    const body = bodyOf({ id: _id, type: draft.type, at: draft.at, sequence, data })
    const message = { _id, ...draft, sequence, body }
    if (await Messages.insertOnce(message)) return message
    // Another worker has created the same message, or has just used this sequence number for another one.
  }
}

/** Returns the number of the last message about a person, or 0. Calls made together are answered together. */
const lastSequence = batched(async (people: Types.ObjectId[]) => {
  const last = people.map(person => Messages.findOne({ person }, { sequence: 1 }).sort({ sequence: -1 }))
  return valuesOf((await Promise.all(last)).map(message => message?.sequence ?? 0))
})

/** Returns the `webhook-id` of the message of a type that an event causes: `msg_` and 27 characters of its SHA-256. */
export function messageId(cause: string, type: MessageType): string {
  const hash = createHash('sha256').update(`${type} ${cause}`).digest('base64url')
  return `msg_${hash.replaceAll('_', '-').slice(0, 27)}`
}

type Content = { id: string; type: MessageType; at: Date; sequence: number; data: unknown; isTest?: boolean }

/** The data that a teammate wrote doesn't fit its schema: what is wrong with each field, by its path in `data`. */
export class InvalidData extends Error {
  constructor(readonly fields: { path: string; message: string }[]) {
    super(`invalid data: ${fields.map(({ path, message }) => `${path}: ${message}`).join('; ')}`)
  }
}

/**
 * Returns the JSON of a test message with data that a teammate wrote.
 *
 * @throws InvalidData when the data doesn't fit the schema of its type, or when the JSON is larger than 64 kB.
 */
export function testBody(content: Omit<Content, 'isTest' | 'sequence'>): string {
  const checked = messageDefinitionOf(content.type).data.safeParse(content.data)
  if (!checked.success) {
    throw new InvalidData(
      checked.error.issues.map(({ path, message }) => ({ path: ['data', ...path].join('.'), message })),
    )
  }
  if (JSON.stringify(content.data).length > maxBodySize / 2) {
    throw new InvalidData([{ path: 'data', message: 'is larger than 32 kB' }])
  }
  return bodyOf({ ...content, sequence: 0, isTest: true })
}

/**
 * Returns the JSON of a message.
 *
 * @throws Error when the data doesn't fit the schema of its type, or when the JSON is larger than 64 kB.
 */
export function bodyOf({ id, type, at, sequence, data, isTest }: Content): string {
  const head = { id, type, timestamp: at.toISOString(), api_version: apiVersion, sequence }
  const body = JSON.stringify(envelope(type).parse({ ...head, ...(isTest && { test: true }), data }))
  if (Buffer.byteLength(body) > maxBodySize) throw new Error(`message ${id} is larger than 64 kB`)
  return body
}
