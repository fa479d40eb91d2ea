import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { open, type RootDatabase } from 'lmdb'
import { checkDataFile, DamagedFile, mapBytes } from './data-file'
import { isServerError, serverError } from './errors'
import { prefixSuccessor } from './keys'

/**
 * The database is one sorted list of binary keys in LMDB. The first byte of a key says what follows: 1 a
 * setting, 2 a catalog entry (namespace), 3 a document (collection id, record id), 4 an index entry (index
 * id, key), 5 a session, 6 a dropped prefix whose keys have yet to be deleted.
 */
export const keyspace = { setting: 1, catalog: 2, document: 3, index: 4, session: 5, dropped: 6 } as const

/**
 * The version of the file format. Increase it when the meaning of stored bytes changes; `checkFormat` refuses
 * any other.
 */
const format = 1

/** A key and its value. */
export interface Entry {
  key: Buffer
  value: Buffer
}

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
const abortable = 1
const durable = 2

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
    const copy = `${path}.compact`
    const remove = () => [copy, `${copy}-lock`].forEach(file => rmSync(file, { force: true }))
    const before = statSync(path).size
    if (!hasFreeSpace(path, before)) throw diskFullError()
    remove()
    try {
      await copyEntries(db, copy)
      const replaced = db
      db = openFile(copy, waitForDisk)
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
  function requireOpen(): RootDatabase<Buffer, Buffer> {
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
      await replacing
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
      await replacing
      while (waiting.length + continuing.length > 0) commitWaiting()
      closed = true
      await Promise.allSettled(snapshots)
      if (!waitForDisk) await flush(db)
      await db.close()
      if (!failure) rememberClosed(path)
    },
  }
}

/** The file in which `rememberClosed` notes size and time of the data file. */
const closedFile = (path: string) => `${path}-closed`

/** Notes how the data file was left, so that the next start need not check what nothing has changed since. */
export function rememberClosed(path: string): void {
  writeFileSync(closedFile(path), stateOf(path))
}

function isAsClosed(path: string): boolean {
  return existsSync(closedFile(path)) && readFileSync(closedFile(path), 'utf8') === stateOf(path)
}

function stateOf(path: string): string {
  const { size, mtimeMs, ctimeMs } = statSync(path)
  return JSON.stringify({ size, mtimeMs, ctimeMs })
}

/**
 * Creates a data file. It gets its name when it is complete: a file that is empty or has no format is a damaged one,
 * not one whose creation was interrupted.
 */
function createFile(path: string): void {
  const made = `${path}.${process.pid}-${threadId}`
  const db = openFile(made, true)
  db.transactionSync(
    () => void db.put(settingKey('format'), Buffer.from(String(format))),
    abortable | durable,
  )
  void db.close()
  // lmdb shares what it has open by the file, whatever its name, and it is still closing this one: its lock file would
  // be that of the new one, where no other process looks.
  const complete = `${made}-complete`
  try {
    copyFileSync(made, complete)
    flushFile(complete)
    renameSync(complete, path)
    flushFolder(dirname(path))
  } finally {
    for (const file of [made, `${made}-lock`, complete]) rmSync(file, { force: true })
  }
}

/** @throws Error that names the file */
function openFile(path: string, waitForDisk: boolean): RootDatabase<Buffer, Buffer> {
  try {
    return openLmdb(path, waitForDisk)
  } catch (error) {
    throw new Error(`${path} or ${path}-lock can't be opened: ${(error as Error).message}`, { cause: error })
  }
}

function openLmdb(path: string, waitForDisk: boolean): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    // A commit returns when its pages and its root are on disk.
    overlappingSync: false,
    noSync: !waitForDisk,
    // The size of the address space, not of memory or the file. Windows allocates the whole file at once, so
    // there it grows.
    ...(process.platform === 'win32' ? {} : { mapSize: mapBytes }),
  })
}

/** Entries that are copied at a time; one has at most 16 MB. */
const copiedAtOnce = 100

/**
 * Writes every entry to a new file. LMDB's own compact copy isn't enough: it keeps deleted keys where they separate the
 * pages of the tree, and what was written before in the gaps of pages.
 */
function copyEntries(from: RootDatabase<Buffer, Buffer>, target: string): Promise<void> {
  return appendEntries(target, readBatches(from))
}

function* readBatches(from: RootDatabase<Buffer, Buffer>): Generator<Entry[]> {
  for (let start = Buffer.from([0]); ;) {
    const entries = [...from.getRange({ start, limit: copiedAtOnce, snapshot: false })]
    yield entries
    if (entries.length < copiedAtOnce) return
    start = Buffer.concat([entries.at(-1)!.key, Buffer.from([0])])
  }
}

/** After how many bytes a file that is being written is flushed: less holds up the commits of others less. */
const flushedAtOnce = 16 * 1024 * 1024

/**
 * Writes a new file from batches of entries in the order of their keys, and flushes it.
 *
 * @param options.last returns an entry to add when all others are written, in its place by its key
 * @param options.pause is awaited after each batch
 */
export async function appendEntries(
  target: string,
  batches: Iterable<Entry[]>,
  { last, pause = () => nextTurn() }: { last?: () => Entry; pause?: () => Promise<unknown> } = {},
): Promise<void> {
  const copy = openFile(target, false)
  let unflushed = 0
  try {
    for (const entries of batches) {
      copy.transactionSync(() => {
        for (const { key, value } of entries) copy.putSync(key, value, { append: true })
      }, abortable)
      for (const { key, value } of entries) unflushed += key.length + value.length
      if (unflushed > flushedAtOnce) {
        await flush(copy)
        unflushed = 0
      }
      await pause()
    }
    if (last) {
      const { key, value } = last()
      copy.transactionSync(() => void copy.putSync(key, value), abortable)
    }
    await flush(copy)
  } finally {
    await copy.close()
    rmSync(`${target}-lock`, { force: true })
  }
}

/** Waits until the names in a folder are on disk. Windows has no such call. */
export function flushFolder(path: string): void {
  if (process.platform !== 'win32') flushFile(path, 'r')
}

/** Waits until a file is on disk. */
function flushFile(path: string, flags = 'r+'): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Flushes everything that a storage opened without `waitForDisk` has not yet written. */
function flush(db: RootDatabase<Buffer, Buffer>): Promise<void> {
  // lmdb's types omit the environment.
  const { env } = db as RootDatabase<Buffer, Buffer> & {
    env: { sync(done: (error?: Error) => void): void }
  }
  return new Promise((resolve, reject) => env.sync(error => (error ? reject(error) : resolve())))
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

function checkFormat(db: RootDatabase<Buffer, Buffer>, path: string): void {
  const found = db.get(settingKey('format'))?.toString()
  if (found === undefined) throw new DamagedFile(path, 'is not a store')
  if (found !== String(format))
    throw new Error(
      `The data folder has format ${found}, but this version reads format ${format}. ` +
        'Dump it with the version that wrote it, then restore the dump with this one.',
    )
}

/** Returns the key of a setting. */
export function settingKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([keyspace.setting]), Buffer.from(name)])
}

/** Returns the range of all keys that start with `prefix`. */
export function prefixRange(prefix: Buffer): [Buffer, Buffer] {
  return [prefix, prefixSuccessor(prefix)]
}

/** Returns the prefix of the keys of one collection or index. */
export function keyPrefix(kind: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(5)
  key[0] = kind
  key.writeUInt32BE(id, 1)
  return key
}

/**
 * Returns the key of a document: 1 byte keyspace, 4 bytes collection id, 6 bytes record id, all big-endian.
 */
export function documentKey(collection: number, recordId: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = keyspace.document
  key.writeUInt32BE(collection, 1)
  key.writeUIntBE(recordId, 5, 6)
  return key
}

/** Reads the record id at the end of a document's key (`at` 5), or in the value of an index entry. */
export function readRecordId(documentOrEntryValue: Buffer, at = 0): number {
  return documentOrEntryValue.readUIntBE(at, 6)
}

/** Returns a record id as 6 bytes, the value of an index entry. */
export function encodeRecordId(recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(recordId, 0, 6)
  return bytes
}

/**
 * LMDB is read in chunks of growing size: reading one document stays cheap, and no read transaction stays
 * open.
 */
const [firstChunkSize, maxChunkSize] = [4, 256]
/** A chunk ends after the entry with which it has this many bytes. */
const maxChunkBytes = 1024 * 1024

/** Yields the entries of a range. Others may change the range between two chunks. */
export function* rangeInChunks(
  storage: Storage,
  first: Buffer,
  last: Buffer,
  reverse = false,
): Generator<Entry> {
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
    yield* chunk
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
