import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { backUp, isBackup, megabytes, replaceStore, restoreBackup } from '../src/store/backup'
import { dump, restore } from '../src/store/dump'
import { ownStore, withOwner } from '../src/store/lock'
import { startStore, storeUri } from '../src/store/start'
import { openStorage } from '../src/store/storage'
import { verify } from '../src/store/verify'

const usage = `npm run store -- <command> [options]

  backup   --folder data/store --to file
  restore  --folder data/store --from file [--replace] file is a backup or a dump; - is a dump
  restore  --uri mongodb://... --from file             file is a dump
  dump     --folder data/store | --uri mongodb://...   --to file|-   [--database name]
  verify   --folder data/store | --from backup
  compact  --folder data/store

Without --folder and --uri, the MongoDB in MONGODB_URI is used, or else the store in DATA_DIR.
`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    uri: { type: 'string' },
    to: { type: 'string', default: '-' },
    from: { type: 'string', default: '-' },
    database: { type: 'string' },
    replace: { type: 'boolean', default: false },
  },
})

const folder = options.folder ?? join(process.env.DATA_DIR ?? 'data', 'store')
const uri = options.uri ?? (options.folder ? undefined : process.env.MONGODB_URI)

/**
 * Runs `work` with a client for the chosen MongoDB, or for the store in the folder, through the process that has it
 * open if there is one.
 */
async function withClient(work: (client: MongoClient) => Promise<void>): Promise<void> {
  if (uri) return withConnection(uri, work)
  dataFile()
  await withOwner(folder, owner => (owner ? withConnection(storeUri(owner), work) : withStore(folder, work)))
}

async function withStore(
  home: string,
  work: (client: MongoClient) => Promise<void>,
  waitForDisk = true,
): Promise<void> {
  const store = await startStore({ folder: home, waitForDisk })
  try {
    await withConnection(store.uri, work)
  } finally {
    await store.close()
  }
}

async function withConnection(address: string, work: (client: MongoClient) => Promise<void>): Promise<void> {
  const client = await MongoClient.connect(address)
  try {
    await work(client)
  } finally {
    await client.close()
  }
}

/** Shows on a terminal how far a step is. */
function showProgress(step: string, done: number): void {
  if (!process.stderr.isTTY) return
  const percent = Math.min(100, Math.floor(done * 100))
  process.stderr.write(`\r${step} ${percent}%  ${percent === 100 ? '\n' : ''}`)
}

function dataFile(): string {
  const file = join(folder, 'data.mdb')
  if (!existsSync(file)) throw new Error(`There is no store in ${folder}.`)
  return file
}

async function dumpTo(client: MongoClient): Promise<void> {
  const out: NodeJS.WritableStream =
    options.to === '-' ? process.stdout : createWriteStream(options.to, { mode: 0o600 })
  for await (const line of dump(client, options.database ? [options.database] : undefined))
    if (!out.write(line)) await new Promise(resolve => out.once('drain', resolve))
  if (out === process.stdout) return
  out.end()
  await finished(out)
}

async function backup(): Promise<void> {
  if (options.to === '-') throw new Error('Name the file of the backup with --to.')
  const { entries } = await backUp(dataFile(), options.to, writeOnline, showProgress)
  console.error(
    `Backed up ${entries} entries to ${options.to} (${megabytes(options.to)}), and read them again.`,
  )
}

/** Asks the academy that runs to write its store to a file, and shows how far it is by the size of that file. */
async function writeOnline(address: string, target: string): Promise<void> {
  const whole = statSync(dataFile()).size
  const timer = setInterval(() => {
    const written = statSync(target, { throwIfNoEntry: false })?.size ?? 0
    showProgress('copying', Math.min(written / whole, 0.99))
  }, 500)
  try {
    await withConnection(storeUri(address), async client => {
      await client.db('admin').command({ backup: 1, to: target })
    })
  } finally {
    clearInterval(timer)
  }
}

async function restoreDump(client: MongoClient): Promise<void> {
  const input = options.from === '-' ? process.stdin : createReadStream(options.from)
  const { documents, collections, indexes } = await restore(client, createInterface({ input }))
  console.error(`Restored ${documents} documents in ${collections} collections with ${indexes} indexes.`)
}

async function restoreFrom(): Promise<void> {
  const isOfStore = options.from !== '-' && isBackup(options.from)
  if (uri && isOfStore) throw new Error('A backup restores a folder only. A MongoDB needs a dump.')
  if (uri) return withConnection(uri, restoreDump)
  const file = join(folder, 'data.mdb')
  if (isOfStore) {
    const { record, kept } = await restoreBackup(options.from, file, options.replace, showProgress)
    console.error(`Restored the backup of ${record.createdAt} with ${record.entries} entries to ${folder}.`)
    return sayKept(kept)
  }
  // The dump is loaded into a store of its own, whose file then becomes that of the folder.
  const kept = await replaceStore(file, options.replace, async target => {
    const home = `${target}-store`
    rmSync(home, { recursive: true, force: true })
    try {
      await withStore(home, restoreDump, false)
      renameSync(join(home, 'data.mdb'), target)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
  sayKept(kept)
}

function sayKept(kept: string | undefined): void {
  if (kept) console.error(`The former store is ${kept}. Delete it when you no longer need it.`)
}

async function verifyFile(): Promise<void> {
  const report = (path: string) => {
    const { collections, documents, entries, problems } = verify({ path }, done =>
      showProgress('verifying', done),
    )
    for (const problem of problems) console.error(problem)
    console.error(
      `${collections} collections, ${documents} documents, ${entries} index entries, ${problems.length} problems`,
    )
    if (problems.length > 0) process.exitCode = 1
  }
  if (options.from !== '-') return report(options.from)
  const file = dataFile()
  const release = await ownStore(folder)
  try {
    report(file)
  } finally {
    await release()
  }
}

async function compact(): Promise<void> {
  const file = dataFile()
  const copy = `${file}.compact`
  const before = statSync(file).size
  const release = await ownStore(folder)
  try {
    rmSync(copy, { force: true })
    const storage = openStorage(file)
    await storage.compact(copy).finally(storage.close)
    // The lock belongs to the old file.
    rmSync(`${file}-lock`, { force: true })
    renameSync(copy, file)
  } finally {
    await release()
  }
  console.error(`${Math.round(before / 1024)} KB before, ${Math.round(statSync(file).size / 1024)} KB after`)
}

const commands: Record<string, () => Promise<void>> = {
  backup,
  restore: restoreFrom,
  dump: () => withClient(dumpTo),
  verify: verifyFile,
  compact,
}

const run = commands[positionals[0] ?? '']
if (run)
  run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
else {
  console.error(usage)
  process.exitCode = 2
}
