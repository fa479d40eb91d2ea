import { createHash } from 'node:crypto'
import { model, Schema, type Types } from 'mongoose'
import { isDuplicateKey } from '../platform/errors'
import { apiVersion, envelope, messageTypes, type MessageData, type MessageType } from './message-types'

/**
 * Something told to receivers, frozen: one body for all of them and for every try. The id comes from what happened, so a
 * reaction that runs twice makes it once.
 */
export type Message = {
  /** The `webhook-id`. */
  _id: string
  /** The event of the ledger, or what else caused it. */
  cause: string
  type: MessageType
  person: Types.ObjectId | null
  /** Counts the messages about a person, from 1. */
  sequence: number
  /** On what ground a person's data is in it; `none` where there is hardly any (an id). Looked at again before each try. */
  basis: 'consent' | 'request' | 'contract' | 'none'
  at: Date
  /** The JSON as it travels; null once it is deleted. */
  body: string | null
}

const schema = new Schema<Message>(
  {
    _id: { type: String, required: true },
    cause: { type: String, required: true },
    type: { type: String, enum: messageTypes, required: true },
    person: { type: Schema.Types.ObjectId, default: null },
    sequence: { type: Number, required: true },
    basis: { type: String, enum: ['consent', 'request', 'contract', 'none'], required: true },
    at: { type: Date, required: true },
    body: { type: String, default: null },
  },
  { versionKey: false },
)
schema.index({ person: 1, sequence: -1 }, { unique: true })
schema.index({ at: 1, _id: 1 }, { partialFilterExpression: { body: { $type: 'string' } } })

export const Messages = model<Message>('Message', schema, 'messages')

const largest = 64 * 1024

export type Draft<T extends MessageType> = Pick<Message, 'cause' | 'basis' | 'at'> & {
  type: T
  person: Types.ObjectId
  data: MessageData<T>
}

/** What was frozen before under this cause and type. */
export function findMessage(cause: string, type: MessageType): Promise<Message | null> {
  return Messages.findById(messageId(cause, type)).lean<Message>().exec()
}

/**
 * The JSON for people to read: without the tokens of the links that answer a lead, since whoever holds one answers in its owner's
 * name, and the person it is about, or a colleague, is not its owner.
 */
export function withoutTokens(body: string): string {
  return body.replace(/(\/lead-actions\/)[\w-]+/g, '$1…')
}

/**
 * Freezes what is to be told, or answers what was frozen before under the same cause and type. Refuses what does not fit the
 * published schema and what is larger than 64 kB.
 */
export async function createMessage<T extends MessageType>(draft: Draft<T>): Promise<Message> {
  const _id = messageId(draft.cause, draft.type)
  for (;;) {
    const frozen = await findMessage(draft.cause, draft.type)
    if (frozen) return frozen
    const last = await Messages.findOne({ person: draft.person }).sort({ sequence: -1 }).lean<Message>()
    const sequence = (last?.sequence ?? 0) + 1
    const { cause, type, person, basis, at } = draft
    const body = bodyOf({ id: _id, type, at, sequence, data: draft.data })
    try {
      await Messages.create({ _id, cause, type, person, sequence, basis, at, body })
    } catch (error) {
      // Another worker has frozen the same message, or has just taken this number for another one.
      if (!isDuplicateKey(error)) throw error
    }
  }
}

export function messageId(cause: string, type: MessageType): string {
  return `msg_${createHash('sha256').update(`${type} ${cause}`).digest('base64url').replaceAll('_', '-').slice(0, 27)}`
}

/** The JSON of a message, checked against the schema that is published. */
export function bodyOf<T extends MessageType>(message: {
  id: string
  type: T
  at: Date
  sequence: number
  data: MessageData<T>
}): string {
  const { id, type, at, sequence, data } = message
  const body = JSON.stringify(
    envelope(type).parse({ id, type, timestamp: at.toISOString(), api_version: apiVersion, sequence, data }),
  )
  if (Buffer.byteLength(body) > largest) throw new Error(`the message ${id} is larger than 64 kB`)
  return body
}
