import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'bson'
import { Long, MongoBulkWriteError, MongoClient, ObjectId, type Db } from 'mongodb'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from '../setup/store-process'

const code = transpileStore()
jest.setTimeout(60_000)
let store: RunningStore
let client: MongoClient
let db: Db

beforeAll(async () => {
  store = await runStore(code, makeFolder(), { LYCEUM_STORE_SWEEP: '1' })
  client = await MongoClient.connect(store.uri)
  db = client.db('driver')
})
afterAll(async () => {
  await client.close()
  await endStore(store)
})

/** Creates a proxy between driver and store. It drops the reply to the next request that contains `state.lose`. */
async function makeProxy(address: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-proxy-'))
  const path = join(folder, 'proxy.sock')
  const state = { address, lose: '' }
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(state.address)
    let losing = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', chunk => {
      if (state.lose && chunk.includes(state.lose)) {
        state.lose = ''
        losing = true
      }
      far.write(chunk)
    })
    far.on('data', chunk => (losing ? near.destroy() : near.write(chunk)))
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  return {
    uri: `mongodb://${encodeURIComponent(path)}/?replicaSet=embedded&directConnection=true`,
    state,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function addressOf({ uri }: RunningStore): string {
  return decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(uri)![1]!)
}

test('the driver retries a write whose reply was lost, and the write is done once', async () => {
  const proxy = await makeProxy(addressOf(store))
  const through = await MongoClient.connect(proxy.uri)
  const counters = through.db('driver').collection<{ _id: string; n: number }>('counters')
  await counters.insertOne({ _id: 'visits', n: 0 })
  proxy.state.lose = 'updates'
  expect(await counters.updateOne({ _id: 'visits' }, { $inc: { n: 1 } })).toMatchObject({
    matchedCount: 1,
    modifiedCount: 1,
  })
  proxy.state.lose = 'findAndModify'
  expect(
    await counters.findOneAndUpdate({ _id: 'visits' }, { $inc: { n: 1 } }, { returnDocument: 'after' }),
  ).toEqual({ _id: 'visits', n: 2 })
  proxy.state.lose = 'documents'
  await counters.insertMany([
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
  ])
  expect(await counters.find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
    { _id: 'visits', n: 2 },
  ])
  await through.close()
  proxy.close()
})

test('a retried write is done once even if the store was killed in between', async () => {
  const folder = makeFolder()
  const first = await runStore(code, folder)
  const proxy = await makeProxy(addressOf(first))
  const through = await MongoClient.connect(proxy.uri)
  const counters = through.db('driver').collection<{ _id: string; n: number }>('counters')
  await counters.insertOne({ _id: 'visits', n: 0 })
  proxy.state.lose = 'updates'
  const writing = counters.updateOne({ _id: 'visits' }, { $inc: { n: 1 } })
  while (proxy.state.lose) await new Promise(resolve => setTimeout(resolve, 1))
  await new Promise(resolve => setTimeout(resolve, 5))
  first.process.kill('SIGKILL')
  await new Promise(resolve => first.process.once('exit', resolve))
  const second = await runStore(code, folder)
  proxy.state.address = addressOf(second)
  expect(await writing.catch(() => counters.findOne())).toBeDefined()
  expect((await counters.findOne())!.n).toBe(1)
  await through.close()
  proxy.close()
  await endStore(second)
})

test('a repeated write gets its first reply, even if the document has changed since', async () => {
  const lsid = {
    id: (client.startSession() as unknown as { serverSession: { id: { id: unknown } } }).serverSession.id.id,
  }
  const command = (n: number) => ({
    findAndModify: 'kept',
    query: { _id: 1 },
    update: { $inc: { n: 1 } },
    new: true,
    upsert: true,
    lsid,
    txnNumber: Long.fromNumber(n),
  })
  const first = await db.command(command(1))
  await db.collection<{ _id: number }>('kept').updateOne({ _id: 1 }, { $set: { n: 50 } })
  expect((await db.command(command(1))).value).toEqual(first.value)
  await expect(db.command(command(0))).rejects.toMatchObject({ code: 225 })
})

test('a cursor over several batches returns each document once, and is gone after it is closed', async () => {
  const many = db.collection<{ _id: number; group: number }>('many')
  await many.insertMany(Array.from({ length: 2500 }, (_, i) => ({ _id: i, group: i % 3 })))
  await many.createIndex({ group: 1 })
  const found: number[] = []
  for await (const { _id } of many.find({ group: 1 }, { batchSize: 100 })) found.push(_id)
  expect(found).toHaveLength(833)
  expect(new Set(found).size).toBe(833)
  const cursor = many.find({}, { batchSize: 10 })
  await cursor.next()
  const { id } = cursor
  await cursor.close()
  await expect(db.command({ getMore: id!, collection: 'many' })).rejects.toMatchObject({
    code: 43,
    codeName: 'CursorNotFound',
  })
  expect(await many.find().sort({ group: -1, _id: 1 }).skip(5).limit(3).toArray()).toEqual(
    [17, 20, 23].map(_id => ({ _id, group: 2 })),
  )
})

test('a duplicate key error names the index, the pattern and the value', async () => {
  const people = db.collection('people')
  await people.createIndex({ 'email.address': 1, tenant: -1 }, { unique: true })
  await people.insertOne({ email: { address: 'ada@lyceum.example' }, tenant: 1 })
  const duplicate = people.insertOne({ email: { address: 'ada@lyceum.example' }, tenant: 1 })
  await expect(duplicate).rejects.toMatchObject({
    code: 11000,
    message:
      'E11000 duplicate key error collection: driver.people index: email.address_1_tenant_-1 ' +
      'dup key: { email.address: "ada@lyceum.example", tenant: 1 }',
    keyPattern: { 'email.address': 1, tenant: -1 },
    keyValue: { 'email.address': 'ada@lyceum.example', tenant: 1 },
  })
  await expect(
    people.updateOne(
      { tenant: 2 },
      { $set: { 'email.address': 'ada@lyceum.example', tenant: 1 } },
      { upsert: true },
    ),
  ).rejects.toMatchObject({ code: 11000 })
})

test('an ordered bulk write stops at its first error, an unordered one reports all of them', async () => {
  const bulk = db.collection<{ _id: number; n?: number }>('bulk')
  const twice = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }]
  const ordered = await bulk.insertMany(twice).catch((error: unknown) => error)
  expect(ordered).toBeInstanceOf(MongoBulkWriteError)
  expect(ordered).toMatchObject({ code: 11000, result: { insertedCount: 1 } })
  const unordered = (await bulk
    .insertMany(twice, { ordered: false })
    .catch((error: unknown) => error)) as MongoBulkWriteError
  expect(unordered.insertedCount).toBe(2)
  expect([unordered.writeErrors].flat().map(({ index }) => index)).toEqual([0, 1, 3])
  const mixed = await bulk.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $set: { n: 1 } } } },
    { updateMany: { filter: {}, update: { $inc: { n: 1 } } } },
    { replaceOne: { filter: { _id: 9 }, replacement: { n: 9 }, upsert: true } },
    { deleteOne: { filter: { _id: 2 } } },
    { insertOne: { document: { _id: 4 } } },
  ])
  expect(mixed).toMatchObject({
    matchedCount: 4,
    modifiedCount: 4,
    upsertedCount: 1,
    deletedCount: 1,
    insertedCount: 1,
    upsertedIds: { 2: 9 },
  })
  expect(await bulk.find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 1, n: 2 },
    { _id: 3, n: 1 },
    { _id: 4 },
    { _id: 9, n: 9 },
  ])
})

test('a session reads its own writes, and a multi-document transaction is refused', async () => {
  const session = client.startSession()
  const notes = db.collection('notes')
  await notes.insertOne({ text: 'a' }, { session })
  expect(await notes.countDocuments({}, { session })).toBe(1)
  session.startTransaction()
  await expect(notes.insertOne({ text: 'b' }, { session })).rejects.toMatchObject({
    code: 263,
    codeName: 'OperationNotSupportedInTransaction',
  })
  await session.abortTransaction().catch(() => undefined)
  await session.endSession()
  expect(await notes.countDocuments({})).toBe(1)
})

test('a TTL index deletes expired documents and no others', async () => {
  const sessions = db.collection('sessions')
  await sessions.createIndex({ expires: 1 }, { expireAfterSeconds: 0 })
  await sessions.insertMany([
    { expires: new Date(Date.now() - 1000) },
    { expires: new Date(Date.now() + 60_000) },
    { expires: 'never' },
    {},
  ])
  const end = Date.now() + 10_000
  while ((await sessions.countDocuments({})) > 3 && Date.now() < end)
    await new Promise(resolve => setTimeout(resolve, 50))
  expect((await sessions.find().toArray()).map(({ expires }) => typeof expires).sort()).toEqual([
    'object',
    'string',
    'undefined',
  ])
})

test('partial and sparse unique indexes ignore documents that they do not index', async () => {
  const seats = db.collection('seats')
  await seats.createIndex({ place: 1 }, { unique: true, partialFilterExpression: { state: 'booked' } })
  await seats.insertMany([
    { place: 1, state: 'free' },
    { place: 1, state: 'free' },
    { place: 1, state: 'booked' },
  ])
  await expect(seats.insertOne({ place: 1, state: 'booked' })).rejects.toMatchObject({ code: 11000 })
  await expect(seats.updateOne({ state: 'free' }, { $set: { state: 'booked' } })).rejects.toMatchObject({
    code: 11000,
  })
  const cards = db.collection('cards')
  await cards.createIndex({ number: 1 }, { unique: true, sparse: true })
  await cards.insertMany([{}, {}, { number: 1 }])
  expect(await cards.countDocuments({})).toBe(3)
  await expect(cards.insertOne({ number: 1 })).rejects.toMatchObject({ code: 11000 })
  expect(await cards.find().sort({ number: 1 }).toArray()).toHaveLength(3)
})

test('a partial index is used when the query states its condition, and not when it follows from a value', async () => {
  const mails = db.collection('mails')
  await mails.createIndex(
    { 'series.name': 1 },
    { partialFilterExpression: { 'series.name': { $type: 'string' } } },
  )
  await mails.insertMany([
    { series: { name: 'a', n: 1 } },
    { series: { name: 'a', n: 2 } },
    { series: null },
    { series: { name: [['a']] } },
  ])
  const planOf = async (filter: object) => JSON.stringify(await mails.find(filter).explain())
  const named = { 'series.name': { $type: 'string', $eq: 'a' } }
  expect(await planOf(named)).toContain('IXSCAN')
  expect(await mails.countDocuments({ ...named, 'series.n': { $gt: 1 } })).toBe(1)
  // MongoDB doesn't infer the type from the value.
  expect(await planOf({ 'series.name': 'a' })).not.toContain('IXSCAN')
  expect(await planOf({ 'series.name': { $type: 'string' } })).toContain('IXSCAN')
  expect(await mails.countDocuments({ 'series.name': 'a', 'series.n': { $gt: 1 } })).toBe(1)
  expect(await planOf({ 'series.name': ['a'] })).not.toContain('IXSCAN')
  expect(await mails.countDocuments({ 'series.name': ['a'] })).toBe(1)
})

test('what is not null may not exist inside an array, and a partial index leaves it out', async () => {
  const files = db.collection<{ _id: number; a?: unknown; b?: number }>('files')
  await files.createIndex({ b: 1 }, { partialFilterExpression: { 'a.x': { $exists: true } } })
  await files.createIndex({ b: -1 }, { partialFilterExpression: { a: { $exists: true } } })
  await files.insertMany([
    { _id: 1, a: [2.5], b: 1 },
    { _id: 2, a: { x: 5 }, b: 1 },
    { _id: 3, b: 1 },
  ])
  const idsOf = async (filter: object) => (await files.find(filter).toArray()).map(({ _id }) => _id).sort()
  expect(await idsOf({ b: 1, 'a.x': { $ne: null } })).toEqual([1, 2])
  expect(await idsOf({ b: 1, a: { $ne: null } })).toEqual([1, 2])
  expect(JSON.stringify(await files.find({ b: 1, a: { $ne: null } }).explain())).toContain('IXSCAN')
})

test('explain shows whether an index is used', async () => {
  const leads = db.collection('leads')
  await leads.createIndexes([{ key: { owner: 1, score: -1 } }, { key: { company: 1 } }])
  const stages = async (plan: Promise<unknown>) => JSON.stringify(await plan)
  expect(
    await stages(
      leads
        .find({ owner: 'a', score: { $gt: 5 } })
        .sort({ score: -1 })
        .explain('queryPlanner'),
    ),
  ).toMatch(/IXSCAN.*owner_1_score_-1/)
  expect(await stages(leads.find({ owner: 'a' }).sort({ score: 1 }).explain())).not.toContain('SORT')
  expect(await stages(leads.find({ name: 'x' }).explain())).toContain('COLLSCAN')
  expect(await stages(leads.find({ $or: [{ owner: 'a' }, { company: 'b' }] }).explain())).toMatch(
    /"OR".*owner_1_score_-1.*company_1/,
  )
  expect(
    await stages(leads.aggregate([{ $match: { company: 'b' } }, { $group: { _id: '$owner' } }]).explain()),
  ).toContain('IXSCAN')
  expect(
    await stages(
      db.command({ explain: { update: 'leads', updates: [{ q: { company: 'b' }, u: { $set: { a: 1 } } }] } }),
    ),
  ).toContain('IXSCAN')
  expect(await stages(db.command({ explain: { count: 'leads', query: { nobody: 1 } } }))).toContain(
    'COLLSCAN',
  )
})

test('keys that are too long for LMDB remain unique and can be found', async () => {
  const texts = db.collection<{ _id: number; text: string }>('texts')
  await texts.createIndex({ text: 1 }, { unique: true })
  const long = 'ü'.repeat(3000)
  await texts.insertMany([
    { _id: 1, text: `${long}a` },
    { _id: 2, text: `${long}b` },
  ])
  await expect(texts.insertOne({ _id: 3, text: `${long}a` })).rejects.toMatchObject({ code: 11000 })
  expect(await texts.findOne({ text: `${long}b` })).toMatchObject({ _id: 2 })
  expect(await texts.find({ text: { $gt: `${long}a` } }).toArray()).toHaveLength(1)
  expect((await texts.find().sort({ text: -1 }).toArray()).map(({ _id }) => _id)).toEqual([2, 1])
})

test('unknown fields, stages and operators are refused with the codes of MongoDB', async () => {
  const codeOf = (command: object) =>
    db.command(command as never).then(
      () => undefined,
      (error: { code: number }) => error.code,
    )
  expect(await codeOf({ find: 'c', nonsense: 1 })).toBe(40415)
  expect(await codeOf({ nonsense: 1 })).toBe(59)
  expect(await codeOf({ aggregate: 'c', pipeline: [{ $nonsense: 1 }], cursor: {} })).toBe(40324)
  expect(await codeOf({ aggregate: 'c', pipeline: [{ $lookup: { from: 'x' } }], cursor: {} })).toBe(238)
  expect(await codeOf({ find: 'c', filter: { a: { $nonsense: 1 } } })).toBe(2)
  expect(await codeOf({ find: 'c', filter: { $where: '1' } })).toBe(238)
  expect(await codeOf({ find: 'c', hint: 'a_1' })).toBe(238)
  expect(await codeOf({ createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a' }] })).toBe(67)
  expect(await codeOf({ insert: 'c', documents: [{ _id: [1] }] })).toBeUndefined()
})

test('a query that exceeds maxTimeMS is ended', async () => {
  const slow = db.collection('slow')
  await slow.insertMany(Array.from({ length: 3000 }, (_, i) => ({ n: i })))
  const everything = slow.aggregate(
    [
      {
        $match: {
          $expr: {
            $gte: [
              {
                $size: {
                  $filter: { input: { $split: ['a,'.repeat(500), ','] }, cond: { $eq: ['$$this', 'b'] } },
                },
              },
              1,
            ],
          },
        },
      },
    ],
    { maxTimeMS: 5 },
  )
  await expect(everything.toArray()).rejects.toMatchObject({ code: 50 })
})

test('unacknowledged writes are done without a reply', async () => {
  const _id = new ObjectId()
  await db.collection('silent').insertOne({ _id }, { writeConcern: { w: 0 } })
  const end = Date.now() + 5000
  while (!(await db.collection('silent').findOne({ _id })) && Date.now() < end)
    await new Promise(resolve => setTimeout(resolve, 5))
  expect(await db.collection('silent').countDocuments({})).toBe(1)
})

test('malformed messages are refused and do not affect other connections', async () => {
  const send = (bytes: Buffer) =>
    new Promise<Buffer>(resolve => {
      const socket = connect(addressOf(store))
      const got: Buffer[] = []
      socket.on('data', chunk => {
        got.push(chunk)
        socket.destroy()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(Buffer.concat(got)))
      socket.write(bytes)
    })
  const message = (body: number[], opcode = 2013) => {
    const bytes = Buffer.alloc(20)
    bytes.writeInt32LE(20 + body.length, 0)
    bytes.writeInt32LE(7, 4)
    bytes.writeInt32LE(opcode, 12)
    return Buffer.concat([bytes, Buffer.from(body)])
  }
  const ping = [...serialize({ ping: 1, $db: 'driver' })]
  const codeOf = async (bytes: Buffer) => {
    const got = await send(bytes)
    expect(got.readInt32LE(8)).toBe(7)
    return Number(deserialize(got.subarray(21)).code ?? 0)
  }
  expect(await codeOf(message([0, ...ping]))).toBe(0)
  expect(await codeOf(message([0, 8, 0, 0, 0, 0x06, 0x61, 0, 0]))).toBe(238)
  expect(await codeOf(message([0, 8, 0, 0, 0, 0x55, 0x61, 0, 0]))).toBe(22)
  expect(await codeOf(message([0, 0xff, 0xff, 0xff, 0x7f, 0]))).toBe(22)
  expect(await codeOf(message([1, 90, 0, 0, 0, 0x61, 0, 1, 2, 3]))).toBe(22)
  expect(await codeOf(message([9, 5, 0, 0, 0]))).toBe(2)
  expect(await codeOf(message([]))).toBe(2)
  expect(await codeOf(message([0, 1]))).toBe(22)
  expect(await codeOf(message([0, ...ping, 0, ...ping]))).toBe(2)
  // Lengths that lead nowhere, backwards or beyond the end.
  const section = (length: number) => [...Buffer.from(Int32Array.of(length).buffer)]
  for (const length of [-2147483648, -1, 0, 4, 100_000, 2147483647])
    for (const rest of [[0x61, 0], [0x61, 0, ...ping], []])
      expect(await codeOf(message([0, ...ping, 1, ...section(length), ...rest]))).toBe(22)
  for (const type of [0x03, 0x04])
    for (const length of [-2147483648, -1, 0, 4, 6, 100_000, 2147483647])
      expect(
        await codeOf(message([0, ...section(14), type, 0x61, 0, ...section(length), 0x30, 0x31, 0])),
      ).toBe(22)
  // An array in which the name of an element never ends, then a message in single bytes.
  expect(await codeOf(message([0, ...section(15), 0x04, 0x61, 0, ...section(7), 0x0a, 0x31, 0x31, 0]))).toBe(
    22,
  )
  expect(await codeOf(message([0, ...ping], 2001))).toBe(115)
  expect(await send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toHaveLength(0)
  for (let round = 0; round < 200; round++) await send(message([round % 3, ...randomBytes(5 + (round % 60))]))
  expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 })
})

test('a search for several words reads the rarest one, in any order of the words', async () => {
  const people = db.collection<{ _id: number; search: string[] }>('searched')
  await people.createIndex({ search: 1 })
  await people.insertMany(
    Array.from({ length: 4000 }, (_, n) => ({
      _id: n,
      search: ['ada', 'example', ...(n % 400 === 7 ? ['kowalski'] : [])],
    })),
  )
  for (const words of [
    ['ada', 'kowal', 'exam'],
    ['kowal', 'exam', 'ada'],
  ]) {
    const found = () => people.find({ $and: words.map(word => ({ search: new RegExp(`^${word}`) })) })
    expect(JSON.stringify(await found().explain('queryPlanner'))).toContain('at most 16 keys')
    expect((await found().sort({ _id: -1 }).limit(3).toArray()).map(({ _id }) => _id)).toEqual([
      3607, 3207, 2807,
    ])
  }
})
