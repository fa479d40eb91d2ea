import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { isServerError, serverError } from './errors'
import { prefixSuccessor } from './keys'

/**
 * All is one sorted list of byte keys in LMDB. The first byte says what follows:
 * 1 settings, 2 catalog (namespace), 3 documents (collection, record), 4 index entries (index, key), 5 sessions,
 * 6 ranges that were dropped and are still to be emptied.
 */
export const keyspace = { setting: 1, catalog: 2, document: 3, index: 4, session: 5, dropped: 6 } as const

/** Raised when what is stored changes its meaning; older files are upgraded or refused in `checkFormat`. */
const format = 1

export interface Storage {
  get(key: Buffer): Buffer | undefined
  /** Keys from `start` up to, not including, `end`. */
  range(
    start: Buffer,
    end: Buffer,
    options?: { reverse?: boolean; limit?: number },
  ): Iterable<{ key: Buffer; value: Buffer }>
  count(start: Buffer, end: Buffer): number
  put(key: Buffer, value: Buffer): void
  remove(key: Buffer): void
  /**
   * Runs `change` in the next write transaction, together with all others that wait, and resolves when that is on the
   * disk. `change` is synchronous and must not have changed anything when it throws a refusal. A disk that is nearly full
   * refuses it, unless it is so small that it must be tried.
   */
  write<T>(change: () => T, evenWhenFull?: boolean): Promise<T>
  /** Whoever keeps something in memory reads it again when a transaction was undone. */
  onRollback(listener: () => void): void
  compact(path: string): Promise<void>
  close(): Promise<void>
}

export const emptyValue = Buffer.alloc(0)
const abortable = 1
const durable = 2

interface PendingWrite {
  change: () => unknown
  evenWhenFull: boolean
  resolve: (value: never) => void
  reject: (reason: unknown) => void
}

export function openStorage(path: string, waitForDisk = true): Storage {
  const db: RootDatabase<Buffer, Buffer> = open<Buffer, Buffer>({
    path,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    // A commit returns when its pages and its root are on the disk.
    overlappingSync: false,
    noSync: !waitForDisk,
    // Address space, not memory or disk; Windows allocates the file at once, so there it grows.
    ...(process.platform === 'win32' ? {} : { mapSize: 2 ** 38 }),
  })
  checkFormat(db)
  let waiting: PendingWrite[] = []
  let scheduled = false
  let closed = false
  /** Once LMDB could not write, nothing goes to it any more. */
  let failure: Error | undefined
  const listeners: Array<() => void> = []

  function commit(all: PendingWrite[]): void {
    const batch = hasFreeSpace(path) ? all : all.filter(({ evenWhenFull }) => evenWhenFull)
    for (const { reject } of all.filter(one => !batch.includes(one))) reject(diskFullError())
    if (batch.length === 0) return
    const outcomes: Array<() => void> = []
    let broken: unknown
    try {
      db.transactionSync(
        () => {
          for (const { change, resolve, reject } of batch)
            outcomes.push(runChange(change, resolve, reject, error => (broken = error)))
        },
        waitForDisk ? abortable | durable : abortable,
      )
    } catch (error) {
      if (error !== broken || isLmdbError(error)) {
        failure = Object.assign(new Error('the store cannot write', { cause: error }), { fatal: true })
        for (const { reject } of batch) reject(failure)
        return
      }
      for (const listener of listeners) listener()
      // One broken change must not take the others with it: each gets a transaction of its own.
      if (batch.length > 1) for (const one of batch) commit([one])
      else batch[0]!.reject(error)
      return
    }
    for (const settle of outcomes) settle()
  }

  function commitWaiting(): void {
    scheduled = false
    const batch = waiting
    waiting = []
    if (batch.length > 0) commit(batch)
  }

  /** The database, while it is open; what still comes afterwards is refused. */
  function requireOpen(): RootDatabase<Buffer, Buffer> {
    if (failure) throw failure
    if (closed) throw serverError(91, 'The store is closing')
    return db
  }

  return {
    get: key => requireOpen().get(key),
    range: (start, end, { reverse = false, limit } = {}) =>
      reverse
        ? requireOpen().getRange({
            start: end,
            end: start,
            reverse,
            limit,
            inclusiveEnd: true,
            exclusiveStart: true,
            snapshot: false,
          })
        : requireOpen().getRange({ start, end, limit, snapshot: false }),
    count: (start, end) => db.getKeysCount({ start, end }),
    put: (key, value) => void db.put(key, value),
    remove: key => void db.remove(key),
    write: <T>(change: () => T, evenWhenFull = false) =>
      new Promise<T>((resolve, reject) => {
        requireOpen()
        waiting.push({ change, evenWhenFull, resolve, reject })
        if (scheduled) return
        scheduled = true
        setImmediate(commitWaiting)
      }),
    onRollback: listener => void listeners.push(listener),
    compact: target => db.backup(target, true),
    close: async () => {
      commitWaiting()
      closed = true
      if (!waitForDisk) await flush(db)
      await db.close()
    },
  }
}

/** Writes all that a folder opened without waiting for the disk still holds back. */
function flush(db: RootDatabase<Buffer, Buffer>): Promise<void> {
  const { env } = db as unknown as { env: { sync(done: (error?: Error) => void): void } }
  return new Promise((resolve, reject) => env.sync(error => (error ? reject(error) : resolve())))
}

/** A refusal changed nothing and goes to its own client; any other error undoes the transaction. */
function runChange(
  change: () => unknown,
  resolve: (value: never) => void,
  reject: (reason: unknown) => void,
  onBroken: (error: unknown) => void,
): () => void {
  try {
    const value = change()
    return () => resolve(value as never)
  } catch (error) {
    if (isServerError(error)) return () => reject(error)
    onBroken(error)
    throw error
  }
}

/** So much of the disk stays free, at most a twentieth of it: more than the largest message, and than a transaction is likely to take. */
const reservedBytes = 64 * 1024 * 1024

/**
 * Looked at before each transaction, for two reasons: a full disk must refuse a write and leave the rest working, and
 * LMDB 3.5.6 writes its message about a failed write beyond the memory it has for it.
 */
function hasFreeSpace(path: string): boolean {
  const { bavail, blocks, bsize } = statfsSync(dirname(path))
  return bavail * bsize >= Math.min(reservedBytes, (blocks * bsize) / 20)
}

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
function diskFullError(): Error {
  return serverError(14031, 'the disk is nearly full: nothing is written until there is room')
}

/** An error of LMDB, as numbers: after one in a transaction nobody knows what is in memory and on the disk. */
function isLmdbError(error: unknown): boolean {
  return typeof (error as { code?: unknown } | undefined)?.code === 'number'
}

function checkFormat(db: RootDatabase<Buffer, Buffer>): void {
  const key = settingKey('format')
  const found = db.get(key)
  if (found === undefined) {
    db.transactionSync(() => void db.put(key, Buffer.from(String(format))), abortable | durable)
    return
  }
  if (found.toString() !== String(format))
    throw new Error(
      `The data folder is of format ${found.toString()}, this version reads format ${format}. Use the version that wrote it to dump, then restore.`,
    )
}

export function settingKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([keyspace.setting]), Buffer.from(name)])
}

/** The range of all keys that begin with `prefix`. */
export function prefixRange(prefix: Buffer): [Buffer, Buffer] {
  return [prefix, prefixSuccessor(prefix)]
}

export function keyPrefix(kind: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(5)
  key[0] = kind
  key.writeUInt32BE(id, 1)
  return key
}

export function documentKey(collection: number, recordId: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = keyspace.document
  key.writeUInt32BE(collection, 1)
  key.writeUIntBE(recordId, 5, 6)
  return key
}

export function readRecordId(documentOrEntryValue: Buffer, at = 0): number {
  return documentOrEntryValue.readUIntBE(at, 6)
}

export function encodeRecordId(recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(recordId, 0, 6)
  return bytes
}

/** LMDB is read in chunks that grow, so that one document is cheap and no read transaction stays open. */
const [firstChunkSize, maxChunkSize] = [4, 256]

/** All entries of a range, while others may change it between the chunks. */
export function* rangeInChunks(
  storage: Storage,
  first: Buffer,
  last: Buffer,
  reverse = false,
): Generator<{ key: Buffer; value: Buffer }> {
  let [start, end] = [first, last]
  let size = firstChunkSize
  for (;;) {
    const chunk = [...storage.range(start, end, { reverse, limit: size })]
    yield* chunk
    if (chunk.length < size) return
    const { key } = chunk.at(-1)!
    if (reverse) end = Buffer.from(key)
    else start = Buffer.concat([key, Buffer.from([0])])
    size = Math.min(size * 4, maxChunkSize)
  }
}
