import { Binary } from 'bson'
import { decode } from './decode'
import { encode } from './encode'
import { serverError } from './errors'
import type { Stepwise } from './stepwise'
import { keyspace, prefixRange } from './keyspace'
import { rangeInChunks, type Storage } from './storage'
import { isDoc, type Doc, type Value } from './value'

/**
 * Retryable writes. The reply to the last numbered write of each session is stored in the same transaction as
 * the write, so a retry gets the same reply and changes nothing, even after a crash. MongoDB manual,
 * "Retryable Writes":
 * https://www.mongodb.com/docs/manual/core/retryable-writes/
 */
export interface Sessions {
  /**
   * Returns the stored reply if this write was already done. Call it inside the write transaction.
   *
   * @throws 225 when the session has already done a newer write
   */
  findReply(session: Buffer, number: bigint): Buffer | undefined
  /** Stores the reply in place of the `parts` that were stored before. */
  saveReply(session: Buffer, number: bigint, reply: Buffer, now: Date, parts: number): void
  /** Stores what a long write did in this transaction, as its `part`th part. */
  savePart(session: Buffer, number: bigint, part: number, done: Value, now: Date): void
  /** Returns the parts of a write that was begun but has no reply yet. */
  findParts(session: Buffer, number: bigint): Value[]
  /** Runs a try of a write when no other try of it is running. */
  runAlone<T>(session: Buffer, number: bigint, run: () => Promise<T>): Promise<T>
  end(sessions: Buffer[]): void
  /** Deletes the sessions that have not written for 30 minutes, in steps. */
  sweep(now: Date): Stepwise<void>
}

/**
 * Sessions are forgotten after this many minutes without a write. MongoDB manual:
 * https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.localLogicalSessionTimeoutMinutes
 */
export const sessionTimeoutMinutes = 30

/** Creates the sessions that are stored in `storage`. */
export function makeSessions(storage: Storage): Sessions {
  const sessionKey = (session: Buffer) => Buffer.concat([Buffer.from([keyspace.session]), session])
  const running = new Map<string, Promise<unknown>>()
  // The id of a session has 16 bytes, so the key of a part is not the key of a session.
  const partsOf = (session: Buffer) => prefixRange(Buffer.concat([sessionKey(session), Buffer.from([0])]))
  const partKey = (session: Buffer, part: number) => {
    const key = Buffer.concat([sessionKey(session), Buffer.alloc(5)])
    key.writeUInt32BE(part, key.length - 4)
    return key
  }
  const removeParts = (session: Buffer) => {
    for (const { key } of [...storage.range(...partsOf(session))]) storage.remove(key)
  }
  return {
    findReply: (session, number) => {
      const stored = storage.get(sessionKey(session))
      if (!stored) return undefined
      const record = decode(Buffer.from(stored))
      const last = record.get('number') as bigint
      if (number < last)
        throw serverError(
          225,
          `Retryable write with txnNumber ${number} is prohibited on session because a newer retryable ` +
            `write with txnNumber ${last} has already started on this session.`,
        )
      return number === last ? Buffer.from((record.get('reply') as Binary).value()) : undefined
    },
    saveReply: (session, number, reply, now, parts) => {
      if (parts > 0) removeParts(session)
      const record: Doc = new Map<string, Value>([
        ['number', number],
        ['reply', new Binary(reply)],
        ['at', now],
      ])
      storage.put(sessionKey(session), encode(record))
    },
    savePart: (session, number, part, done, now) => {
      if (part === 0) removeParts(session)
      const record: Doc = new Map<string, Value>([
        ['number', number],
        ['done', done],
        ['at', now],
      ])
      storage.put(partKey(session, part), encode(record))
    },
    findParts: (session, number) => {
      if (!storage.get(partKey(session, 0))) return []
      const parts = [...storage.range(...partsOf(session))].map(({ value }) => decode(Buffer.from(value)))
      return parts.filter(part => part.get('number') === number).map(part => part.get('done')!)
    },
    runAlone: async (session, number, run) => {
      const key = `${session.toString('latin1')}${number}`
      while (running.has(key)) await running.get(key)!.catch(() => {})
      const done = run()
      running.set(key, done)
      try {
        return await done
      } finally {
        running.delete(key)
      }
    },
    end: sessions => {
      for (const session of sessions) {
        storage.remove(sessionKey(session))
        removeParts(session)
      }
    },
    sweep: now => {
      const old = now.getTime() - sessionTimeoutMinutes * 60_000
      const [first, end] = prefixRange(Buffer.from([keyspace.session]))
      let next = first
      return {
        step: isOver => {
          let last: Buffer | undefined
          for (const { key, value } of rangeInChunks(storage, next, end)) {
            const at = decode(Buffer.from(value)).get('at')
            if (at instanceof Date && at.getTime() < old) storage.remove(key)
            last = Buffer.from(key)
            if (isOver()) return { committed: () => (next = Buffer.concat([last!, Buffer.from([0])])) }
          }
          return { result: undefined, isDone: true }
        },
      }
    },
  }
}

/**
 * Returns the id of the session that a command belongs to, or undefined.
 *
 * @throws 207 when it is not a UUID
 */
export function sessionId(command: Doc): Buffer | undefined {
  const lsid = command.get('lsid')
  const id = isDoc(lsid) ? lsid.get('id') : undefined
  if (!(id instanceof Binary)) return undefined
  if (id.length() !== 16) throw serverError(207, 'uuid must be a 16-byte binary field with UUID (4) subtype')
  return Buffer.from(id.value())
}
