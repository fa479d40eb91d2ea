import MongoStore from 'connect-mongo'
import { MongoClient } from 'mongodb'
import mongoose from 'mongoose'
import { randomUUID } from 'node:crypto'
import { RateLimiterMongo } from 'rate-limiter-flexible'

/** The libraries through which the application uses the database, and every method that it calls on them. */
const uri = process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!
const database = `store_${randomUUID().slice(0, 8)}`
let client: MongoClient

beforeAll(async () => {
  client = await MongoClient.connect(uri)
})
afterAll(async () => {
  await client.db(database).dropDatabase()
  await client.close()
})

describe('mongoose', () => {
  const schema = new mongoose.Schema(
    {
      name: { type: String, required: true },
      email: String,
      tags: [String],
      seen: { type: Number, default: 0 },
    },
    { timestamps: true },
  )
  schema.index({ email: 1 }, { unique: true })
  schema.index({ seen: -1, _id: 1 })
  let connection: mongoose.Connection
  const modelOn = (on: mongoose.Connection) => on.model('Person', schema)
  let People: ReturnType<typeof modelOn>

  beforeAll(async () => {
    connection = await mongoose
      .createConnection(uri, {
        dbName: database,
        writeConcern: { w: 'majority', journal: true },
        readConcern: { level: 'majority' },
      })
      .asPromise()
    People = modelOn(connection)
    await People.createIndexes()
  })
  afterAll(() => connection.close())
  beforeEach(() => People.deleteMany({}))

  test('creates the indexes of a schema', async () => {
    expect(await People.listIndexes()).toMatchObject([
      { name: '_id_' },
      { name: 'email_1', unique: true },
      { name: 'seen_-1__id_1' },
    ])
  })

  test('drops an index, and writes many changes with one command', async () => {
    await People.collection.createIndex({ tags: 1 })
    await People.collection.dropIndex('tags_1')
    expect((await People.listIndexes()).map(({ name }) => name)).not.toContain('tags_1')
    await People.collection.dropIndexes()
    expect((await People.listIndexes()).map(({ name }) => name)).toEqual(['_id_'])
    await People.createIndexes()
    const [ada, ben] = await People.create([
      { name: 'Ada', email: 'a@x.example' },
      { name: 'Ben', email: 'b@x.example' },
    ])
    await People.bulkWrite(
      [ada, ben].map((each, n) => ({
        updateOne: { filter: { _id: each!._id }, update: { $set: { seen: n + 1 } } },
      })),
      { ordered: false },
    )
    expect((await People.find().sort({ seen: 1 })).map(({ seen }) => seen)).toEqual([1, 2])
  })

  test('creates documents and finds them by id, by a filter, and in order', async () => {
    const ada = await People.create({ name: 'Ada', email: 'ada@lyceum.example', tags: ['a', 'b'] })
    await People.create({ name: 'Ben', email: 'ben@lyceum.example', seen: 3 })
    expect(await People.findById(ada._id)).toMatchObject({ name: 'Ada', seen: 0, tags: ['a', 'b'] })
    expect(await People.findOne({ email: 'ben@lyceum.example' }).lean()).toMatchObject({ name: 'Ben' })
    expect(await People.findOne({ email: 'nobody@lyceum.example' })).toBeNull()
    const first = await People.find({}, { name: 1 }).sort({ seen: -1 }).limit(1).lean()
    expect(first).toEqual([{ _id: expect.anything(), name: 'Ben' }])
    expect(await People.find().sort({ name: 1 }).skip(1).lean()).toMatchObject([{ name: 'Ben' }])
    expect(await People.countDocuments({ tags: 'a' })).toBe(1)
    expect(await People.exists({ name: 'Ben' })).toMatchObject({ _id: expect.anything() })
    expect(await People.exists({ name: 'Eve' })).toBeNull()
    expect((await People.distinct('name', { seen: { $gte: 0 } })).sort()).toEqual(['Ada', 'Ben'])
  })

  test('reports a duplicate key with its pattern and value', async () => {
    await People.create({ name: 'Ada', email: 'ada@lyceum.example' })
    await expect(People.create({ name: 'Eve', email: 'ada@lyceum.example' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { email: 1 },
      keyValue: { email: 'ada@lyceum.example' },
    })
  })

  test('saves a changed document', async () => {
    const ada = await People.create({ name: 'Ada', email: 'ada@lyceum.example' })
    ada.name = 'Ada L.'
    ada.tags.push('c')
    await ada.save()
    expect(await People.findById(ada._id).lean()).toMatchObject({ name: 'Ada L.', tags: ['c'] })
  })

  test('updates one or several documents, and reports how many', async () => {
    await People.create([
      { name: 'Ada', email: 'ada@lyceum.example' },
      { name: 'Ben', email: 'ben@lyceum.example' },
    ])
    expect(await People.updateOne({ name: 'Ada' }, { $set: { seen: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    })
    expect(await People.updateMany({}, { $max: { seen: 1 } }, { timestamps: false })).toMatchObject({
      matchedCount: 2,
      modifiedCount: 1,
    })
  })

  test('upserts with the defaults of the schema', async () => {
    const filter = { email: 'eve@lyceum.example' }
    const upsert = () =>
      People.updateOne(
        filter,
        { $setOnInsert: { name: 'Eve' }, $push: { tags: { $each: ['x'], $slice: -2 } } },
        { upsert: true, setDefaultsOnInsert: true },
      )
    expect(await upsert()).toMatchObject({ matchedCount: 0, upsertedCount: 1 })
    expect(await upsert()).toMatchObject({ matchedCount: 1, upsertedCount: 0 })
    expect(await People.findOne(filter).lean()).toMatchObject({ name: 'Eve', seen: 0, tags: ['x', 'x'] })
  })

  test('finds and updates in one step, in the order of a sort, and returns the document before or after', async () => {
    await People.create([
      { name: 'Ada', email: 'ada@lyceum.example', seen: 1 },
      { name: 'Ben', email: 'ben@lyceum.example', seen: 2 },
    ])
    const next = (returnDocument: 'before' | 'after') =>
      People.findOneAndUpdate(
        { seen: { $gte: 1 } },
        { $inc: { seen: -1 }, $addToSet: { tags: 'claimed' } },
        { sort: { seen: -1 }, returnDocument },
      ).lean()
    expect(await next('after')).toMatchObject({ name: 'Ben', seen: 1, tags: ['claimed'] })
    expect(await next('before')).toMatchObject({ seen: 1 })
    const upserted = await People.findOneAndUpdate(
      { email: 'cleo@lyceum.example' },
      { $set: { name: 'Cleo' } },
      { upsert: true, returnDocument: 'after' },
    )
    expect(upserted).toMatchObject({ name: 'Cleo', seen: 0 })
  })

  test('inserts many, deletes one or several, and aggregates', async () => {
    await People.insertMany([
      { name: 'Ada', email: 'a@lyceum.example', seen: 1 },
      { name: 'Ben', email: 'b@lyceum.example', seen: 2 },
      { name: 'Cleo', email: 'c@lyceum.example', seen: 3 },
    ])
    expect(await People.deleteOne({ name: 'Ada' })).toMatchObject({ deletedCount: 1 })
    expect(
      await People.aggregate([
        { $match: { seen: { $gte: 0 } } },
        { $group: { _id: null, n: { $sum: '$seen' } } },
      ]),
    ).toEqual([{ _id: null, n: 5 }])
    expect(await People.deleteMany({ seen: { $in: [2, 3, 4] } })).toMatchObject({ deletedCount: 2 })
    expect(await People.countDocuments()).toBe(0)
  })

  test('reads a cursor over several batches', async () => {
    await People.insertMany(
      Array.from({ length: 250 }, (_, i) => ({ name: 'Ada', email: `${i}@lyceum.example`, seen: i })),
    )
    const seen: number[] = []
    for await (const each of People.find().sort({ seen: 1 }).lean().cursor({ batchSize: 100 }))
      seen.push(each.seen)
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => i))
  })

  test('explains which index a query uses', async () => {
    await People.create({ name: 'Ada', email: 'ada@lyceum.example' })
    const explained = (await People.find({ email: 'x' }).explain('queryPlanner')) as unknown as {
      queryPlanner: { winningPlan: object }
    }
    expect(explained.queryPlanner.winningPlan).toMatchObject({
      stage: 'FETCH',
      inputStage: { stage: 'IXSCAN', indexName: 'email_1' },
    })
  })

  test('uses the collections of the driver and pings', async () => {
    const settings = connection.collection<{ _id: string; at: number }>('settings')
    await settings.insertOne({ _id: 'a', at: 1 })
    expect(await settings.findOne({ _id: 'a' })).toEqual({ _id: 'a', at: 1 })
    expect(await connection.db!.admin().ping({ timeoutMS: 2000 })).toMatchObject({ ok: 1 })
  })
})

test('connect-mongo stores a session, touches it and destroys it', async () => {
  const store = MongoStore.create({ clientPromise: Promise.resolve(client), dbName: database, touchAfter: 0 })
  const session = {
    cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) },
    person: 'ada',
  }
  const call = <T>(run: (done: (error: unknown, value?: T | null) => void) => void) =>
    new Promise<T | null | undefined>((resolve, reject) =>
      run((error, value) => (error ? reject(error as Error) : resolve(value))),
    )
  await call(done => store.set('s1', session as never, done))
  expect(await call(done => store.get('s1', done as never))).toMatchObject({ person: 'ada' })
  await call(done => store.touch('s1', session as never, done))
  await call(done => store.destroy('s1', done))
  expect(await call(done => store.get('s1', done as never))).toBeFalsy()
})

test('rate-limiter-flexible counts requests and refuses the ones over the limit', async () => {
  const limiter = new RateLimiterMongo({
    storeClient: client,
    dbName: database,
    tableName: 'limits',
    keyPrefix: 'login',
    points: 2,
    duration: 60,
  })
  expect(await limiter.consume('ada')).toMatchObject({ remainingPoints: 1 })
  expect(await limiter.consume('ada')).toMatchObject({ remainingPoints: 0 })
  await expect(limiter.consume('ada')).rejects.toMatchObject({ remainingPoints: 0, consumedPoints: 3 })
  expect(await limiter.consume('ben')).toMatchObject({ remainingPoints: 1 })
})
