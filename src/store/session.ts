import { Binary } from 'bson'
import { decode } from './decode'
import { encode } from './encode'
import { serverError } from './errors'
import { keyspace, prefixRange, type Storage } from './storage'
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
  saveReply(session: Buffer, number: bigint, reply: Buffer, now: Date): void
  end(sessions: Buffer[]): void
  sweep(now: Date): void
}

/**
 * Sessions are forgotten after this many minutes without a write. MongoDB manual:
 * https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.localLogicalSessionTimeoutMinutes
 */
export const sessionTimeoutMinutes = 30

/** Creates the sessions that are stored in `storage`. */
export function makeSessions(storage: Storage): Sessions {
  const sessionKey = (session: Buffer) => Buffer.concat([Buffer.from([keyspace.session]), session])
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
    saveReply: (session, number, reply, now) => {
      const record: Doc = new Map<string, Value>([
        ['number', number],
        ['reply', new Binary(reply)],
        ['at', now],
      ])
      storage.put(sessionKey(session), encode(record))
    },
    end: sessions => {
      for (const session of sessions) storage.remove(sessionKey(session))
    },
    sweep: now => {
      const old = now.getTime() - sessionTimeoutMinutes * 60_000
      for (const { key, value } of [...storage.range(...prefixRange(Buffer.from([keyspace.session])))]) {
        const at = decode(Buffer.from(value)).get('at')
        if (at instanceof Date && at.getTime() < old) storage.remove(key)
      }
    },
  }
}

/** Returns the id of the session that a command belongs to, or undefined. */
export function sessionId(command: Doc): Buffer | undefined {
  const lsid = command.get('lsid')
  const id = isDoc(lsid) ? lsid.get('id') : undefined
  return id instanceof Binary ? Buffer.from(id.value()) : undefined
}
