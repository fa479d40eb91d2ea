import { randomUUID } from 'node:crypto'
import { MongoClient, type Db, type Document } from 'mongodb'

let client: MongoClient
let db: Db
beforeAll(async () => {
  client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
})
afterAll(() => client.close())
beforeEach(() => (db = client.db(`store_differences_${randomUUID().slice(0, 8)}`)))
afterEach(() => db.dropDatabase())

const codeOf = (command: Document) =>
  db.command(command).then(
    ({ writeErrors }) => (writeErrors as Document[] | undefined)?.[0]?.code as number | undefined,
    (error: { code: number }) => error.code,
  )

test.each(['$pull', '$pullAll', '$pop'])('%s through an array or a scalar is refused', async operator => {
  const argument = { $pull: 1, $pullAll: [1], $pop: 1 }[operator]
  await db
    .collection<{ _id: number }>('c')
    .insertMany([
      { _id: 1, a: [{ b: [1] }] },
      { _id: 2, a: 5 },
      { _id: 3, a: null },
      { _id: 4, a: { b: [1, 1] } },
      { _id: 5 },
    ] as Array<{ _id: number }>)
  const update = (_id: number, path = 'a.b') =>
    codeOf({ update: 'c', updates: [{ q: { _id }, u: { [operator]: { [path]: argument } } }] })
  expect([await update(1), await update(2), await update(3), await update(4), await update(5)]).toEqual([
    28,
    28,
    28,
    undefined,
    undefined,
  ])
  expect(await update(1, 'a.0.b')).toBeUndefined()
  expect(await update(1, 'a.7.b')).toBeUndefined()
})

test('a cursor ends with an error when its collection or its index is dropped', async () => {
  const documents = Array.from({ length: 10 }, (_, i) => ({ n: i }))
  const open = async (filter: Document) => {
    const { cursor } = await db.command({ find: 'c', filter, batchSize: 2 }, { promoteLongs: false })
    return cursor.id as unknown
  }
  await db.collection('c').createIndex({ n: 1 }, { name: 'n' })
  await db.collection('c').insertMany(documents)
  const byIndex = await open({ n: { $gte: 0 } })
  await db.collection('c').dropIndex('n')
  expect(await codeOf({ getMore: byIndex, collection: 'c' })).toBe(175)
  const all = await open({})
  await db.collection('c').drop()
  await db.collection('c').insertMany(documents.map(({ n }) => ({ n })))
  expect(await codeOf({ getMore: all, collection: 'c' })).toBe(175)
  expect(await codeOf({ getMore: all, collection: 'c' })).toBe(43)
})

test('a write concern that one machine cannot satisfy is reported, and the write is done', async () => {
  const insert = { insert: 'c', documents: [{ _id: 1 }] }
  const remove = { delete: 'c', deletes: [{ q: {}, limit: 0 }] }
  // The driver throws the error of a write concern.
  expect(await codeOf({ ...insert, writeConcern: { w: 10 } })).toBe(100)
  expect(await db.collection('c').countDocuments()).toBe(1)
  expect(await codeOf({ ...remove, writeConcern: { w: 'dc' } })).toBe(79)
  expect(await db.collection('c').countDocuments()).toBe(0)
  expect(await db.command({ ...insert, writeConcern: { w: 'majority' } })).not.toHaveProperty(
    'writeConcernError',
  )
  expect(await codeOf({ ...insert, writeConcern: { w: 51 } })).toBe(9)
  expect(await codeOf({ ...insert, writeConcern: { w: true } })).toBe(9)
  expect(await db.collection('c').countDocuments()).toBe(1)
})

test('apiStrict refuses the commands that are not in the Stable API', async () => {
  const strict = { apiVersion: '1', apiStrict: true }
  expect(await codeOf({ ping: 1, ...strict })).toBeUndefined()
  expect(await codeOf({ distinct: 'c', key: 'a', ...strict })).toBe(323)
  expect(await codeOf({ distinct: 'c', key: 'a', apiVersion: '1' })).toBeUndefined()
  expect(await codeOf({ ping: 1, apiVersion: '2' })).toBe(322)
  expect(await codeOf({ ping: 1, apiStrict: true })).toBe(72)
})

test('the limit of a delete is a number', async () => {
  await db.collection('c').insertMany([{ a: 1 }, { a: 1 }])
  for (const limit of ['0', '1', true, null, [1]])
    expect(await codeOf({ delete: 'c', deletes: [{ q: {}, limit }] })).toBe(14)
  expect(await codeOf({ delete: 'c', deletes: [{ q: {}, limit: 0.5 }] })).toBe(9)
  expect(await db.collection('c').countDocuments()).toBe(2)
})

test('an update of many that fails leaves what it changed before, uncounted', async () => {
  const c = db.collection<{ _id: number; n: unknown }>('c')
  await c.insertMany([
    { _id: 1, n: 1 },
    { _id: 2, n: 'x' },
    { _id: 3, n: 3 },
  ])
  const reply = await db.command({ update: 'c', updates: [{ q: {}, u: { $inc: { n: 1 } }, multi: true }] })
  expect(reply).toMatchObject({ n: 0, nModified: 0, writeErrors: [{ index: 0, code: 14 }] })
  expect((await c.find().toArray()).map(({ n }) => n)).toEqual([2, 'x', 3])
})
