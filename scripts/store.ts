import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { dump, restore } from '../src/store/dump'
import { acquireLock, offlineAddress } from '../src/store/lock'
import { startStore } from '../src/store/start'
import { openStorage } from '../src/store/storage'
import { verify } from '../src/store/verify'

const usage = `npm run store -- <command> [options]

  dump     --folder data/store | --uri mongodb://...   --to file|-   [--database name]
  restore  --folder data/store | --uri mongodb://...   --from file|-
  verify   --folder data/store
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
  },
})

const folder = options.folder ?? join(process.env.DATA_DIR ?? 'data', 'store')
const uri = options.uri ?? (options.folder ? undefined : process.env.MONGODB_URI)

/** Runs `work` with a client for the chosen MongoDB, or for a store that it opens on the folder. */
async function withClient(mustExist: boolean, work: (client: MongoClient) => Promise<void>): Promise<void> {
  if (!uri && mustExist) dataFile()
  const store = uri ? undefined : await startStore({ folder })
  const client = await MongoClient.connect(uri ?? store!.uri)
  try {
    await work(client)
  } finally {
    await client.close()
    await store?.close()
  }
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

async function restoreFrom(client: MongoClient): Promise<void> {
  const input = options.from === '-' ? process.stdin : createReadStream(options.from)
  const { documents, collections, indexes } = await restore(client, createInterface({ input }))
  console.error(`Restored ${documents} documents in ${collections} collections with ${indexes} indexes.`)
}

/**
 * Opens the file without a server.
 *
 * @throws Error when a process has the folder open
 */
async function withStorage(
  work: (storage: ReturnType<typeof openStorage>, file: string) => Promise<void>,
): Promise<void> {
  const file = dataFile()
  const storage = openStorage(file)
  try {
    await acquireLock(storage, offlineAddress(), folder)
    await work(storage, file)
  } finally {
    await storage.close()
  }
}

async function verifyFolder(): Promise<void> {
  await withStorage(async storage => {
    const { collections, documents, entries, problems } = verify(storage)
    for (const problem of problems) console.error(problem)
    console.error(
      `${collections} collections, ${documents} documents, ${entries} index entries, ${problems.length} problems`,
    )
    if (problems.length > 0) process.exitCode = 1
  })
}

async function compact(): Promise<void> {
  const file = dataFile()
  const copy = `${file}.compact`
  const before = statSync(file).size
  rmSync(copy, { force: true })
  // Replace the file while this process still holds the lock.
  await withStorage(async storage => {
    await storage.compact(copy)
    renameSync(copy, file)
  })
  console.error(`${Math.round(before / 1024)} KB before, ${Math.round(statSync(file).size / 1024)} KB after`)
}

const commands: Record<string, () => Promise<void>> = {
  dump: () => withClient(true, dumpTo),
  restore: () => withClient(false, restoreFrom),
  verify: verifyFolder,
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
