import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MongoClient, type Collection } from 'mongodb'

// Measures how long a page waits beside a write to every document: the query of a reader and the update of a writer,
// one after the other, on connections of their own. The long write comes from another process. The page's requests are
// the same for the same seed. A write that takes longer than the limit (in seconds) is measured up to there, and the
// store is then ended.
//
//     node dist/scripts/benchmark/store-writes.js [--documents 1000000] [--seed 1] [--limit 600] [--alone 5]

const documents = number('documents', 1_000_000)
const seed = number('seed', 1)
const limitMs = number('limit', 600) * 1000
const aloneMs = number('alone', 5) * 1000

function number(option: string, standard: number): number {
  const at = process.argv.indexOf(`--${option}`)
  return at < 0 ? standard : Number(process.argv[at + 1])
}

interface Person {
  _id: number
  email: string
  company: number
  score: number
  state: string
  text: string
  visits?: number
}

function person(_id: number): Person {
  return {
    _id,
    email: `p${_id}@x${_id % 900}.example`,
    company: _id % 900,
    score: (_id * 7919) % 1000,
    state: 'open',
    text: 'x'.repeat(100),
  }
}

/** Returns pseudo-random numbers below `n`, the same for the same seed. */
function choices(start: number): (n: number) => number {
  let state = start
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % n
  }
}

const isFinished = Symbol('finished')

/** Repeats a request until `during` ends, and returns how long each took, in ascending order. */
async function waits(request: (below: (n: number) => number) => Promise<unknown>, during: Promise<unknown>) {
  const below = choices(seed)
  const found: number[] = []
  const end = during.then(() => isFinished)
  for (;;) {
    const began = performance.now()
    const first = await Promise.race([request(below), end])
    found.push(performance.now() - began)
    if (first === isFinished) return found.sort((a, b) => a - b)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const part = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!

function row(name: string, took: number, isCut: boolean, reader: number[], writer: number[]): string {
  const figures = [reader, writer].map(times =>
    [part(times, 0.5), part(times, 0.99), times.at(-1)!].map(ms => ms.toFixed(1).padStart(9)).join(''),
  )
  const seconds = `${isCut ? '> ' : ''}${(took / 1000).toFixed(0)} s`
  return `  ${name.padEnd(32)}${seconds.padStart(8)}${figures.join('   ')}${String(reader.length).padStart(9)}`
}

/** The writes, in this order. Each begins with what the one before has left. */
const works: Record<string, (people: Collection<Person>, client: MongoClient) => Promise<unknown>> = {
  alone: () => new Promise(resolve => setTimeout(resolve, aloneMs)),
  'backup of the open store': (_people, client) => {
    const to = join(mkdtempSync(join(tmpdir(), 'lyceum-bench-backup-')), 'backup.mdb')
    writeFileSync(to, '')
    const backup = client.db('admin').command({ backup: 1, to })
    return backup.finally(() => rmSync(dirname(to), { recursive: true, force: true }))
  },
  createIndex: people => people.createIndex({ score: 1, email: 1 }),
  'updateMany, an indexed field': people => people.updateMany({}, { $inc: { score: 1 } }),
  'updateMany, no index': people => people.updateMany({ state: 'open' }, { $set: { text: 'y' } }),
  'insertMany of 100,000': people =>
    people.insertMany(Array.from({ length: 100_000 }, (_, i) => person(documents + i))),
  deleteMany: people => people.deleteMany({ score: { $gte: 0 } }),
  drop: people => people.drop(),
}

function connect(uri: string): Promise<MongoClient> {
  return MongoClient.connect(uri, { maxPoolSize: 1 })
}

const peopleOf = (client: MongoClient) => client.db('bench').collection<Person>('people')

/** Does one of the writes, when it is told to, in a process of its own. */
async function writeWhenTold(uri: string, name: string): Promise<void> {
  const client = await connect(uri)
  process.send!('ready')
  await new Promise(resolve => process.once('message', resolve))
  await works[name]!(peopleOf(client), client)
  process.exit(0)
}

/** Measures the page beside a write, and returns false when the write failed or reached the limit. */
async function measure(uri: string, name: string): Promise<boolean> {
  const env = { ...process.env, LYCEUM_BENCHMARK_URI: uri, LYCEUM_BENCHMARK_WRITE: name }
  const writing = fork(__filename, process.argv.slice(2), { env })
  await new Promise(resolve => writing.once('message', resolve))
  const [reading, updating] = await Promise.all([connect(uri), connect(uri)])
  const began = performance.now()
  let isCut = true
  const ended = new Promise<void>(resolve =>
    writing.once('exit', code => {
      isCut = code !== 0
      resolve()
    }),
  )
  const timer = setTimeout(() => writing.kill('SIGKILL'), limitMs)
  writing.send('begin')
  const [reader, writer] = await Promise.all([
    waits(below => {
      const id = below(documents)
      return peopleOf(reading).findOne({ email: `p${id}@x${id % 900}.example` })
    }, ended),
    waits(below => peopleOf(updating).updateOne({ _id: below(documents) }, { $inc: { visits: 1 } }), ended),
  ])
  clearTimeout(timer)
  console.log(row(name, performance.now() - began, isCut, reader, writer))
  if (!isCut) await Promise.all([reading.close(), updating.close()])
  return !isCut
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-bench-'))
  const child = fork(join(__dirname, 'store.js'), [], {
    env: { ...process.env, LYCEUM_BENCHMARK_STORE: folder },
  })
  const { uri } = await new Promise<{ uri: string }>(resolve =>
    child.once('message', message => resolve(message as { uri: string })),
  )
  try {
    const filler = await MongoClient.connect(uri)
    const people = filler.db('bench').collection<Person>('people')
    await people.createIndexes([{ key: { email: 1 } }, { key: { company: 1, score: -1 } }])
    for (let at = 0; at < documents; at += 5000)
      await people.insertMany(
        Array.from({ length: Math.min(5000, documents - at) }, (_, i) => person(at + i)),
      )
    await filler.close()
    console.log(
      `A page beside writes to ${documents} documents, seed ${seed}, load ${loadavg()[0]!.toFixed(1)}, in ms`,
    )
    console.log(
      `${' '.repeat(42)}${'find by index: p50, p99, max'.padStart(27)}   ${'update of one'.padStart(27)}  queries`,
    )
    for (const name of Object.keys(works)) if (!(await measure(uri, name))) break
    console.log(`Load at the end ${loadavg()[0]!.toFixed(1)}`)
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const { LYCEUM_BENCHMARK_URI: uri, LYCEUM_BENCHMARK_WRITE: name } = process.env
;(uri && name ? writeWhenTold(uri, name) : main()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
