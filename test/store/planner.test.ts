import { randomUUID } from 'node:crypto'
import { MongoClient, type Collection, type Document } from 'mongodb'

interface Consent extends Document {
  _id: number
}

const people = 20_000
const name = `store_planner_${randomUUID().slice(0, 8)}`
let client: MongoClient
let consents: Collection<Consent>

beforeAll(async () => {
  client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  consents = client.db(name).collection<Consent>('consents')
  await consents.createIndexes([
    { key: { purpose: 1, withdrawnAt: 1, _id: 1 }, name: 'purpose' },
    { key: { person: 1, givenAt: 1 }, name: 'person' },
    { key: { givenAt: -1 }, name: 'newest' },
    { key: { words: 1 }, name: 'words' },
  ])
  for (let at = 0; at < people; at += 5000)
    await consents.insertMany(
      Array.from({ length: 5000 }, (_, i) => ({
        _id: at + i,
        person: at + i,
        purpose: (at + i) % 4 === 0 ? 'sales' : 'news',
        withdrawnAt: null,
        givenAt: new Date(at + i),
        words: [`w${(at + i) % 5000}`, 'all'],
      })),
    )
}, 60_000)
afterAll(async () => {
  await client.db(name).dropDatabase()
  await client.close()
})

interface Explained {
  queryPlanner: { winningPlan: object; rejectedPlans: Document[]; reason: string; considered: Document[] }
  executionStats: { nReturned: number; totalKeysExamined: number; totalDocsExamined: number }
}

async function explained(filter: Document, sort: Document = {}, limit = 0): Promise<Explained> {
  const command = { find: 'consents', filter, sort, ...(limit ? { limit } : {}) }
  const explain = { explain: command, verbosity: 'executionStats' }
  return (await client.db(name).command(explain)) as unknown as Explained
}

test("a person's consent is found by the person, although another index has more of the fields", async () => {
  const { queryPlanner, executionStats } = await explained({ person: 77, purpose: 'news', withdrawnAt: null })
  expect(JSON.stringify(queryPlanner.winningPlan)).toContain('"indexName":"person"')
  expect(executionStats).toMatchObject({ nReturned: 1, totalKeysExamined: 1 })
  expect(queryPlanner.rejectedPlans).toMatchObject([{ indexName: 'purpose' }])
  expect(queryPlanner.reason).toBe('It has at most 16 keys to read.')
  expect(queryPlanner.considered).toEqual([
    { indexName: 'purpose', countedKeys: 16, hasMoreKeys: true, inOrder: true },
    { indexName: 'person', countedKeys: 1, hasMoreKeys: false, inOrder: true },
  ])
})

test('the index of the search goes before the index of the sort when few match', async () => {
  const { executionStats, queryPlanner } = await explained({ words: 'w7' }, { givenAt: -1 }, 10)
  expect(JSON.stringify(queryPlanner.winningPlan)).toMatch(/SORT.*"indexName":"words"/)
  expect(executionStats).toMatchObject({ nReturned: 4, totalKeysExamined: 4 })
})

test('the index of the sort goes first when many match, and the page is full after a few', async () => {
  const { executionStats } = await explained({ words: 'all' }, { givenAt: -1 }, 10)
  expect(executionStats.nReturned).toBe(10)
  expect(executionStats.totalKeysExamined).toBeLessThan(300)
})

test('an order that leads nowhere is given up after as many keys as the other index has', async () => {
  // 5,000 match the purpose, none of them this person's; both indexes have more keys than are counted beforehand.
  const filter = { purpose: 'sales', 'words.0': 'nothing' }
  const { executionStats, queryPlanner } = await explained(filter, { givenAt: -1 }, 10)
  expect(executionStats.nReturned).toBe(0)
  // Keys that are in memory take next to nothing; all in that order would be 20,000 documents.
  expect(executionStats.totalDocsExamined).toBeLessThan(people / 2)
  expect(JSON.stringify(queryPlanner)).toContain('triedFirst')
  const found = await consents.find({ purpose: 'sales' }).sort({ givenAt: -1 }).limit(3).toArray()
  expect(found.map(({ _id }) => _id)).toEqual([19_996, 19_992, 19_988])
})

test('what an index counts is the number of documents, also over arrays and with a limit', async () => {
  expect(await consents.countDocuments({ purpose: 'news', withdrawnAt: null })).toBe(15_000)
  expect(await consents.countDocuments({ words: 'all' })).toBe(people)
  expect(await consents.countDocuments({ words: { $in: ['w1', 'w2', 'all'] } })).toBe(people)
  expect(await consents.countDocuments({ purpose: 'news' }, { skip: 10, limit: 100 })).toBe(100)
  expect(await consents.countDocuments({})).toBe(people)
  expect(await consents.estimatedDocumentCount()).toBe(people)
})

test('what is found by one value of a list is read in the order of an index, and counted by its keys', async () => {
  const tagged = client.db(name).collection<{ _id: number; tags: string[]; n: number }>('tagged')
  await tagged.createIndex({ tags: 1, n: -1 })
  await tagged.insertMany(
    Array.from({ length: 3000 }, (_, _id) => ({ _id, tags: ['all', `t${_id % 3}`], n: (_id * 7919) % 3000 })),
  )
  const sorted = (filter: Document, sort: Document) =>
    client.db(name).command({
      explain: { find: 'tagged', filter, sort, limit: 5 },
      verbosity: 'executionStats',
    }) as Promise<unknown> as Promise<Explained>
  const found = await tagged.find({ tags: 't1' }).sort({ n: 1 }).limit(5).toArray()
  expect(found.map(({ n }) => n)).toEqual([2, 5, 8, 11, 14])
  const { queryPlanner, executionStats } = await sorted({ tags: 't1' }, { n: 1 })
  expect(JSON.stringify(queryPlanner.winningPlan)).not.toContain('SORT')
  expect(executionStats).toMatchObject({ nReturned: 5, totalKeysExamined: 5 })
  // One of several values, or the list itself, gives no order.
  for (const [filter, sort] of [
    [{ tags: { $in: ['t1', 't2'] } }, { n: 1 }],
    [{ tags: 't1' }, { tags: 1, n: -1 }],
  ] as const)
    expect(JSON.stringify((await sorted(filter, sort)).queryPlanner.winningPlan)).toContain('SORT')
  expect(await tagged.countDocuments({ tags: 't1' })).toBe(1000)
  expect(await tagged.countDocuments({ tags: 't1' }, { limit: 12 })).toBe(12)
  expect(await tagged.countDocuments({ tags: { $in: ['all', 't1'] } }, { limit: 1200 })).toBe(1200)
  expect(await tagged.countDocuments({ tags: { $in: ['all', 't1'] } })).toBe(3000)
})

test('what several values of a list find is counted without documents, and found in order', async () => {
  interface Lead extends Document {
    _id: number
  }
  const leads = client.db(name).collection<Lead>('leads')
  await leads.createIndex({ tags: 1, n: -1 })
  await leads.createIndex({ words: 1 })
  const of = (_id: number) => ({
    ...{
      _id,
      tags: ['all', `a${_id % 3}`, `b${_id % 7}`, `c${_id % 50}`],
      words: [`word${_id % 400}`, 'word'],
    },
    n: (_id * 7919) % 3000,
  })
  await leads.insertMany(Array.from({ length: 3000 }, (_, _id) => of(_id)))
  const filter = { $and: [{ tags: 'a1' }, { tags: 'b2' }, { tags: 'c16' }, { words: /^word1/ }] }
  const matching = (_id: number) =>
    _id % 3 === 1 && _id % 7 === 2 && _id % 50 === 16 && String(_id % 400).startsWith('1')
  const expected = Array.from({ length: 3000 }, (_, _id) => _id).filter(matching)
  const newestFirst = (ids: number[]) => ids.toSorted((a, b) => of(b).n - of(a).n)
  const expectFound = async (ids: number[]) => {
    const found = await leads.find(filter).sort({ n: -1 }).limit(10).toArray()
    expect(found.map(({ _id }) => _id)).toEqual(newestFirst(ids))
    expect(await leads.countDocuments(filter)).toBe(ids.length)
    const backwards = await leads.find(filter).sort({ n: 1 }).limit(10).toArray()
    expect(backwards.map(({ _id }) => _id)).toEqual(newestFirst(ids).reverse())
  }
  expect(expected.length).toBeGreaterThan(1)
  await expectFound(expected)
  const explain = {
    explain: {
      find: 'leads',
      filter: { $and: [{ tags: 'all' }, { tags: 'b2' }, { tags: 'c16' }] },
      sort: { n: -1 },
      limit: 10,
    },
    verbosity: 'executionStats',
  }
  const { executionStats, queryPlanner } = (await client.db(name).command(explain)) as unknown as Explained
  expect(JSON.stringify(queryPlanner.winningPlan)).toContain('narrowedBy')
  expect(executionStats.totalDocsExamined).toBeLessThan(100)
  // What is remembered of an index follows every kind of write, and one that is undone.
  await leads.deleteOne({ _id: expected[0]! })
  await leads.updateOne({ _id: expected[1]! }, { $pull: { tags: 'c16' } as never })
  await leads.insertOne({ ...of(expected[0]!), _id: 5000 })
  const others = expected.slice(2)
  expect(await leads.countDocuments(filter)).toBe(others.length + 1)
  await leads.deleteOne({ _id: 5000 })
  const failing = leads.insertMany([of(expected[0]!), of(expected[0]!), of(7)])
  await expect(failing).rejects.toMatchObject({ code: 11000 })
  await expectFound([expected[0]!, ...others])
  await leads.updateMany({ tags: 'c16' }, { $set: { n: -1 } })
  expect(await leads.countDocuments(filter)).toBe(others.length + 1)
  await leads.updateMany({ tags: 'b2' }, { $set: { tags: [] } })
  expect(await leads.countDocuments(filter)).toBe(0)
  expect(await leads.find(filter).sort({ n: -1 }).limit(10).toArray()).toEqual([])
})
