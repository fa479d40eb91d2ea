import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { open, type RootDatabase } from 'lmdb'
import { DamagedFile, mapBytes } from './data-file'
import { settingKey } from './keyspace'

/** An open LMDB file. */
export type LmdbFile = RootDatabase<Buffer, Buffer>

/** A key and its value. */
export interface Entry {
  key: Buffer
  value: Buffer
}

/** Flags of lmdb's `transactionSync`: an error undoes it, and it returns when it is on disk. */
export const [abortable, durable] = [1, 2]

/**
 * The version of the file format. Increase it when the meaning of stored bytes changes; `checkFormat` refuses
 * any other.
 */
const format = 1

/** The file in which `rememberClosed` notes size and time of the data file. */
const closedFile = (path: string) => `${path}-closed`

/** Notes how the data file was left, so that the next start need not check what nothing has changed since. */
export function rememberClosed(path: string): void {
  try {
    writeFileSync(closedFile(path), stateOf(path))
  } catch {
    // A full disk. The next start checks the file.
    rmSync(closedFile(path), { force: true })
  }
}

/** Whether nothing has written to the data file since it was closed. */
export function isAsClosed(path: string): boolean {
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
export function createFile(path: string): void {
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
export function openFile(path: string, waitForDisk: boolean): LmdbFile {
  try {
    return openLmdb(path, waitForDisk)
  } catch (error) {
    throw new Error(`${path} or ${path}-lock can't be opened: ${(error as Error).message}`, { cause: error })
  }
}

function openLmdb(path: string, waitForDisk: boolean): LmdbFile {
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

/** How many entries and bytes are copied at a time; one entry has at most 16 MB. */
const [copiedAtOnce, copiedBytes] = [100, 1024 * 1024]

/**
 * Writes every entry to a new file. LMDB's own compact copy isn't enough: it keeps deleted keys where they separate the
 * pages of the tree, and what was written before in the gaps of pages.
 */
export function copyEntries(from: LmdbFile, target: string): Promise<void> {
  return appendEntries(target, readBatches(from))
}

function* readBatches(from: LmdbFile): Generator<Entry[]> {
  for (let start = Buffer.from([0]); ;) {
    const entries: Entry[] = []
    let bytes = 0
    for (const entry of from.getRange({ start, limit: copiedAtOnce, snapshot: false })) {
      entries.push(entry)
      bytes += entry.key.length + entry.value.length
      if (bytes >= copiedBytes) break
    }
    yield entries
    if (entries.length < copiedAtOnce && bytes < copiedBytes) return
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
export function flushFile(path: string, flags = 'r+'): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Flushes everything that a storage opened without `waitForDisk` has not yet written. */
export function flush(db: LmdbFile): Promise<void> {
  // lmdb's types omit the environment.
  const { env } = db as LmdbFile & {
    env: { sync(done: (error?: Error) => void): void }
  }
  return new Promise((resolve, reject) => env.sync(error => (error ? reject(error) : resolve())))
}

/** @throws DamagedFile when the file is no store; Error when it has another format */
export function checkFormat(db: LmdbFile, path: string): void {
  const found = db.get(settingKey('format'))?.toString()
  if (found === undefined) throw new DamagedFile(path, 'is not a store')
  if (found !== String(format))
    throw new Error(
      `The data folder has format ${found}, but this version reads format ${format}. ` +
        'Dump it with the version that wrote it, then restore the dump with this one.',
    )
}
