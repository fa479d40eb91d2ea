import { EJSON, Long, type Document } from 'bson'
import { MongoClient, MongoServerError, type Db } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { missing } from './case-values'
import { commandCases } from './manual/command-cases'
import { errorCases, errorDocuments, unsupportedCases } from './manual/error-cases'
import { expressionCases } from './manual/expression-cases'
import { distinctCases, filterCases, findCases, leads, typed } from './manual/find-cases'
import { indexCases } from './manual/index-cases'
import { accumulatorCases, stageCases, type PipelineCase } from './manual/pipeline-cases'
import { currentDateCase, updateCases } from './manual/update-cases'

/** Cases go through the driver and the wire protocol. Each names the page of MongoDB's manual that states its rule. */
const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const
const name = `store_manual_${randomUUID().slice(0, 8)}`
let client: MongoClient
let db: Db

beforeAll(async () => {
  client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  db = client.db(name)
  await fill('leads', leads)
})
afterAll(async () => {
  await db.dropDatabase()
  await client.close()
})

async function fill(collection: string, documents: Document[]): Promise<void> {
  await db.collection(collection).deleteMany({})
  if (documents.length > 0) await db.collection(collection).insertMany(documents)
}

/** Canonical Extended JSON: shows types and the order of fields. */
function text(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false })
}

describe('commands', () => {
  let scratch: Db
  beforeAll(() => (scratch = client.db(`${name}_commands`)))

  test.each(commandCases)('%s: %s', async (_page, _rule, command, reply) => {
    if ('getMore' in command) {
      await scratch.collection<{ _id: number }>('c').deleteMany({})
      await scratch.collection<{ _id: number }>('c').insertMany([{ _id: 11 }, { _id: 12 }, { _id: 13 }])
      const { cursor } = await scratch.command({ find: 'c', batchSize: 1 }, { promoteLongs: false })
      command = { ...command, getMore: cursor.id }
    }
    expect(await scratch.command(command)).toMatchObject({ ok: 1, ...reply })
  })
})

describe('filters', () => {
  test.each(filterCases)('%s: %s: %j', async (_page, _rule, filter, ids) => {
    const found = await db.collection('leads').find(filter).sort({ _id: 1 }).toArray()
    expect(found.map(({ _id }) => Number(_id))).toEqual(ids)
    expect(await db.collection('leads').countDocuments(filter)).toBe(ids.length)
  })
})

describe('find', () => {
  test.each(findCases)('%s: %s', async (_page, _rule, find, documents) => {
    const { cursor } = await db.command({ find: 'leads', ...find }, exact)
    expect(text(cursor.firstBatch)).toBe(text(documents))
  })

  test.each(distinctCases)('%s: %s', async (_page, _rule, key, filter, values) => {
    expect(await db.collection('leads').distinct(key, filter)).toEqual(values)
  })

  test('reference/bson-types: every value comes back with its type, and fields in their order', async () => {
    await fill('typed', [typed])
    const [found] = await db.collection('typed').find({}, exact).toArray()
    expect(text(found)).toBe(text(typed))
  })
})

describe('updates', () => {
  test.each(updateCases)('%s: %s', async (_page, _rule, before, update, after, options = {}) => {
    await fill('updates', before ? [{ _id: 1 as never, ...before }] : [])
    const { filter = {}, arrayFilters, upsert } = options
    const updates = [
      { q: filter, u: update, ...(arrayFilters && { arrayFilters }), ...(upsert && { upsert }) },
    ]
    const reply = await db.command({ update: 'updates', updates })
    expect(reply).toMatchObject({ ok: 1, n: 1 })
    expect(reply.writeErrors).toBeUndefined()
    const [{ _id, ...rest } = {} as Document, ...others] = await db
      .collection<Document>('updates')
      .find({}, exact)
      .toArray()
    expect(others).toEqual([])
    expect(_id).toBeDefined()
    expect(text(rest)).toBe(text(after))
  })

  test(`${currentDateCase.page}: sets a date or a timestamp`, async () => {
    await fill('updates', [{ _id: 1 as never }])
    const before = Date.now()
    await db.command({ update: 'updates', updates: [{ q: {}, u: currentDateCase.update }] })
    for (const [field, type] of Object.entries(currentDateCase.types))
      expect(await db.collection('updates').countDocuments({ [field]: { $type: type } })).toBe(1)
    expect(await db.collection('updates').countDocuments({ at: { $gte: new Date(before) } })).toBe(1)
  })
})

async function aggregate(documents: Document[], pipeline: Document[]): Promise<Document[]> {
  await fill('pipeline', documents)
  return db.collection('pipeline').aggregate(pipeline, exact).toArray()
}

async function checkPipeline(...[, , documents, pipeline, result]: PipelineCase): Promise<void> {
  const found = (await aggregate(documents, pipeline)).map(text)
  const isOrdered = JSON.stringify(pipeline).includes('"$sort')
  const wanted = result.map(text)
  expect(isOrdered ? found : found.sort()).toEqual(isOrdered ? wanted : wanted.sort())
}

describe('pipeline stages', () => {
  test.each(stageCases)('%s: %s', checkPipeline)
})

describe('accumulators', () => {
  test.each(accumulatorCases)('%s: %s', checkPipeline)
})

describe('expressions', () => {
  const rows = Object.entries(expressionCases).flatMap(([operator, cases]) =>
    cases.map(
      ([expression, value, document = {}]) =>
        [`reference/operator/aggregation/${operator.slice(1)}`, expression, value, document] as const,
    ),
  )
  test.each(rows)('%s: %j', async (_page, expression, value, document) => {
    const [found] = await aggregate([document], [{ $replaceWith: { value: expression } }])
    expect(text(found)).toBe(text(value === missing ? {} : { value }))
  })
})

describe('indexes', () => {
  beforeEach(() =>
    db
      .collection('indexed')
      .drop()
      .catch(() => undefined),
  )

  test.each(indexCases.map(each => [each.page, each.shape, each] as const))(
    '%s: %s',
    async (_page, _shape, { key, options = {}, documents, filter, sort = {}, ids, refused }) => {
      const collection = db.collection<Document>('indexed')
      await collection.insertMany(documents)
      const inOrder = Object.keys(sort).length > 0
      const query = async () => {
        const found = (await collection.find(filter).sort(sort).toArray()).map(({ _id }) => Number(_id))
        return inOrder ? found : found.sort()
      }
      expect(await query()).toEqual(ids)

      // Built over existing documents, then over the same documents as they are inserted.
      const index = await collection.createIndex(key, options)
      expect(await query()).toEqual(ids)
      await collection.deleteMany({})
      await collection.insertMany(documents)
      expect(await query()).toEqual(ids)

      const { queryPlanner } = (await collection.find(filter).sort(sort).explain('queryPlanner')) as Document
      const plan = JSON.stringify(queryPlanner.winningPlan)
      expect(plan).toContain(`"indexName":"${index}"`)
      expect(plan).not.toContain('"SORT"')
      expect(await collection.listIndexes().toArray()).toContainEqual({ v: 2, key, name: index, ...options })

      if (!refused) return
      await expect(collection.insertOne(refused.document)).rejects.toMatchObject({ code: refused.code })
      expect(await collection.countDocuments()).toBe(documents.length)
    },
  )
})

describe('errors', () => {
  beforeAll(async () => {
    await fill('errors', errorDocuments)
    await db.collection('errors').createIndex({ email: 1 }, { unique: true })
  })

  async function codeOf(command: Document): Promise<number | undefined> {
    const cursorId = typeof command.getMore === 'bigint' && { getMore: Long.fromBigInt(command.getMore) }
    try {
      const reply = await db.command({ ...command, ...cursorId })
      return reply.writeErrors?.[0].code as number | undefined
    } catch (error) {
      if (error instanceof MongoServerError) return Number(error.code)
      throw error
    }
  }

  test.each(errorCases.map(([page, rule, command, code]) => [page, rule, code, command] as const))(
    '%s: %s: %i',
    async (_page, _rule, code, command) => {
      expect(await codeOf(command)).toBe(code)
      expect(await db.collection('errors').find().sort({ _id: 1 }).toArray()).toEqual(errorDocuments)
    },
  )

  test.each(unsupportedCases.map(([feature, command, code = 238]) => [feature, code, command] as const))(
    '%s is refused by name: %i',
    async (_feature, code, command) => {
      expect(await codeOf(command)).toBe(code)
    },
  )
})
