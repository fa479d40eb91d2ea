import { Binary } from 'bson'
import { decode } from './decode'
import { encode } from './encode'
import { refusal } from './errors'
import { kinds, under, type Storage } from './storage'
import { isDoc, type Doc, type Value } from './value'

/**
 * Retryable writes: the reply to the last numbered write of each session is stored in the transaction of that write,
 * so that a repetition, also after a crash, gets the same reply and changes nothing.
 * https://www.mongodb.com/docs/manual/core/retryable-writes/
 */
export interface Sessions {
  /** The stored reply when this write was done already. To be called inside the write transaction. */
  repeated(session: Buffer, number: bigint): Buffer | undefined
  remember(session: Buffer, number: bigint, reply: Buffer, now: Date): void
  forget(sessions: Buffer[]): void
  sweep(now: Date): void
}

/** https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.localLogicalSessionTimeoutMinutes */
export const sessionMinutes = 30

export function makeSessions(storage: Storage): Sessions {
  const keyOf = (session: Buffer) => Buffer.concat([Buffer.from([kinds.session]), session])
  return {
    repeated: (session, number) => {
      const stored = storage.get(keyOf(session))
      if (!stored) return undefined
      const record = decode(Buffer.from(stored))
      const last = record.get('number') as bigint
      if (number < last)
        throw refusal(
          225,
          `Retryable write with txnNumber ${number} is prohibited on session because a newer retryable write with txnNumber ${last} has already started on this session.`,
        )
      return number === last ? Buffer.from((record.get('reply') as Binary).value()) : undefined
    },
    remember: (session, number, reply, now) => {
      const record: Doc = new Map<string, Value>([
        ['number', number],
        ['reply', new Binary(reply)],
        ['at', now],
      ])
      storage.put(keyOf(session), encode(record))
    },
    forget: sessions => {
      for (const session of sessions) storage.remove(keyOf(session))
    },
    sweep: now => {
      const old = now.getTime() - sessionMinutes * 60_000
      for (const { key, value } of [...storage.range(...under(Buffer.from([kinds.session])))]) {
        const at = decode(Buffer.from(value)).get('at')
        if (at instanceof Date && at.getTime() < old) storage.remove(key)
      }
    },
  }
}

export function sessionId(command: Doc): Buffer | undefined {
  const lsid = command.get('lsid')
  const id = isDoc(lsid) ? lsid.get('id') : undefined
  return id instanceof Binary ? Buffer.from(id.value()) : undefined
}
