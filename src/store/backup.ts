import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { DamagedFile, describeDamage, openDataFile, type DataFile, type Leaf } from './data-file'
import { serverError } from './errors'
import { ownStore, withOwner } from './lock'
import { settingKey } from './keyspace'
import { appendEntries, flushFile, flushFolder, rememberClosed, type Entry } from './lmdb-file'
import type { Storage } from './storage'

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
/** Not part of a backup: the owner that earlier versions noted, and what an earlier backup says about itself. */
const leftOut = [settingKey('owner'), recordKey]
/** A batch is written when it has this many entries or bytes: fewer where others wait meanwhile. */
const [offlineBatch, onlineBatch] = [
  { entries: 2000, bytes: 256 * 1024 },
  { entries: 200, bytes: 32 * 1024 },
]

/**
 * Copies a store to a new file. The copy has nothing of what was deleted before. It gets its name when it is complete,
 * on disk, and has been read again.
 *
 * @param writeOnline asks the process that listens on the address, because it has the store open, to write the copy
 * @throws Error when the target exists, is in the store's own folder, or its disk hasn't enough room; DamagedFile when
 *   the store has a damaged page
 */
export async function backUp(
  file: string,
  target: string,
  writeOnline: (address: string, target: string) => Promise<unknown>,
  onProgress: OnProgress = () => {},
): Promise<BackupRecord> {
  if (existsSync(target)) throw existing(target)
  const folder = dirname(resolve(target))
  requirePlace(file, folder)
  mkdirSync(folder, { recursive: true })
  removeAbandoned(folder, basename(target))
  // Two backups to one target don't write to the same file. The one that is complete first gets the name.
  const unfinished = join(folder, `.${basename(target)}.${process.pid}.unfinished`)
  const remove = () => [unfinished, `${unfinished}-lock`].forEach(each => rmSync(each, { force: true }))
  remove()
  // Only its owner may read it. LMDB takes an empty file for a new one.
  closeSync(openSync(unfinished, 'wx', 0o600))
  try {
    await withOwner(dirname(file), owner =>
      owner ? writeOnline(owner, unfinished) : writeOffline(file, unfinished, onProgress),
    )
    const record = await checkBackup(unfinished, onProgress)
    giveName(unfinished, target)
    flushFolder(folder)
    return record
  } finally {
    remove()
  }
}

const existing = (target: string) => new Error(`${target} exists already. Back up to another file.`)

/** What stays free on the disk of a backup, in bytes: on a full one, the academy could no longer write. */
const reserve = 64 * 1024 * 1024

/** @throws Error for a folder in that of the store, or one whose disk a copy of the store would fill */
function requirePlace(file: string, folder: string): void {
  let place = folder
  while (!existsSync(place)) place = dirname(place)
  const inside = relative(realpathSync(dirname(file)), realpathSync(place))
  if (!inside.startsWith('..') && !isAbsolute(inside))
    throw new Error(`${folder} is the folder of the store, or in it. Back up to another folder.`)
  const { bavail, bsize } = statfsSync(place)
  const needed = statSync(file).size + reserve
  if (bavail * bsize >= needed) return
  const inMegabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`
  throw new Error(
    `${folder} has ${inMegabytes(bavail * bsize)} free, and a backup may need ${inMegabytes(needed)}. ` +
      'Back up to another disk.',
  )
}

/** Removes what backups to this name left that were killed. */
function removeAbandoned(folder: string, name: string): void {
  for (const each of readdirSync(folder)) {
    const pid = each.startsWith(`.${name}.`) && /\.(\d+)\.unfinished(-lock)?$/.exec(each)?.[1]
    if (pid && !isRunning(Number(pid))) rmSync(join(folder, each), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** @throws Error when another file has the name meanwhile */
function giveName(unfinished: string, target: string): void {
  try {
    linkSync(unfinished, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(target)) throw existing(target)
    // The file system has no links.
    renameSync(unfinished, target)
  }
}

async function writeOffline(file: string, target: string, onProgress: OnProgress): Promise<void> {
  const release = await ownStore(dirname(file))
  try {
    const source = openDataFile(file)
    try {
      await writeCopy(target, entriesOf(file, source), done => onProgress('copying', done / source.entries))
    } finally {
      source.close()
    }
  } finally {
    await release()
  }
}

/**
 * Writes what an open store contains at this moment to a file that exists and is empty, while others read and write.
 *
 * @param isUnwanted returns true when nobody waits for it any more
 * @throws 91 when the store closes meanwhile, 11601 when it is unwanted
 */
export async function writeSnapshot(
  storage: Storage,
  target: string,
  isUnwanted: () => boolean,
): Promise<void> {
  await storage.withSnapshot(async entries => {
    let startedAt = performance.now()
    // Others get at least as much time as the copy takes.
    const pause = async () => {
      if (isUnwanted()) throw serverError(11601, 'operation was interrupted')
      await setTimeout(Math.min(performance.now() - startedAt, longestPause))
      startedAt = performance.now()
    }
    await writeCopy(target, entries, () => {}, pause)
  })
}
const longestPause = 20

async function writeCopy(
  target: string,
  entries: Iterable<Entry>,
  onEntries: (count: number) => void,
  pause?: () => Promise<unknown>,
): Promise<void> {
  const hash = createHash('sha256')
  let count = 0
  const onBatch = (done: number) => {
    count = done
    onEntries(done)
  }
  const counted = batches(entries, hash, onBatch, pause ? onlineBatch : offlineBatch)
  const last = () => {
    const record: BackupRecord = {
      createdAt: new Date().toISOString(),
      entries: count,
      digest: hash.digest('hex'),
    }
    return { key: recordKey, value: Buffer.from(JSON.stringify(record)) }
  }
  await appendEntries(target, counted, { last, pause })
}

/** Yields the entries, except for those that are left out, in batches, and adds them to the hash. */
function* batches(
  entries: Iterable<Entry>,
  hash: Hash,
  onEntries: (count: number) => void,
  most = offlineBatch,
): Generator<Entry[]> {
  let [count, bytes] = [0, 0]
  let batch: Entry[] = []
  for (const { key, value } of entries) {
    if (leftOut.some(each => each.equals(key))) continue
    const sizes = Buffer.allocUnsafe(8)
    sizes.writeUInt32LE(key.length)
    sizes.writeUInt32LE(value.length, 4)
    hash.update(sizes).update(key).update(value)
    batch.push({ key, value })
    bytes += key.length + value.length
    count++
    if (batch.length < most.entries && bytes < most.bytes) continue
    onEntries(count)
    yield batch
    batch = []
    bytes = 0
  }
  onEntries(count)
  yield batch
}

/** @throws DamagedFile at the first damaged page */
function* entriesOf(path: string, file: DataFile): Generator<Entry> {
  // The leaf's memory is used again for the next one.
  for (const leaf of soundLeaves(path, file))
    for (let i = 0; i < leaf.count; i++)
      yield { key: Buffer.from(leaf.key(i)), value: Buffer.from(leaf.value(i)) }
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
    const all = batches(entriesOf(path, file), hash, done => (entries = done))
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
  const release = await ownStore(folder)
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

/** Returns the size of a file in MB, to read. */
export function megabytes(path: string): string {
  return `${(statSync(path).size / 1024 / 1024).toFixed(1)} MB`
}
