import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DamagedFile, describeDamage, openDataFile, type DataFile, type Leaf } from './data-file'
import { acquireLock, isAlive, offlineAddress } from './lock'
import { appendEntries, flushFolder, openStorage, rememberClosed, settingKey } from './storage'

/** What a backup says about itself, in its last entry that is written. A file without it is no complete backup. */
interface BackupRecord {
  createdAt: string
  entries: number
  /** The SHA-256 of all entries, in hexadecimal. */
  digest: string
}

/** Receives how much is done, from 0 to 1. */
type OnProgress = (step: 'copying' | 'checking', done: number) => void

const recordKey = settingKey('backup')
/** Not part of a backup: the process that has the store open, and what an earlier backup says about itself. */
const leftOut = [settingKey('owner'), recordKey]
/** Entries that are written in a transaction. */
const writtenAtOnce = 2000

/**
 * Copies a store that no process has open to a new file. The copy has nothing of what was deleted before. It gets its
 * name when it is complete, on disk, and has been read again.
 *
 * @throws Error when the target exists or a process has the store open; DamagedFile when the store has a damaged page
 */
export async function backUp(
  file: string,
  target: string,
  onProgress: OnProgress = () => {},
): Promise<BackupRecord> {
  if (existsSync(target)) throw new Error(`${target} exists already. Back up to another file.`)
  mkdirSync(dirname(target), { recursive: true })
  const unfinished = join(dirname(target), `.${basename(target)}.unfinished`)
  const remove = () => [unfinished, `${unfinished}-lock`].forEach(each => rmSync(each, { force: true }))
  remove()
  // Only its owner may read it. LMDB takes an empty file for a new one.
  closeSync(openSync(unfinished, 'wx', 0o600))
  const release = await ownStore(file)
  try {
    const source = openDataFile(file)
    const hash = createHash('sha256')
    let entries = 0
    try {
      await appendEntries(
        unfinished,
        batches(file, source, hash, done => {
          entries = done
          onProgress('copying', done / source.entries)
        }),
        () => {
          const record = { createdAt: new Date().toISOString(), entries, digest: hash.digest('hex') }
          return { key: recordKey, value: Buffer.from(JSON.stringify(record)) }
        },
      )
    } finally {
      source.close()
    }
    const record = await checkBackup(unfinished, onProgress)
    renameSync(unfinished, target)
    flushFolder(dirname(target))
    return record
  } finally {
    await release()
    remove()
  }
}

interface Entry {
  key: Buffer
  value: Buffer
}

/** Yields the entries of a file, except for those that are left out, and adds them to the hash. */
function* batches(
  path: string,
  file: DataFile,
  hash: Hash,
  onEntries: (count: number) => void,
): Generator<Entry[]> {
  let count = 0
  let batch: Entry[] = []
  for (const leaf of soundLeaves(path, file)) {
    for (let i = 0; i < leaf.count; i++) {
      const [key, value] = [leaf.key(i), leaf.value(i)]
      if (leftOut.some(each => each.equals(key))) continue
      const sizes = Buffer.allocUnsafe(8)
      sizes.writeUInt32LE(key.length)
      sizes.writeUInt32LE(value.length, 4)
      hash.update(sizes).update(key).update(value)
      // The leaf's memory is used again for the next one.
      batch.push({ key: Buffer.from(key), value: Buffer.from(value) })
      count++
    }
    if (batch.length < writtenAtOnce) continue
    onEntries(count)
    yield batch
    batch = []
  }
  onEntries(count)
  yield batch
}

/** @throws DamagedFile at the first damaged page */
function* soundLeaves(path: string, file: DataFile): Generator<Leaf> {
  const refuse = (problem: string) => {
    throw new DamagedFile(path, `is damaged: ${problem}`)
  }
  yield* file.leaves(damage => refuse(describeDamage(damage)))
}

/**
 * Reads a whole backup and compares it with what it says about itself.
 *
 * @throws Error when it is incomplete or differs from what was backed up
 */
async function checkBackup(path: string, onProgress: OnProgress): Promise<BackupRecord> {
  const file = openDataFile(path)
  try {
    const hash = createHash('sha256')
    let entries = 0
    const all = batches(path, file, hash, done => (entries = done))
    for (const _ of all) {
      onProgress('checking', entries / file.entries)
      await setImmediate()
    }
    const record = readRecord(path)
    if (record.entries !== entries || record.digest !== hash.digest('hex'))
      throw new Error(`${path} is damaged: its content isn't what was backed up.`)
    return record
  } finally {
    file.close()
  }
}

function readRecord(path: string): BackupRecord {
  const file = openDataFile(path)
  try {
    for (const leaf of soundLeaves(path, file))
      for (let i = 0; i < leaf.count; i++) {
        const order = leaf.key(i).compare(recordKey)
        if (order === 0) return JSON.parse(leaf.value(i).toString()) as BackupRecord
        if (order > 0) throw new Error(`${path} is not a complete backup.`)
      }
  } finally {
    file.close()
  }
  throw new Error(`${path} is not a complete backup.`)
}

/** Whether a file is a backup rather than a dump, by its first bytes. */
export function isBackup(path: string): boolean {
  const start = Buffer.alloc(28)
  const fd = openSync(path, 'r')
  try {
    return readSync(fd, start, 0, 28, 0) === 28 && start.readUInt32LE(24) === 0xbeefc0de
  } finally {
    closeSync(fd)
  }
}

/**
 * Puts a backup in the place of a store. The backup is copied and checked first.
 *
 * @throws Error as `replaceStore` does, or when the backup is damaged
 */
export async function restoreBackup(
  backup: string,
  file: string,
  replace: boolean,
  onProgress: OnProgress = () => {},
): Promise<{ record: BackupRecord; kept?: string }> {
  let record: BackupRecord | undefined
  const kept = await replaceStore(file, replace, async copy => {
    copyFileSync(backup, copy, constants.COPYFILE_FICLONE)
    flushFile(copy)
    record = await checkBackup(copy, onProgress)
  })
  return { record: record!, kept }
}

/**
 * Replaces the data file of a store by a new one, in one step: after a crash, either the old or the new one is there.
 *
 * @param make writes the new file
 * @returns the name under which the old file was kept, if there was one
 * @throws Error when there is a store and `replace` is false, or a process has it open
 */
export async function replaceStore(
  file: string,
  replace: boolean,
  make: (target: string) => Promise<void>,
): Promise<string | undefined> {
  const folder = dirname(file)
  if (existsSync(file) && !replace)
    throw new Error(
      `There is a store in ${folder} already. Add --replace to put another one in its place; it is kept beside it.`,
    )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const release = existsSync(file) ? await ownStore(file) : async () => {}
  const made = `${file}.new`
  const remove = () => [made, `${made}-lock`].forEach(each => rmSync(each, { force: true }))
  remove()
  let kept: string | undefined
  try {
    await make(made)
    if (existsSync(file)) {
      kept = `${file}.${new Date().toISOString().replace(/[:.]/g, '-')}`
      keepAs(file, kept)
    }
    // The lock belongs to the old file.
    rmSync(`${file}-lock`, { force: true })
    renameSync(made, file)
    flushFolder(folder)
  } finally {
    remove()
    await release()
  }
  rememberClosed(file)
  return kept
}

function keepAs(file: string, name: string): void {
  try {
    linkSync(file, name)
  } catch {
    // The file system has no links.
    copyFileSync(file, name)
  }
}

/**
 * Takes the store, so that no other process opens it, or makes sure that none has it open when it is damaged.
 *
 * @returns what releases it
 * @throws Error when a process has it open
 */
export async function ownStore(file: string): Promise<() => Promise<void>> {
  const folder = dirname(file)
  let storage: ReturnType<typeof openStorage>
  try {
    storage = openStorage(file)
  } catch (error) {
    const sockets = join(folder, 'run')
    for (const name of existsSync(sockets) ? readdirSync(sockets) : [])
      if (await isAlive(join(sockets, name)))
        throw new Error(`The data folder ${folder} is open in another process. Stop that process first.`, {
          cause: error,
        })
    return async () => {}
  }
  try {
    await acquireLock(storage, offlineAddress(), folder)
  } catch (error) {
    await storage.close()
    throw error
  }
  return storage.close
}

function flushFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Returns the size of a file in MB, to read. */
export function megabytes(path: string): string {
  return `${(statSync(path).size / 1024 / 1024).toFixed(1)} MB`
}
