import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient, type Collection, type Document } from 'mongodb'
import { openStorage } from '../../src/store/storage'
import { startStore } from '../../src/store/start'

// Measures the embedded store from another process. Results are given as ratios to a bare ping in the same run and to
// LMDB without the store.
// node dist/scripts/benchmark/store.js [--leads 100000] [--seconds 2]

const leads = Number(option('leads') ?? 100_000)
const seconds = Number(option('seconds') ?? 2)

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

interface Running {
  process: ChildProcess
  uri: string
  startMs: number
}

/** Runs the store in its own process. `startMs` is the time it took to open, without Node's own startup. */
async function run(folder: string): Promise<Running> {
  const child = fork(__filename, [], { env: { ...process.env, LYCEUM_BENCHMARK_STORE: folder } })
  const { uri, startMs } = await new Promise<{ uri: string; startMs: number }>(resolve =>
    child.once('message', message => resolve(message as never)),
  )
  return { process: child, uri, startMs }
}

async function stop({ process: child }: Running): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

function residentMemory({ process: child }: Running): string {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0)
  return `${Math.round(kilobytes / 1024)} MB`
}

/** Returns operations per second with a number of concurrent clients. */
async function rate(clients: number, work: (n: number) => Promise<unknown>): Promise<number> {
  let done = 0
  const end = performance.now() + seconds * 1000
  const loop = async () => {
    while (performance.now() < end) await work(done++)
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: clients }, loop))
  return done / ((performance.now() - began) / 1000)
}

function lead(_id: number): Document {
  return {
    _id,
    email: `p${_id}@x${_id % 900}.example`,
    company: _id % 900,
    score: _id % 100,
    state: 'open',
    seen: new Date(),
    tags: ['a', 'b'],
    text: 'x'.repeat(150),
  }
}

async function lmdbAlone(): Promise<{ insert: number; find: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-bench-'))
  const storage = openStorage(join(folder, 'data.mdb'))
  const value = Buffer.alloc(300)
  const key = (n: number) => Buffer.from(`k${n}`)
  const insert = await rate(1, n => storage.write(() => storage.put(key(n), value)))
  const find = await rate(1, n => Promise.resolve(storage.get(key(n % 1000))))
  await storage.close()
  rmSync(folder, { recursive: true })
  return { insert, find }
}

async function measure(client: MongoClient, leadsCollection: Collection<Document>): Promise<void> {
  const db = client.db('bench')
  const fresh = db.collection<Document>('fresh')
  const lmdb = await lmdbAlone()
  const someId = (n: number) => (n * 7919) % leads
  const works: Array<[string, (n: number) => Promise<unknown>, number]> = [
    ['ping', () => db.command({ ping: 1 }), 0],
    ['durable insert', n => fresh.insertOne({ ...lead(n), _id: undefined }), lmdb.insert],
    ['find by _id', n => leadsCollection.findOne({ _id: someId(n) as never }), lmdb.find],
    [
      'find by index',
      n => leadsCollection.findOne({ email: `p${someId(n)}@x${someId(n) % 900}.example` }),
      lmdb.find,
    ],
    [
      '$inc update',
      n => leadsCollection.updateOne({ _id: someId(n) as never }, { $inc: { visits: 1 } }),
      lmdb.insert,
    ],
  ]
  for (const clients of [1, 10]) {
    const ping = await rate(clients, works[0]![1])
    console.log(`\n${clients} client${clients > 1 ? 's' : ''}: ping ${Math.round(ping)}/s`)
    for (const [name, work, alone] of works.slice(1)) {
      const found = await rate(clients, work)
      console.log(
        `  ${name.padEnd(15)} ${String(Math.round(found)).padStart(6)}/s   ` +
          `${(found / ping).toFixed(2)} x ping   ${(found / alone).toPrecision(2)} x LMDB alone`,
      )
    }
  }
  console.log(`\nLMDB alone: durable put ${Math.round(lmdb.insert)}/s, get ${Math.round(lmdb.find)}/s`)
}

/** Measures how long a page's query waits while a report reads everything. */
async function responsiveness(client: MongoClient, collection: Collection<Document>): Promise<void> {
  const waits = async (during: Promise<unknown> | undefined) => {
    const found: number[] = []
    let running = true
    void during?.then(() => (running = false))
    const end = performance.now() + seconds * 1000
    while (during ? running : performance.now() < end) {
      const began = performance.now()
      await collection.findOne({ _id: ((found.length * 31) % leads) as never })
      found.push(performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    return found.sort((a, b) => a - b)
  }
  const p99 = (list: number[]) => `${list[Math.floor(list.length * 0.99)]?.toFixed(1)} ms (of ${list.length})`
  console.log(`\nA page's query alone, p99: ${p99(await waits(undefined))}`)
  const reports: Record<string, Document[]> = {
    'while a report groups everything': [
      { $group: { _id: '$company', n: { $sum: 1 }, score: { $avg: '$score' } } },
      { $sort: { n: -1 } },
    ],
    'while a report sorts everything': [{ $sort: { text: 1, score: -1 } }, { $skip: leads - 1 }],
  }
  for (const [name, pipeline] of Object.entries(reports)) {
    const began = performance.now()
    const report = collection.aggregate(pipeline, { allowDiskUse: true }).toArray()
    const list = await waits(report)
    console.log(`  ${name}: ${p99(list)}, the report took ${Math.round(performance.now() - began)} ms`)
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-bench-'))
  const filling = await run(folder)
  console.log(`Start with an empty folder: ${Math.round(filling.startMs)} ms, ${residentMemory(filling)}`)
  const filler = await MongoClient.connect(filling.uri)
  const target = filler.db('bench').collection<Document>('leads')
  await target.createIndexes([{ key: { email: 1 }, unique: true }, { key: { company: 1, score: -1 } }])
  for (let at = 0; at < leads; at += 1000)
    await target.insertMany(Array.from({ length: Math.min(1000, leads - at) }, (_, i) => lead(at + i)))
  await filler.close()
  await stop(filling)
  const store = await run(folder)
  console.log(
    `Start with ${leads} leads: ${Math.round(store.startMs)} ms, ${residentMemory(store)} (goal < 300 ms)`,
  )
  const client = await MongoClient.connect(store.uri, { maxPoolSize: 20 })
  const collection = client.db('bench').collection<Document>('leads')
  await measure(client, collection)
  await responsiveness(client, collection)
  console.log(`Memory of the process at the end: ${residentMemory(store)}`)
  await client.close()
  await stop(store)
  rmSync(folder, { recursive: true })
}

async function serve(folder: string): Promise<void> {
  const began = performance.now()
  const store = await startStore({ folder })
  process.send!({ uri: store.uri, startMs: performance.now() - began })
  process.once('SIGTERM', () => void store.close().then(() => process.exit(0)))
}

const folder = process.env.LYCEUM_BENCHMARK_STORE
;(folder ? serve(folder) : main()).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
