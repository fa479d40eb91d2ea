import { existsSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { threadId } from 'node:worker_threads'
import { checkDataFile } from './data-file'
import { isServerError, serverError } from './errors'
import {
  abortable,
  checkFormat,
  copyEntries,
  createFile,
  durable,
  flush,
  flushFolder,
  isAsClosed,
  openFile,
  rememberClosed,
  type Entry,
  type LmdbFile,
} from './lmdb-file'

/** The key-value storage beneath the store. */
export interface Storage {
  path: string
  get(key: Buffer): Buffer | undefined
  /** Yields the keys from `start` (inclusive) to `end` (exclusive). */
  range(start: Buffer, end: Buffer, options?: { reverse?: boolean; limit?: number }): Iterable<Entry>
  count(start: Buffer, end: Buffer): number
  /** Returns the `n`th key of a range, from 0, or undefined when the range is shorter. Skips without reading values. */
  keyAt(start: Buffer, end: Buffer, n: number): Buffer | undefined
  put(key: Buffer, value: Buffer): void
  remove(key: Buffer): void
  /**
   * Runs `change` in the next write transaction, together with other waiting changes, and resolves once the
   * transaction is on disk. `change` is synchronous. It must leave nothing in memory that it would trip over when it
   * runs again, which it does if another change breaks the transaction.
   *
   * @param change is given a function that returns true when it should leave the rest to another transaction
   * @throws 14031 when the disk is nearly full, 91 when the store is closing
   */
  write<T>(change: (isOver: () => boolean) => T, options?: WriteOptions): Promise<T>
  /** Calls `listener` after a transaction was rolled back, so that state held in memory can be read again. */
  onRollback(listener: () => void): void
  /** Writes a copy that contains what is stored, and nothing of what was deleted or overwritten. */
  compact(path: string): Promise<void>
  /**
   * Runs `read` with the entries as they are now, whatever is written meanwhile. What was deleted since keeps its place
   * in the file until then.
   *
   * @throws 91 when the store closes meanwhile
   */
  withSnapshot<T>(read: (entries: Iterable<Entry>) => Promise<T>): Promise<T>
  /**
   * Replaces the file with such a copy, while reads go on and writes wait.
   *
   * @returns by how many bytes the file became smaller
   * @throws 14031 when the disk has no room for the copy, 238 on Windows, which can't replace an open file
   */
  replaceWithCompact(): Promise<number>
  close(): Promise<void>
}

/** How a change is run. */
interface WriteOptions {
  /** Runs it even if the disk is nearly full, because it is small and has to be tried. */
  evenWhenFull?: boolean
  /** It goes on with a long write. Others go first, and a transaction has only one such change. */
  continues?: boolean
}

/** The value of keys that need none. */
export const emptyValue = Buffer.alloc(0)

/**
 * How long the changes of a transaction may take: one, all that start, and all with the one that goes on with a long
 * write. Readers wait for that and for the commit, since everything runs in one thread.
 */
const [changeMs, startingMs, transactionMs] = [3, 5, 8]
/** The least time in a transaction for a long write, so that it ends even beside many others. */
const continuingMs = 3

/** The longest pause between two transactions, in ms. */
const maxPause = 20

interface PendingWrite {
  /** Makes the change, and returns what reports its value once it is on disk. */
  change: (isOver: () => boolean) => () => void
  continues: boolean
  evenWhenFull: boolean
  reject: (reason: unknown) => void
}

/**
 * Opens the LMDB file at `path`, creating it if necessary.
 *
 * @param waitForDisk false acknowledges writes before they are flushed
 * @param options.patience how much time changes get, as a share of the usual; with 0, each does the least that it can
 * @param options.onFlush is called with true before a transaction is flushed, and with false after it
 * @throws DamagedFile when LMDB must not open the file; Error when it has an unknown format
 */
export function openStorage(
  path: string,
  waitForDisk = true,
  { patience = 1, onFlush = () => {} }: { patience?: number; onFlush?: (isFlushing: boolean) => void } = {},
): Storage {
  if (!existsSync(path)) createFile(path)
  else if (!isAsClosed(path)) checkDataFile(path)
  let db = openFile(path, waitForDisk)
  checkFormat(db, path)
  let waiting: PendingWrite[] = []
  /** Changes that go on with a long write. */
  const continuing: PendingWrite[] = []
  let scheduled = false
  /** Settles when the file has been replaced; writes wait for it. */
  let replacing: Promise<unknown> | undefined
  let closed = false
  /** Readers of snapshots. The file they read can't be replaced or closed meanwhile. */
  const snapshots = new Set<Promise<unknown>>()
  /** After LMDB has failed to write, it is no longer used. */
  let failure: Error | undefined
  const listeners: Array<() => void> = []
  /** When the pause after the last transaction ends. */
  let readsUntil = 0

  /** Commits changes, as many as there is time for, and returns the others. */
  function commit(all: PendingWrite[]): PendingWrite[] {
    if (failure) {
      for (const { reject } of all) reject(failure)
      return []
    }
    const batch = hasFreeSpace(path) ? all : all.filter(({ evenWhenFull }) => evenWhenFull)
    for (const { reject } of all.filter(one => !batch.includes(one))) reject(diskFullError())
    if (batch.length === 0) return []
    const outcomes: Array<() => void> = []
    const taken: PendingWrite[] = []
    let broken: unknown
    try {
      db.transactionSync(
        () => {
          const start = performance.now()
          for (const one of batch) {
            const now = performance.now()
            if (taken.length > 0 && !one.continues && now - start > startingMs * patience) continue
            const until = one.continues
              ? Math.max(start + transactionMs * patience, now + continuingMs * patience)
              : Math.min(now + changeMs * patience, start + startingMs * patience)
            taken.push(one)
            const isOver = () => performance.now() >= until
            outcomes.push(
              runChange(
                () => one.change(isOver),
                one.reject,
                error => (broken = error),
              ),
            )
          }
          onFlush(true)
        },
        waitForDisk ? abortable | durable : abortable,
      )
    } catch (error) {
      if (error !== broken || isLmdbError(error)) {
        failure = Object.assign(new Error('The store cannot write to its data file', { cause: error }), {
          fatal: true,
        })
        for (const { reject } of batch) reject(failure)
        return []
      }
      for (const listener of listeners) listener()
      // A change that failed must not take the others with it, so each runs again in its own transaction.
      if (batch.length > 1) for (const one of batch) commit([one])
      else batch[0]!.reject(error)
      return []
    } finally {
      onFlush(false)
    }
    for (const settle of outcomes) settle()
    return batch.filter(one => !taken.includes(one))
  }

  function commitWaiting(): void {
    if (replacing) return
    scheduled = false
    const batch = waiting
    waiting = []
    const long = continuing.shift()
    if (long) batch.push(long)
    if (batch.length > 0) {
      const startedAt = performance.now()
      waiting.unshift(...commit(batch))
      const endedAt = performance.now()
      readsUntil = endedAt + Math.min(endedAt - startedAt, maxPause)
    }
    schedule()
  }

  /**
   * Commits soon: at once, or on a busy disk after a pause as long as the last transaction. Nothing is read during a
   * transaction, so reads go on in the pause, and the writes that follow from them share the next transaction.
   */
  function schedule(): void {
    if (scheduled || waiting.length + continuing.length === 0) return
    scheduled = true
    const pause = readsUntil - performance.now()
    if (pause < 1) setImmediate(commitWaiting)
    else setTimeout(commitWaiting, pause)
  }

  /** Continues with a compact copy, whose data and lock files take the places of the current ones. */
  async function switchToCopy(): Promise<number> {
    const copy = `${path}.compact-${process.pid}-${threadId}`
    const remove = () => [copy, `${copy}-lock`].forEach(file => rmSync(file, { force: true }))
    const before = statSync(path).size
    if (!hasFreeSpace(path, before)) throw diskFullError()
    remove()
    try {
      await copyEntries(db, copy)
      const replaced = db
      if (!existsSync(copy)) throw new Error(`${copy} was removed by another program`)
      const compacted = openFile(copy, waitForDisk)
      checkFormat(compacted, copy)
      db = compacted
      renameSync(`${copy}-lock`, `${path}-lock`)
      renameSync(copy, path)
      flushFolder(dirname(path))
      await replaced.close()
    } finally {
      remove()
    }
    return before - statSync(path).size
  }

  /**
   * Returns the database.
   *
   * @throws 91 when the store is closing, or the failure after which the database must not be used
   */
  function requireOpen(): LmdbFile {
    if (failure) throw failure
    if (closed) throw serverError(91, 'The store is closing')
    return db
  }

  return {
    path,
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
    keyAt: (start, end, n) => {
      const [found] = [...requireOpen().getKeys({ start, end, offset: n, limit: 1, snapshot: false })]
      return found && Buffer.from(found)
    },
    put: (key, value) => void db.put(key, value),
    remove: key => void db.remove(key),
    write: <T>(
      change: (isOver: () => boolean) => T,
      { evenWhenFull = false, continues = false }: WriteOptions = {},
    ) =>
      new Promise<T>((resolve, reject) => {
        requireOpen()
        const queue = continues ? continuing : waiting
        queue.push({
          change: isOver => {
            const value = change(isOver)
            return () => resolve(value)
          },
          continues,
          evenWhenFull,
          reject,
        })
        schedule()
      }),
    onRollback: listener => void listeners.push(listener),
    compact: target => copyEntries(requireOpen(), target),
    withSnapshot: async read => {
      while (replacing) await replacing
      const transaction = requireOpen().useReadTransaction()
      const reading = read(
        (function* () {
          for (const entry of db.getRange({ transaction })) {
            requireOpen()
            yield entry
          }
        })(),
      ).finally(() => transaction.done())
      snapshots.add(reading)
      return reading.finally(() => snapshots.delete(reading))
    },
    replaceWithCompact: async () => {
      if (process.platform === 'win32') throw serverError(238, 'compact is not implemented on Windows')
      requireOpen()
      while (snapshots.size > 0) await Promise.allSettled(snapshots)
      requireOpen()
      if (replacing) throw serverError(117, 'The store is being compacted already')
      const switching = switchToCopy()
      replacing = switching.catch(() => {})
      try {
        return await switching
      } finally {
        replacing = undefined
        commitWaiting()
      }
    },
    close: async () => {
      while (replacing) await replacing
      while (waiting.length + continuing.length > 0) commitWaiting()
      closed = true
      await Promise.allSettled(snapshots)
      if (!waitForDisk) await flush(db)
      await db.close()
      if (!failure) rememberClosed(path)
    },
  }
}

/**
 * Runs one change. A server error changed nothing and goes to its own client; any other error rolls the
 * transaction back.
 */
function runChange(
  change: () => () => void,
  reject: (reason: unknown) => void,
  onBroken: (error: unknown) => void,
): () => void {
  try {
    return change()
  } catch (error) {
    if (isServerError(error)) return () => reject(error)
    onBroken(error)
    throw error
  }
}

/**
 * Free space that is never used, up to a twentieth of the disk. It is more than the largest message, and more
 * than a transaction is likely to need.
 */
const reservedBytes = 64 * 1024 * 1024

/**
 * Returns true when the disk has room for another transaction and `extraBytes`. It is checked before each one because a
 * full disk must refuse writes without affecting reads, and because LMDB 3.5.6 overruns its buffer when it reports a
 * failed write.
 */
function hasFreeSpace(path: string, extraBytes = 0): boolean {
  const { bavail, blocks, bsize } = statfsSync(dirname(path))
  return bavail * bsize >= extraBytes + Math.min(reservedBytes, (blocks * bsize) / 20)
}

/** MongoDB manual, "Error Codes": https://www.mongodb.com/docs/manual/reference/error-codes/ */
function diskFullError(): Error {
  return serverError(14031, 'The disk is nearly full. Writes are refused until there is free space.')
}

/**
 * Returns true for an error of LMDB itself, which has a numeric code. After one inside a transaction, the
 * state in memory and on disk is unknown.
 */
function isLmdbError(error: unknown): boolean {
  return typeof (error as { code?: unknown } | undefined)?.code === 'number'
}

/**
 * LMDB is read in chunks of growing size: reading one document stays cheap, and no read transaction stays
 * open.
 */
const [firstChunkSize, maxChunkSize] = [4, 256]
/** A chunk ends after the entry with which it has this many bytes. */
const maxChunkBytes = 1024 * 1024

/** Yields the entries of a range. Others may change the range between two chunks. */
export function* rangeInChunks(...range: Parameters<typeof chunksOf>): Generator<Entry> {
  for (const chunk of chunksOf(...range)) yield* chunk
}

/** Yields the entries of a range, a chunk at a time. */
export function* chunksOf(
  storage: Storage,
  first: Buffer,
  last: Buffer,
  reverse = false,
): Generator<Entry[]> {
  let [start, end] = [first, last]
  let size = firstChunkSize
  for (;;) {
    const chunk: Entry[] = []
    let bytes = 0
    for (const entry of storage.range(start, end, { reverse, limit: size })) {
      chunk.push(entry)
      bytes += entry.value.length
      if (bytes >= maxChunkBytes) break
    }
    yield chunk
    if (chunk.length < size && bytes < maxChunkBytes) return
    const { key } = chunk.at(-1)!
    if (reverse) end = Buffer.from(key)
    else start = Buffer.concat([key, Buffer.from([0])])
    size = Math.min(size * 4, maxChunkSize)
  }
}

/** Returns how many keys a range has, or `most` + 1 when there are more. */
export function countUpTo(storage: Storage, start: Buffer, end: Buffer, most: number): number {
  return storage.keyAt(start, end, most) ? most + 1 : storage.count(start, end)
}
