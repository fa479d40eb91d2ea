import { randomUUID } from 'node:crypto'
import MongoStore from 'connect-mongo'
import { MongoClient } from 'mongodb'
import mongoose from 'mongoose'

const uri = process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!
let client: MongoClient
const database = `store_${randomUUID().slice(0, 8)}`

beforeAll(async () => {
  client = await MongoClient.connect(uri)
})
afterAll(async () => {
  await client.db(database).dropDatabase()
  await client.close()
})

test('mongoose connects, makes its indexes, and saves what it finds again', async () => {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  const schema = new mongoose.Schema(
    {
      name: { type: String, required: true },
      email: { type: String, unique: true },
      tags: [String],
      seen: { type: Number, default: 0 },
    },
    { timestamps: true },
  )
  const People = connection.model('Person', schema)
  await People.init()
  const ada = await People.create({ name: 'Ada', email: 'ada@lyceum.example', tags: ['a', 'b'] })
  await People.create({ name: 'Bob', email: 'bob@lyceum.example' })
  await expect(People.create({ name: 'Eve', email: 'ada@lyceum.example' })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { email: 1 },
    keyValue: { email: 'ada@lyceum.example' },
  })
  const found = await People.findOneAndUpdate(
    { _id: ada._id },
    { $inc: { seen: 2 }, $addToSet: { tags: 'c' } },
    { returnDocument: 'after' },
  )
  expect(found).toMatchObject({ name: 'Ada', seen: 2, tags: ['a', 'b', 'c'] })
  expect(await People.countDocuments({ tags: 'a' })).toBe(1)
  expect(await People.find({}).sort({ name: -1 }).distinct('name')).toEqual(
    expect.arrayContaining(['Ada', 'Bob']),
  )
  found!.name = 'Ada L.'
  await found!.save()
  expect(await People.findOne({ email: 'ada@lyceum.example' }).lean()).toMatchObject({ name: 'Ada L.' })
  expect(
    await People.aggregate([
      { $match: { seen: { $gte: 0 } } },
      { $group: { _id: null, total: { $sum: '$seen' } } },
    ]),
  ).toEqual([{ _id: null, total: 2 }])
  const explained = (await People.find({ email: 'x' }).explain('queryPlanner')) as unknown as {
    queryPlanner: { winningPlan: object }
  }
  expect(explained.queryPlanner.winningPlan).toMatchObject({
    stage: 'FETCH',
    inputStage: { stage: 'IXSCAN', indexName: 'email_1' },
  })
  await connection.close()
})

test('connect-mongo keeps a session, touches it and destroys it', async () => {
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

test('a cursor reads several batches', async () => {
  const many = client.db(database).collection<{ _id: number }>('many')
  await many.insertMany(Array.from({ length: 1000 }, (_, i) => ({ _id: i })))
  const found = await many.find({}, { batchSize: 70 }).sort({ _id: -1 }).toArray()
  expect(found.map(({ _id }) => _id)).toEqual(Array.from({ length: 1000 }, (_, i) => 999 - i))
})

test('a command that MongoDB has and the store has not is refused by name', async () => {
  await expect(client.db(database).command({ mapReduce: 'x' })).rejects.toMatchObject({ code: 59 })
  await expect(
    client
      .db(database)
      .collection('x')
      .find({}, { collation: { locale: 'en' } })
      .toArray(),
  ).rejects.toMatchObject({ code: 238 })
})
