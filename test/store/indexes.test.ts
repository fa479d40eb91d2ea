import { randomUUID } from 'node:crypto'
import { MongoClient, type Db, type Document } from 'mongodb'

interface Numbered extends Document {
  _id: number
}

let client: MongoClient
let db: Db
beforeAll(async () => {
  client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
})
afterAll(() => client.close())
beforeEach(() => (db = client.db(`store_indexes_${randomUUID().slice(0, 8)}`)))
afterEach(() => db.dropDatabase())

async function filled(documents: Numbered[], ...indexes: Array<[Document, Document?]>) {
  const collection = db.collection<Numbered>('c')
  for (const [key, options] of indexes) await collection.createIndex(key, options)
  await collection.insertMany(documents)
  return {
    collection,
    ids: async (filter: Document) => (await collection.find(filter).toArray()).map(({ _id }) => _id).sort(),
  }
}

test('a regular expression before a condition on the next field of an index finds what matches both', async () => {
  const { collection, ids } = await filled(
    [
      { _id: 1, name: 'Ada', company: 'x' },
      { _id: 2, name: 'Bob', company: 'x' },
      { _id: 3, name: 'Ada', company: 'y' },
    ],
    [{ name: 1, company: 1 }],
  )
  expect(await ids({ name: /d/, company: 'x' })).toEqual([1])
  expect(await ids({ name: /^A/, company: { $in: ['x', 'y'] } })).toEqual([1, 3])
  expect(await ids({ name: { $in: [/^A/, 'Bob'] }, company: 'x' })).toEqual([1, 2])
  const upsert = await collection.updateOne(
    { name: /^Ad/, company: 'y' },
    { $set: { seen: true } },
    { upsert: true },
  )
  expect(upsert.upsertedCount).toBe(0)
  expect(await collection.countDocuments()).toBe(3)
})

test('values that share more than a key can hold are found once each', async () => {
  const long = 'x'.repeat(1899)
  const { collection, ids } = await filled(
    [
      { _id: 1, text: `${long}a`, tags: [`${long}a`, `${long}b`] },
      { _id: 2, text: `${long}b`, tags: [] },
    ],
    [{ text: 1 }],
    [{ tags: 1 }],
  )
  expect(await ids({ text: { $in: [`${long}a`, `${long}b`, `${long}c`] } })).toEqual([1, 2])
  // Both elements share an entry, which stays until the last of them is gone.
  await collection.updateOne({ _id: 1 }, { $set: { tags: [`${long}b`] } })
  expect(await ids({ tags: `${long}b` })).toEqual([1])
  await collection.updateOne({ _id: 1 }, { $set: { tags: ['c'] } })
  expect(await ids({ tags: `${long}b` })).toEqual([])
})

test('a sparse index over arrays finds documents in which one element lacks the field', async () => {
  const { ids } = await filled(
    [
      { _id: 1, emails: [{ kind: 'work' }, {}] },
      { _id: 2, emails: [{ kind: 'home' }] },
    ],
    [{ 'emails.kind': 1 }, { sparse: true }],
  )
  expect(await ids({ 'emails.kind': { $gte: null, $lte: 'work' } })).toEqual([1])
  expect(await ids({ 'emails.kind': 'home' })).toEqual([2])
})

test('$elemMatch within $elemMatch is about the elements of inner arrays, which no index has', async () => {
  const { ids } = await filled(
    [
      { _id: 1, grid: [[1, 5]] },
      { _id: 2, grid: [5] },
    ],
    [{ grid: 1 }],
  )
  expect(await ids({ grid: { $elemMatch: { $elemMatch: { $eq: 5 } } } })).toEqual([1])
  expect(await ids({ grid: { $elemMatch: { $eq: 5 } } })).toEqual([2])
})

test('two long lists of values are answered in a moment', async () => {
  const { ids } = await filled(
    [
      { _id: 1, a: 7, b: 1999 },
      { _id: 2, a: 7, b: 5000 },
    ],
    [{ a: 1, b: 1 }],
  )
  const list = Array.from({ length: 2000 }, (_, i) => i)
  const began = performance.now()
  expect(await ids({ a: { $in: list }, b: { $in: list } })).toEqual([1])
  expect(performance.now() - began).toBeLessThan(1000)
})
