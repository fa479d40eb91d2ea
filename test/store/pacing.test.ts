import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Binary, Double } from 'bson'
import { MongoClient, type Collection as DriverCollection } from 'mongodb'
import { makeCache } from '../../src/store/cache'
import { cleanUpDropped, openCatalog } from '../../src/store/catalog'
import type { Database } from '../../src/store/commands/command'
import { runCommand } from '../../src/store/commands/dispatch'
import { makeCursors } from '../../src/store/cursor'
import { decode } from '../../src/store/decode'
import { makeIdSet } from '../../src/store/id-set'
import { makeIdPages } from '../../src/store/id-pages'
import { openRecords } from '../../src/store/records'
import { makeStamps } from '../../src/store/stamps'
import { makeSessions } from '../../src/store/session'
import { runSteps } from '../../src/store/stepwise'
import { openStorage } from '../../src/store/storage'
import { deleteExpired } from '../../src/store/ttl'
import type { Doc, Value } from '../../src/store/value'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, runStore, type RunningStore } from '../setup/store-process'

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-pacing-'))
let files = 0
const open: Database[] = []

afterAll(async () => {
  for (const { storage } of open) await storage.close()
  rmSync(folder, { recursive: true })
})

/** A store whose writes are cut into the smallest steps, and how many transactions they took. */
interface Cut extends Database {
  transactions: number
  longest: number
}

/** Opens a store that counts the documents that a transaction writes at most, and its transactions. */
function openCut(file = join(folder, `${++files}.mdb`)): Cut {
  const storage = openStorage(file, false, { patience: 0 })
  const catalog = openCatalog(storage)
  const stamps = makeStamps()
  const pages = makeIdPages(storage)
  const records = openRecords(storage, catalog, makeCache(1 << 24), pages, stamps)
  const cut: Cut = {
    storage: {
      ...storage,
      write: (change, options) =>
        storage.write(isOver => {
          cut.transactions++
          written = 0
          const value = change(isOver)
          cut.longest = Math.max(cut.longest, written)
          return value
        }, options),
    },
    catalog,
    stamps,
    records: {
      ...records,
      insert: (collection, doc) => (written++, records.insert(collection, doc)),
      replace: (...row) => (written++, records.replace(...row)),
      remove: (...row) => (written++, records.remove(...row)),
    },
    source: { storage, records, pages },
    cursors: makeCursors(),
    sessions: makeSessions(storage),
    address: '',
    transactions: 0,
    longest: 0,
  }
  let written = 0
  open.push(cut)
  return cut
}

function toDoc(from: Record<string, unknown>): Doc {
  const convert = (item: unknown): Value =>
    Array.isArray(item)
      ? item.map(convert)
      : item !== null && typeof item === 'object' && Object.getPrototypeOf(item) === Object.prototype
        ? toDoc(item as Record<string, unknown>)
        : (item as Value)
  return new Map(Object.entries(from).map(([name, item]) => [name, convert(item)]))
}

function toObject(doc: Doc): Record<string, unknown> {
  const convert = (item: Value): unknown =>
    item instanceof Map ? toObject(item) : item instanceof Double ? item.value : item
  return Object.fromEntries([...doc].map(([name, item]) => [name, convert(item)]))
}

async function run(database: Database, command: Record<string, unknown>): Promise<Record<string, unknown>> {
  return toObject(decode(await runCommand(database, toDoc({ ...command, $db: 'd' }))))
}

async function filled(count: number): Promise<Cut> {
  const database = openCut()
  const documents = Array.from({ length: count }, (_, i) => ({ _id: i, n: i, group: i % 3, tags: [i, -i] }))
  await run(database, { insert: 'people', documents })
  await run(database, { createIndexes: 'people', indexes: [{ key: { n: 1 }, name: 'n' }] })
  database.transactions = 0
  database.longest = 0
  return database
}

const counted = (database: Database, query = {}) => run(database, { count: 'people', query })

describe('a long write gives everyone else a turn after each document', () => {
  test('an insert of many', async () => {
    const database = openCut()
    const reply = await run(database, {
      insert: 'people',
      documents: Array.from({ length: 50 }, (_, i) => ({ _id: i })),
    })
    expect(reply).toMatchObject({ ok: 1, n: 50 })
    expect(database).toMatchObject({ longest: 1, transactions: 50 })
  })

  test('an update of many, which changes each document once though the index leads to it again', async () => {
    const database = await filled(60)
    const update = { q: { n: { $gte: 0 } }, u: { $inc: { n: 7 } }, multi: true }
    expect(await run(database, { update: 'people', updates: [update] })).toMatchObject({
      n: 60,
      nModified: 60,
    })
    expect(database.longest).toBe(1)
    expect(database.transactions).toBeGreaterThanOrEqual(60)
    expect(await counted(database, { $expr: { $eq: ['$n', { $add: ['$_id', 7] }] } })).toMatchObject({
      n: 60,
    })
    expect(verify(database.storage).problems).toEqual([])
  })

  test('a delete of many, and of what has expired', async () => {
    const database = await filled(60)
    expect(await run(database, { delete: 'people', deletes: [{ q: { group: 1 }, limit: 0 }] })).toMatchObject(
      { n: 20 },
    )
    await run(database, {
      createIndexes: 'people',
      indexes: [{ key: { seen: 1 }, name: 'seen', expireAfterSeconds: 1 }],
    })
    await run(database, {
      update: 'people',
      updates: [{ q: { group: 2 }, u: { $set: { seen: new Date(0) } }, multi: true }],
    })
    await deleteExpired(database, new Date())
    expect(database.longest).toBe(1)
    expect(await counted(database)).toMatchObject({ n: 20 })
    expect(verify(database.storage).problems).toEqual([])
  })

  test('the deletion of what was dropped', async () => {
    const database = await filled(60)
    await run(database, { drop: 'people' })
    database.transactions = 0
    await runSteps(database.storage, cleanUpDropped(database.storage))
    expect(database.transactions).toBeGreaterThan(120)
    expect([...database.storage.range(Buffer.from([3]), Buffer.from([5]))]).toEqual([])
  })
})

test('an index is built while others write, and has what they wrote', async () => {
  const database = await filled(400)
  const building = run(database, {
    createIndexes: 'people',
    indexes: [
      { key: { tags: 1, group: 1 }, name: 'tags' },
      { key: { email: 1 }, name: 'email', unique: true, sparse: true },
    ],
  })
  let writes = 0
  let isBuilt = false
  void building.then(() => (isBuilt = true))
  while (!isBuilt) {
    const at = writes++
    await Promise.all([
      run(database, {
        insert: 'people',
        documents: [{ _id: 1000 + at, n: at, tags: [at], email: `e${at}` }],
      }),
      run(database, {
        update: 'people',
        updates: [{ q: { _id: (at * 37) % 200 }, u: { $set: { tags: [at, 'new'], group: at } } }],
      }),
      run(database, { delete: 'people', deletes: [{ q: { _id: (at * 53 + 1) % 200 }, limit: 1 }] }),
      run(database, { find: 'people', filter: { tags: 5 } }),
    ])
  }
  expect(await building).toMatchObject({ ok: 1, numIndexesBefore: 2, numIndexesAfter: 4 })
  expect(writes).toBeGreaterThan(4)
  expect(verify(database.storage).problems).toEqual([])
  const refused = await run(database, { insert: 'people', documents: [{ _id: 'again', email: 'e0' }] })
  expect(refused).toMatchObject({ n: 0, writeErrors: [expect.any(Map)] })
})

test('an index that cannot be built leaves nothing, and fails nobody else', async () => {
  const database = await filled(500)
  const building = run(database, {
    createIndexes: 'people',
    indexes: [{ key: { n: 1, group: 1 }, name: 'unique', unique: true }],
  })
  while (!database.catalog.find('d', 'people')!.building.length)
    await new Promise(resolve => setImmediate(resolve))
  expect(await run(database, { insert: 'people', documents: [{ _id: 'a', n: 5, group: 2 }] })).toMatchObject({
    n: 1,
  })
  expect(await building).toMatchObject({ ok: 0, code: 11000 })
  const { cursor } = await run(database, { listIndexes: 'people' })
  expect((cursor as { firstBatch: Doc[] }).firstBatch.map(index => index.get('name'))).toEqual(['_id_', 'n'])
  await runSteps(database.storage, cleanUpDropped(database.storage))
  expect(verify(database.storage).problems).toEqual([])
})

test('what a killed process left of an index is removed when the store is opened', async () => {
  const database = await filled(100)
  void run(database, { createIndexes: 'people', indexes: [{ key: { group: 1 }, name: 'group' }] })
  while (!database.catalog.find('d', 'people')!.building.length)
    await new Promise(resolve => setImmediate(resolve))
  const again = openCatalog(database.storage)
  expect(again.find('d', 'people')!.building).toHaveLength(1)
  // It is incomplete, and no problem.
  expect(verify(database.storage).problems).toEqual([])
  await database.storage.write(() => again.removeUnfinished())
  expect(again.find('d', 'people')!.indexes.map(({ name }) => name)).toEqual(['_id_', 'n'])
  expect(again.find('d', 'people')!.building).toEqual([])
})

test('dropping an index or the collection ends its build', async () => {
  for (const command of [{ dropIndexes: 'people', index: 'group' }, { drop: 'people' }]) {
    const database = await filled(100)
    const building = run(database, {
      createIndexes: 'people',
      indexes: [{ key: { group: 1 }, name: 'group' }],
    })
    while (!database.catalog.find('d', 'people')!.building.length)
      await new Promise(resolve => setImmediate(resolve))
    expect(await run(database, command)).toMatchObject({ ok: 1 })
    expect(await building).toMatchObject({ ok: 0, code: 276 })
  }
})

test('two programs that create the same index at once both find it created', async () => {
  const database = await filled(100)
  const create = () =>
    run(database, { createIndexes: 'people', indexes: [{ key: { group: 1 }, name: 'group' }] })
  const replies = await Promise.all([create(), create()])
  expect(replies).toMatchObject([
    { ok: 1, numIndexesAfter: 3 },
    { ok: 1, numIndexesAfter: 3, note: 'all indexes already exist' },
  ])
})

test('a write that reaches maxTimeMS ends, and what it has done stays', async () => {
  const database = await filled(3000)
  let n: unknown = 0
  for (let maxTimeMS = 2; n === 0; maxTimeMS *= 2) {
    const updates = [{ q: {}, u: { $set: { done: true } }, multi: true }]
    const reply = await run(database, { update: 'people', updates, maxTimeMS })
    expect(reply).toMatchObject({ ok: 0, code: 50, codeName: 'MaxTimeMSExpired' })
    n = (await counted(database, { done: true })).n
  }
  expect(n).toBeLessThan(3000)
  const index = { createIndexes: 'people', indexes: [{ key: { group: 1 }, name: 'group' }], maxTimeMS: 1 }
  expect(await run(database, index)).toMatchObject({ ok: 0, code: 50 })
  expect(database.catalog.find('d', 'people')).toMatchObject({ building: [], indexes: { length: 2 } })
})

test('an update of many that fails half-way keeps what it changed before', async () => {
  const database = await filled(50)
  await run(database, {
    createIndexes: 'people',
    indexes: [{ key: { code: 1 }, name: 'code', unique: true, sparse: true }],
  })
  const update = { q: { n: { $gte: 10 } }, u: { $set: { code: 1 } }, multi: true }
  const reply = await run(database, { update: 'people', updates: [update] })
  expect(reply).toMatchObject({ ok: 1, n: 0, nModified: 0, writeErrors: [expect.any(Map)] })
  expect(await counted(database, { code: 1 })).toMatchObject({ n: 1 })
})

test('a retry of an insert that a crash cut off inserts the rest, and counts all', async () => {
  const file = join(folder, 'retry.mdb')
  const database = openCut(file)
  const lsid = { id: new Binary(Buffer.alloc(16, 7), 4) }
  const documents = Array.from({ length: 30 }, (_, i) => ({ _id: i % 29 }))
  const command = { insert: 'people', documents, ordered: false, lsid, txnNumber: 1n }
  void run(database, command)
  const stored = () => database.sessions.findParts(Buffer.alloc(16, 7), 1n).length
  while (stored() < 10) await new Promise(resolve => setImmediate(resolve))
  // The second process finds what the first had stored when it was killed.
  const copy = join(folder, 'retry-copy.mdb')
  await database.storage.compact(copy)
  const again = openCut(copy)
  expect(again.sessions.findParts(Buffer.alloc(16, 7), 1n).length).toBeGreaterThanOrEqual(10)
  const reply = await run(again, command)
  expect(reply).toMatchObject({ ok: 1, n: 29, writeErrors: { length: 1 } })
  expect(again.transactions).toBeLessThanOrEqual(20)
  expect(await counted(again)).toMatchObject({ n: 29 })
  expect(await run(again, command)).toMatchObject({ n: 29 })
  expect(again.sessions.findParts(Buffer.alloc(16, 7), 1n)).toEqual([])
})

test('ids that a scan remembers take a bit each when they are close, and their bytes are counted', () => {
  let bytes = 0
  const account = { add: (more: number) => void (bytes += more), release: () => {} }
  const close = makeIdSet(account)
  for (let id = 1; id <= 200_000; id++) close.add(id)
  expect(close.size).toBe(200_000)
  expect([close.has(1), close.has(200_000), close.has(200_001)]).toEqual([true, true, false])
  expect(close.add(77)).toBe(false)
  expect(bytes).toBeLessThan(40_000)
  const far = makeIdSet(account)
  for (let i = 0; i < 1000; i++) far.add(i * 70_000)
  expect(bytes).toBeGreaterThan(100_000)
})

describe('in a store of its own', () => {
  let store: RunningStore
  let clients: MongoClient[]
  let people: Array<DriverCollection<{ _id: number; n: number; text?: string }>>
  beforeAll(async () => {
    store = await runStore(transpileStore())
    clients = await Promise.all([1, 2, 3].map(() => MongoClient.connect(store.uri, { maxPoolSize: 1 })))
    people = clients.map(client =>
      client.db('d').collection<{ _id: number; n: number; text?: string }>('people'),
    )
    for (let at = 0; at < 8000; at += 2000)
      await people[0]!.insertMany(Array.from({ length: 2000 }, (_, i) => ({ _id: at + i, n: at + i })))
  }, 120_000)
  afterAll(async () => {
    for (const client of clients) await client.close()
    await endStore(store)
  })

  test.each([
    ['createIndex', () => people[0]!.createIndex({ n: 1, text: 1 })],
    ['updateMany', () => people[0]!.updateMany({ n: { $gte: 0 } }, { $inc: { n: 1 } })],
    ['a search for one without an index', () => people[0]!.updateOne({ text: 'none' }, { $set: { n: 1 } })],
    ['deleteMany', () => people[0]!.deleteMany({ _id: { $gte: 100 } })],
  ])('pages read and write beside %s', async (_, write) => {
    let isRunning = true
    const writing = write().finally(() => (isRunning = false))
    const done = { reads: 0, writes: 0 }
    const read = async () => {
      for (; isRunning; done.reads++) await people[1]!.findOne({ _id: done.reads % 100 })
    }
    const update = async () => {
      for (; isRunning; done.writes++)
        await people[2]!.updateOne({ _id: done.writes % 100 }, { $set: { text: 'x' } })
    }
    await Promise.all([read(), update(), writing])
    expect(done.reads).toBeGreaterThan(1)
    expect(done.writes).toBeGreaterThan(1)
  })
})
