import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient, type Collection } from 'mongodb'
import { settingKey } from '../../src/store/keyspace'
import { openStorage } from '../../src/store/storage'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, runStore, type RunningStore } from '../setup/store-process'

/** How often the store is killed while ten clients write; `npm run test:long` kills it 20 times. */
const kills = Number(process.env.STORE_KILLS ?? 8)
const code = transpileStore()
const folders: string[] = []

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-durable-'))
  folders.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function kill({ process: child }: RunningStore): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

async function check(folder: string): Promise<string[]> {
  const storage = openStorage(join(folder, 'data.mdb'))
  const { problems } = verify(storage)
  await storage.close()
  return problems
}

interface Written {
  _id: string
  left: number
  right: number
  tags: string[]
  text: string
}

/** Writes until the store is killed and records what was acknowledged. Returns the number of the next document. */
async function write(
  collection: Collection<Written>,
  counters: Collection<{ _id: string; n: number }>,
  writer: string,
  from: number,
  acknowledged: Set<string>,
  confirmed: Map<string, number>,
): Promise<number> {
  for (let n = from; ; n++) {
    const _id = `${writer}-${n}`
    try {
      await collection.insertOne({
        _id,
        left: n,
        right: n,
        tags: [writer, String(n % 7)],
        text: 'x'.repeat(n % 900),
      })
      acknowledged.add(_id)
      await counters.updateOne({ _id: writer }, { $inc: { n: 1 } }, { upsert: true })
      acknowledged.add(`${writer}+${n}`)
      confirmed.set(writer, (confirmed.get(writer) ?? 0) + 1)
    } catch {
      return n + 1
    }
  }
}

test(`${kills} kills lose no acknowledged write and leave every index intact`, async () => {
  const folder = newFolder()
  const acknowledged = new Set<string>()
  const writers = Array.from({ length: 10 }, (_, i) => `w${i}`)
  const next = new Map(writers.map(writer => [writer, 0]))
  const confirmed = new Map<string, number>()
  let last = 0
  for (let round = 0; round <= kills; round++) {
    const began = performance.now()
    const store = await runStore(code, folder)
    const client = await MongoClient.connect(store.uri, { retryWrites: false, maxPoolSize: 10 })
    const written = client.db('d').collection<Written>('written')
    const counters = client.db('d').collection<{ _id: string; n: number }>('counters')
    if (round === 0)
      await written.createIndexes([
        { key: { left: 1, text: -1 } },
        { key: { tags: 1 } },
        { key: { right: 1, _id: 1 }, unique: true },
      ])
    // After the last kill, all documents are checked; after the others, only those since the previous kill.
    const since = round === kills ? 0 : last
    const found = new Map(
      (await written.find({ left: { $gte: since } }).toArray()).map(doc => [doc._id, doc]),
    )
    const lost = [...acknowledged].filter(
      id => id.includes('-') && Number(id.split('-')[1]) >= since && !found.has(id),
    )
    expect(lost).toEqual([])
    for (const { _id, left, ...doc } of found.values())
      if (
        doc.right !== left ||
        doc.text !== 'x'.repeat(left % 900) ||
        doc.tags.join() !== `${_id.split('-')[0]},${left % 7}`
      )
        throw new Error(`damaged: ${_id}`)
    for (const writer of writers) {
      const counted = (await counters.findOne({ _id: writer }))?.n ?? 0
      expect(counted).toBeGreaterThanOrEqual(confirmed.get(writer) ?? 0)
      expect(counted).toBeLessThanOrEqual(next.get(writer)!)
    }
    if (round === kills) {
      await client.close()
      await endStore(store, true)
      break
    }
    if (process.env.TRACE) process.stderr.write(`${round} started ${Math.round(performance.now() - began)}\n`)
    const goal = acknowledged.size + 1_000 + randomInt(100)
    last = Math.min(...next.values())
    const running = writers.map(writer =>
      write(written, counters, writer, next.get(writer)!, acknowledged, confirmed),
    )
    while (acknowledged.size < goal) await new Promise(resolve => setTimeout(resolve, 5))
    if (process.env.TRACE) process.stderr.write(`${round} wrote ${Math.round(performance.now() - began)}\n`)
    await kill(store)
    for (const [i, done] of running.entries()) next.set(writers[i]!, await done)
    await client.close()
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(1_000 * kills)
  expect(await check(folder)).toEqual([])
  process.stdout.write(`${acknowledged.size} acknowledged writes over ${kills} kills, none lost\n`)
}, 240_000)

test('a second process cannot open the folder until the first one is gone, even after a kill', async () => {
  const folder = newFolder()
  const first = await runStore(code, folder)
  const second = spawn(process.execPath, [join(__dirname, '../setup/run-store.js'), code, folder], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  second.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  expect(await new Promise(resolve => second.once('exit', resolve))).toBe(1)
  expect(output).toContain('is open in another process')
  const client = await MongoClient.connect(first.uri)
  await client.db('d').collection('c').insertOne({ a: 1 })
  await client.close()
  await kill(first)
  const third = await runStore(code, folder)
  await endStore(third, true)
}, 20_000)

test('a folder is taken whatever its path, and wherever another process keeps its temporary files', async () => {
  const home = newFolder()
  const folder = join(home, 'x'.repeat(120))
  const first = await runStore(code, folder)
  symlinkSync(folder, join(home, 'short'))
  const elsewhere = { TMPDIR: newFolder(), LYCEUM_FAULT: 'expected' }
  await expect(runStore(code, folder, elsewhere)).rejects.toThrow('exited with 1')
  await expect(runStore(code, join(home, 'short'), elsewhere)).rejects.toThrow('exited with 1')
  const client = await MongoClient.connect(first.uri)
  await client.db('d').collection('c').insertOne({ a: 1 })
  await client.close()
  await endStore(first, true)
  await endStore(await runStore(code, join(home, 'short'), elsewhere), true)
}, 30_000)

test('when several processes open a folder at the same moment, one succeeds', async () => {
  const folder = newFolder()
  const started = await Promise.allSettled([
    runStore(code, folder),
    runStore(code, folder),
    runStore(code, folder),
  ])
  const won = started.filter(each => each.status === 'fulfilled')
  expect(won).toHaveLength(1)
  await endStore((won[0] as PromiseFulfilledResult<RunningStore>).value, true)
}, 20_000)

test('a folder with another format is refused', async () => {
  const folder = newFolder()
  const storage = openStorage(join(folder, 'data.mdb'))
  await storage.write(() => storage.put(settingKey('format'), Buffer.from('0')))
  await storage.close()
  await expect(runStore(code, folder)).rejects.toThrow('exited with 1')
}, 20_000)

test('a file that reaches its size limit ends the process and loses no acknowledged write', async () => {
  const folder = newFolder()
  const store = await runStore(code, folder, { LYCEUM_TEST_FILE_LIMIT: '4096', LYCEUM_FAULT: 'expected' })
  const client = await MongoClient.connect(store.uri, { retryWrites: false, serverSelectionTimeoutMS: 500 })
  const collection = client.db('d').collection<{ _id: number; text: string }>('c')
  await collection.createIndex({ text: 1 })
  let acknowledged = 0
  let refused: unknown
  while (!refused && acknowledged < 2000) {
    await collection.insertOne({ _id: acknowledged, text: `${acknowledged} ${'x'.repeat(20_000)}` }).then(
      () => acknowledged++,
      error => (refused = error),
    )
  }
  expect(acknowledged).toBeGreaterThan(20)
  expect(await store.ended).not.toBe(0)
  await client.close()
  const again = await runStore(code, folder)
  const reader = await MongoClient.connect(again.uri)
  expect(await reader.db('d').collection('c').countDocuments({})).toBeGreaterThanOrEqual(acknowledged)
  await reader.db('d').collection('c').insertOne({ fits: 'again' })
  await reader.close()
  await endStore(again, true)
  expect(await check(folder)).toEqual([])
}, 60_000)
