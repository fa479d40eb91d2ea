import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BSONRegExp } from 'bson'
import { makeCache } from '../../src/store/cache'
import { candidateScans } from '../../src/store/candidates'
import { openCatalog, type Collection } from '../../src/store/catalog'
import type { Database } from '../../src/store/commands/command'
import { runCommand } from '../../src/store/commands/dispatch'
import { makeCursors } from '../../src/store/cursor'
import { decode } from '../../src/store/decode'
import { encode } from '../../src/store/encode'
import { isServerError } from '../../src/store/errors'
import { parseFilter } from '../../src/store/filter'
import { compileFilter } from '../../src/store/match'
import { matchedPosition } from '../../src/store/positional'
import { planFind, planPipeline } from '../../src/store/query'
import { makeIdPages } from '../../src/store/id-pages'
import { openRecords } from '../../src/store/records'
import { makeStamps } from '../../src/store/stamps'
import { decodeRow, type Row } from '../../src/store/row'
import { allRows, scan, sortDocuments } from '../../src/store/scan'
import { indexKeysOf } from '../../src/store/secondary-index'
import { makeSessions } from '../../src/store/session'
import { compareBy, parseSort, sortKeys, type SortField } from '../../src/store/sort'
import { openStorage } from '../../src/store/storage'
import { compileUpdate } from '../../src/store/update'
import type { Doc, Value } from '../../src/store/value'
import { verify } from '../../src/store/verify'
import { collectSync } from '../../src/store/yielding'
import { chances, common, failing, scale, seed, type Chances } from './fuzz-values'

/** Comparisons of what an index finds with what a scan finds: 50,000 in a run, `npm run fuzz:store` makes 500,000. */
const wanted = 50_000 * scale

let compared = 0
let indexed = 0
let ordered = 0
let lastId = 1000
const newId = () => ++lastId

afterAll(() =>
  process.stdout.write(
    `${compared} comparisons with FUZZ_SEED=${seed}, ${indexed} by an index, ${ordered} in its order\n`,
  ),
)

// Long work is cut by the clock, and waits by timers. Both follow the seed, so that it repeats a run exactly.
const steps = chances(seed + 3)
let now = 0
Object.assign(performance, { now: () => (now += steps.next() / 2) })
Object.assign(globalThis, { setTimeout: (then: () => void) => afterTurns(steps.below(6), then) })

function afterTurns(turns: number, then: () => void): NodeJS.Immediate {
  return setImmediate(() => (turns > 0 ? afterTurns(turns - 1, then) : then()))
}

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-fuzz-'))
const database = openDatabase()
const { storage, catalog, source } = database
afterAll(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

function openDatabase(): Database {
  // With an odd seed, writes are cut into the smallest steps.
  const storage = openStorage(join(folder, 'data.mdb'), false, { patience: seed % 2 ? 0 : 1 })
  const catalog = openCatalog(storage)
  const stamps = makeStamps()
  // So small that there are many of them.
  const pages = makeIdPages(storage, { most: 3, fewest: 1, together: 300, documents: seed % 3 })
  const records = openRecords(storage, catalog, makeCache(1 << 24), pages, stamps)
  return {
    storage,
    catalog,
    records,
    stamps,
    source: { storage, records, pages },
    cursors: makeCursors(),
    sessions: makeSessions(storage),
    address: '',
  }
}

/** Makes an object a document, with the objects in it. */
function toDoc(from: Record<string, unknown>): Doc {
  const convert = (item: unknown): Value =>
    Array.isArray(item)
      ? item.map(convert)
      : item !== null && typeof item === 'object' && Object.getPrototypeOf(item) === Object.prototype
        ? toDoc(item as Record<string, unknown>)
        : (item as Value)
  return new Map(Object.entries(from).map(([name, item]) => [name, convert(item)]))
}

async function run(command: Record<string, unknown>): Promise<Doc> {
  return decode(await runCommand(database, toDoc({ ...command, $db: 'fuzz' })))
}

/** Lengths around the one from which keys are truncated, alone and together with another field. */
const lengths = [940, 950, 1885, 1893, 1896, 1897, 1898, 1899, 1900, 1905, 2400]

function longText({ one }: Chances): string {
  return one(['x', 'x', 'y', 'é']).repeat(one(lengths)) + one(['', 'a', 'b', 'ab'])
}

interface Shape {
  /** Whether values are often strings that share more than a key can hold. */
  long: boolean
  /** Whether fields have arrays. Without, indexes deliver orders and restrict several fields. */
  arrays: boolean
  /** The paths of the indexes, which most conditions are about. */
  indexed: string[]
}

function scalar(chance: Chances, { long }: Shape): Value {
  if (long && chance.below(2)) return longText(chance)
  return common(chance, 2)
}

function anyValue(chance: Chances, shape: Shape): Value {
  const value = shape.long && chance.below(2) ? longText(chance) : common(chance)
  return shape.arrays ? value : withoutArrays(value)
}

function withoutArrays(value: Value): Value {
  if (Array.isArray(value)) return value.length > 0 ? withoutArrays(value[0]!) : null
  return value instanceof Map ? new Map([...value].map(([name, item]) => [name, withoutArrays(item)])) : value
}

function record(chance: Chances, _id: number, shape: Shape): Doc {
  const made: Doc = new Map([['_id', _id as Value]])
  for (const name of ['a', 'b', 'c']) if (chance.below(5) > 0) made.set(name, anyValue(chance, shape))
  return made
}

function pattern(chance: Chances): BSONRegExp {
  return new BSONRegExp(
    chance.one([
      '^a',
      '^ab',
      'b',
      '^B',
      '^',
      '',
      '.',
      '^a.*c$',
      '^(a|b)',
      '^x',
      'b$',
      '^ab?',
      '^xx+a',
      'a|b',
    ]),
    chance.one(['', '', '', 'i', 'm', 's']),
  )
}

/** A condition on a path, which `hit` often satisfies: values that a document has there. */
function conditionOn(chance: Chances, shape: Shape, hit: Value[] = [], depth = 0): Value {
  const { below, one } = chance
  const value = () => {
    if (hit.length === 0 || below(3) === 0) return scalar(chance, shape)
    const found = one(hit)
    return typeof found === 'string' && found.length > 900 && below(2)
      ? found.slice(0, -1) + one(['a', 'b'])
      : found
  }
  const listed = () => (below(5) === 0 ? pattern(chance) : value())
  const operators: Array<() => Record<string, unknown>> = [
    () => ({
      [one(['$gte', '$lte', '$eq', '$gt', '$lt', '$ne'])]: below(2) ? value() : anyValue(chance, shape),
    }),
    () => ({ [one(['$gt', '$gte'])]: value(), [one(['$lt', '$lte'])]: value() }),
    () => ({ [one(['$in', '$in', '$nin'])]: Array.from({ length: below(5) }, listed) }),
    () => ({ $in: Array.from({ length: 2 + below(8) }, value), [one(['$gt', '$ne', '$in'])]: [value()] }),
    () => ({ $exists: below(3) > 0 }),
    () => ({ $not: conditionOnWithOperators() }),
    () => ({ $elemMatch: elementCondition() }),
    () => ({ $elemMatch: { [one(['x', 'y'])]: value() } }),
    () => ({ $elemMatch: { [one(['x', 'y'])]: { $elemMatch: elementCondition() } } }),
    () => ({ $regex: pattern(chance) }),
    () => ({ $regex: pattern(chance), $lt: value() }),
    () => ({ $size: below(3) }),
    () => ({ $mod: [one([2, 3]), below(2)] }),
    () => ({
      $type: one<unknown>(['string', 'number', 'null', 'array', 'object', 'date', ['string', 'int']]),
    }),
    () => ({ $type: 'string', $eq: value() }),
    () => ({ $all: [value(), one<unknown>([value(), pattern(chance)])] }),
  ]
  function elementCondition(): Record<string, unknown> {
    return one([
      () => ({ [one(['$gt', '$eq', '$lt'])]: value(), $ne: value() }),
      () => ({ $in: [listed(), listed()] }),
      () => ({ $exists: true }),
      () => ({ $elemMatch: { [one(['$eq', '$gte'])]: value() } }),
      () => ({ $regex: pattern(chance) }),
    ])()
  }
  function conditionOnWithOperators(): Value {
    return depth > 0 ? toDoc({ $gt: value() }) : toDoc(one(operators.filter((_, i) => i !== 5))())
  }
  if (below(3) === 0) return below(4) === 0 ? pattern(chance) : below(4) ? value() : anyValue(chance, shape)
  return toDoc(one(operators)())
}

const paths = ['a', 'b', 'c', 'a.x', 'b.x', 'b.y', 'a.0', 'b.x.y', '_id']

/** The scalars that a document has at a path, also in the elements of arrays. */
function scalarsAt(value: Value | undefined, parts: string[]): Value[] {
  if (Array.isArray(value)) return value.flatMap(item => scalarsAt(item, parts))
  // Only $eq and $in take a regular expression as a value.
  if (parts.length === 0) return value === undefined || value instanceof BSONRegExp ? [] : [value]
  return value instanceof Map ? scalarsAt(value.get(parts[0]!), parts.slice(1)) : []
}

/** A filter, whose conditions are often about the values of one of the documents. */
function makeFilter(chance: Chances, shape: Shape, docs: Doc[], depth = 0): Doc {
  const { below, one } = chance
  const made: Doc = new Map()
  const target = docs.length > 0 && below(4) ? one(docs) : undefined
  for (let i = 0; i <= below(3); i++) {
    const path = one(below(4) ? shape.indexed : paths)
    made.set(
      path,
      path === '_id' && below(2) ? below(60) : conditionOn(chance, shape, scalarsAt(target, path.split('.'))),
    )
  }
  if (depth < 2 && below(5) === 0)
    made.set(
      one(['$or', '$or', '$and', '$nor']),
      Array.from({ length: 1 + below(3) }, () => makeFilter(chance, shape, docs, depth + 1)),
    )
  return made
}

const indexPaths = ['a', 'b', 'c', 'a.x', 'b.x', 'b.y', 'b.x.y']

function makeIndexSpec(
  chance: Chances,
  n: number,
): { key: Record<string, number>; [option: string]: unknown } {
  const { below, one } = chance
  const key: Record<string, number> = {}
  for (let f = 0; f <= below(3); f++) key[one(indexPaths)] = one([1, -1])
  const kind = below(9)
  return {
    key,
    name: `i${n}`,
    ...(kind < 2 || kind === 8 ? { sparse: true } : {}),
    ...(kind === 2 || kind === 3 || kind === 7
      ? {
          partialFilterExpression: {
            [one(['a', 'b', 'c', 'a.x'])]: one<unknown>([
              { $exists: true },
              { $gte: 2 },
              { $gt: 'a', $lte: 'b' },
              { $type: 'string' },
              { $in: [1, 2, 'a'] },
              'a',
            ]),
          },
        }
      : {}),
    ...(kind > 6 ? { unique: true } : {}),
  }
}

function makeUpdate(chance: Chances, shape: Shape): Doc {
  const { below, one } = chance
  const path = () => one(['a', 'b', 'c', 'a.x', 'b.y', 'a.0', 'd'])
  const kinds: Array<() => Record<string, unknown>> = [
    () => ({ $set: { [path()]: anyValue(chance, shape) } }),
    () => ({ $unset: { [path()]: '' } }),
    () => ({ $inc: { [path()]: below(5) - 2 } }),
    () => ({ [one(['$min', '$max'])]: { [path()]: scalar(chance, shape) } }),
    () => ({ $rename: { [one(['a', 'b'])]: one(['c', 'd']) } }),
    () => ({ $push: { [path()]: scalar(chance, shape) } }),
    () => ({
      $push: { [path()]: { $each: [scalar(chance, shape), 1], $slice: below(5) - 2, $sort: one([1, -1]) } },
    }),
    () => ({ $addToSet: { [path()]: { $each: [scalar(chance, shape), scalar(chance, shape)] } } }),
    () => ({ $pull: { [path()]: one<unknown>([scalar(chance, shape), { $gt: 1 }, pattern(chance)]) } }),
    () => ({ $pullAll: { [path()]: [scalar(chance, shape), scalar(chance, shape)] } }),
    () => ({ $pop: { [path()]: one([1, -1]) } }),
    () => ({ $set: { [one(['a.$[]', 'b.$[].x', 'b.$'])]: scalar(chance, shape) } }),
  ]
  return toDoc(one(shape.arrays ? kinds : kinds.slice(0, 5))())
}

function docsOf(collection: Collection): Doc[] {
  return [...allRows(source, collection)].map(decodeRow)
}

const idOf = (doc: Doc) => doc.get('_id') as number
const ascending = (ids: number[]) => [...ids].sort((a, b) => a - b).join()

function makeOrder({ below, one }: Chances): Doc {
  const order: Doc = new Map()
  for (let i = 0; i <= below(2); i++) order.set(one(['a', 'b', 'c', 'a.x', 'b.y']), one([1, -1]))
  return order.set('_id', one([1, -1]))
}

/** An order that an index may deliver: its own or the reverse. Documents with the same keys come in any order. */
function orderOfIndex({ below, one }: Chances, collection: Collection): Doc {
  const { fields } = one(collection.indexes)
  const sign = one([1, -1])
  const taken = fields.slice(0, 1 + below(fields.length))
  return new Map(taken.map(({ path, direction }): [string, Value] => [path, direction * sign]))
}

/** Returns true when both lists have the same sort keys in the same order. */
function sameOrder(found: Doc[], expected: Doc[], fields: SortField[]): boolean {
  const compare = compareBy(fields)
  return (
    found.length === expected.length &&
    found.every((doc, i) => compare(sortKeys(doc, fields), sortKeys(expected[i]!, fields)) === 0)
  )
}

/** Sorts the documents as a scan would; undefined when they cannot be sorted. */
function sorted(docs: Doc[], order: SortField[]): Doc[] | undefined {
  try {
    const keyed = docs.map(doc => ({ doc, keys: sortKeys(doc, order) }))
    const compare = compareBy(order)
    return keyed.sort((a, b) => compare(a.keys, b.keys)).map(({ doc }) => doc)
  } catch (error) {
    if (isServerError(error)) return undefined
    throw error
  }
}

/** Compares every plan for a filter with a scan, and the chosen one also in order, with a limit, and as a count. */
async function compareQuery(
  collection: Collection,
  all: Doc[],
  chance: Chances,
  shape: Shape,
): Promise<void> {
  const order = chance.one([
    () => makeOrder(chance),
    () => orderOfIndex(chance, collection),
    () => new Map<string, Value>(),
  ])()
  const fields = parseSort(order)
  let filter = makeFilter(chance, shape, all)
  // Most filters should be ones that an index helps with.
  for (let i = 0; i < 12 && candidateScans(collection, parseFilter(filter), fields).length === 0; i++)
    filter = makeFilter(chance, shape, all)
  const parsed = parseFilter(filter)
  const test = compileFilter(parsed)
  const matching = all.filter(test)
  const detail = (plan?: unknown) => ({ filter, order, plan, docs: matching })
  const expectSame = (found: Doc[], plan: unknown) => {
    compared++
    if (ascending(found.map(idOf)) !== ascending(matching.map(idOf)))
      failing(`found ${found.map(idOf).join()} instead of ${matching.map(idOf).join()}`, detail(plan))
  }
  const inOrder = fields.length === 0 ? matching : sorted(matching, fields)
  for (const candidate of candidateScans(collection, parsed, fields)) {
    indexed++
    const plan = { access: candidate.scan, test, matchesAll: false }
    const found = (collectSync(scan(source, collection, plan)) as Row[]).map(decodeRow)
    expectSame(found, candidate.scan)
    if (candidate.sorted && fields.length > 0 && inOrder) {
      const again = (
        collectSync(
          sortDocuments(scan(source, collection, plan), fields, decodeRow, Infinity, item => ({
            item,
            bytes: 0,
          })),
        ) as Row[]
      ).map(decodeRow)
      if (!sameOrder(again, inOrder, fields)) failing('in another order', detail(candidate.scan))
      const keys = found.map(doc => sortKeys(doc, fields))
      const compare = compareBy(fields)
      ordered++
      if (keys.some((key, i) => i > 0 && compare(keys[i - 1]!, key) > 0))
        failing('out of order', detail(candidate.scan))
    }
  }
  const [skip, limit] = [chance.below(3), chance.below(4) * 3]
  if (inOrder) {
    const options = { filter, sort: order, projection: new Map(), skip, limit }
    const query = planFind(source, collection, options)
    const found = collectSync(query.run()).map(bytes => decode(bytes as Buffer))
    compared++
    const page = inOrder.slice(skip, limit ? skip + limit : undefined)
    const isWhole = new Set(found.map(idOf)).size === found.length && found.every(test)
    const isTotal = order.has('_id')
    if (
      !isWhole ||
      !sameOrder(found, page, fields) ||
      (isTotal && found.map(idOf).join() !== page.map(idOf).join())
    )
      failing(`page ${found.map(idOf).join()} is not ${page.map(idOf).join()}`, detail(query.plan.access))
  }
  if (chance.below(3)) return
  const { n } = Object.fromEntries(await run({ count: collection.name, query: filter }))
  compared++
  if (n !== matching.length) failing(`counted ${String(n)} instead of ${matching.length}`, detail())
  const counted = planPipeline(source, collection, [
    toDoc({ $match: filter }),
    toDoc({ $group: { _id: 1, n: { $sum: 1 } } }),
  ])
  compared++
  const [group] = collectSync(counted.run()) as Doc[]
  if ((group?.get('n') ?? 0) !== matching.length)
    failing(`an aggregation counted ${String(group?.get('n'))} instead of ${matching.length}`, detail())
}

/** The keys in unique indexes, of all documents but one. */
function isDuplicate(collection: Collection, docs: Doc[], doc: Doc): boolean {
  return collection.indexes
    .filter(({ unique }) => unique)
    .some(index => {
      const keys = new Set(indexKeysOf(index, doc).keys.map(key => key.toString('latin1')))
      return docs.some(
        other =>
          idOf(other) !== idOf(doc) &&
          indexKeysOf(index, other).keys.some(key => keys.has(key.toString('latin1'))),
      )
    })
}

function hasParallelArrays(collection: Collection, doc: Doc): boolean {
  try {
    for (const index of collection.indexes) indexKeysOf(index, doc)
    return false
  } catch (error) {
    if (isServerError(error) && error.code === 171) return true
    throw error
  }
}

function expectContents(collection: Collection, expected: Doc[], detail: unknown): void {
  compared++
  const there = new Map(docsOf(collection).map(doc => [idOf(doc), encode(doc)]))
  const right = expected.every(doc => there.get(idOf(doc))?.equals(encode(doc)))
  if (!right || there.size !== expected.length)
    failing('a write left other documents than the same change of what a scan finds', {
      detail,
      expected,
      there: docsOf(collection),
    })
}

/** Compares one write with the same change of the documents that a scan finds. */
async function compareWrite(collection: Collection, chance: Chances, shape: Shape): Promise<void> {
  const before = docsOf(collection)
  const filter = makeFilter(chance, shape, before)
  const parsed = parseFilter(filter)
  const matching = before.filter(compileFilter(parsed))
  const u = makeUpdate(chance, shape)
  const positionOf = (doc: Doc, path: string) => matchedPosition(parsed, doc, path)
  const after = (doc: Doc) => {
    try {
      return compileUpdate(u).apply(doc, { insert: false, now: new Date(0), positionOf })
    } catch (error) {
      if (isServerError(error)) return undefined
      throw error
    }
  }
  const name = collection.name
  const kind = chance.below(5)
  if (kind === 0) {
    const doc = record(chance, newId(), shape)
    const reply = await run({ insert: name, documents: [doc] })
    const refused = hasParallelArrays(collection, doc) || isDuplicate(collection, before, doc)
    if (refused !== reply.has('writeErrors')) failing('an insert', { doc, reply })
    expectContents(collection, refused ? before : [...before, doc], { doc })
  } else if (kind === 1) {
    if (matching.length > 20) return
    await run({ delete: name, deletes: [{ q: filter, limit: 0 }] })
    expectContents(
      collection,
      before.filter(doc => !matching.includes(doc)),
      { filter },
    )
  } else if (kind === 2) {
    const order = makeOrder(chance)
    const [first] = sorted(matching, parseSort(order)) ?? []
    const changed = first && after(first)
    if (first && !changed) return
    const others = before.filter(doc => doc !== first)
    const refused =
      changed && (hasParallelArrays(collection, changed) || isDuplicate(collection, others, changed))
    const reply = await run({ findAndModify: name, query: filter, sort: order, update: u })
    const expected = !first || refused ? before : before.map(doc => (doc === first ? changed! : doc))
    if (reply.has('errmsg') && !refused && sorted(matching, parseSort(order)) && first)
      failing('findAndModify', { filter, u, order, reply })
    expectContents(collection, expected, { filter, u, order })
  } else if (kind === 3) {
    const changed = new Map(matching.map(doc => [doc, after(doc)]))
    if (collection.indexes.some(({ unique, name: own }) => unique && own !== '_id_')) return
    if ([...changed.values()].some(doc => !doc || hasParallelArrays(collection, doc))) return
    const reply = await run({ update: name, updates: [{ q: filter, u, multi: true }] })
    if (reply.get('n') !== matching.length) failing('an update of many', { filter, u, reply, matching })
    expectContents(
      collection,
      before.map(doc => changed.get(doc) ?? doc),
      { filter, u },
    )
  } else {
    const insert = toDoc({ $setOnInsert: { _id: newId() } })
    const reply = await run({ update: name, updates: [{ q: filter, u: insert, upsert: true }] })
    compared++
    const upserted = reply.has('upserted')
    if (upserted && matching.length > 0) failing('an upsert inserted a double', { filter, matching, reply })
    if (!upserted && matching.length === 0 && !reply.has('writeErrors'))
      failing('an upsert', { filter, reply })
  }
}

/** Reads a query in pieces while others write, and expects every document that nobody changed exactly once. */
async function compareDuringWrites(collection: Collection, chance: Chances, shape: Shape): Promise<void> {
  const before = docsOf(collection)
  const filter = makeFilter(chance, shape, before)
  const test = compileFilter(parseFilter(filter))
  const bytes = new Map(before.map(doc => [idOf(doc), encode(doc)]))
  const touched = new Set<number>()
  const query = planFind(source, collection, {
    filter,
    sort: new Map(),
    projection: new Map(),
    skip: 0,
    limit: 0,
  })
  const found: number[] = []
  let reads = 0
  for (const item of query.run()) {
    if (typeof item !== 'symbol') found.push(idOf(decode(item as Buffer)))
    if (++reads % 3 !== 0) continue
    await Promise.all([
      run({
        update: collection.name,
        updates: [{ q: makeFilter(chance, shape, before), u: makeUpdate(chance, shape) }],
      }),
      run({ insert: collection.name, documents: [record(chance, newId(), shape)] }),
      run({ delete: collection.name, deletes: [{ q: { _id: chance.below(60) }, limit: 1 }] }),
    ])
    const there = new Map(docsOf(collection).map(doc => [idOf(doc), encode(doc)]))
    for (const [id, was] of bytes) if (!there.get(id)?.equals(was)) touched.add(id)
    if (there.size > 200) break
  }
  compared++
  if (reads > 100) return
  for (const doc of before) {
    if (touched.has(idOf(doc))) continue
    const times = found.filter(id => id === idOf(doc)).length
    if (times !== Number(test(doc)))
      failing(`found an untouched document ${times} times`, { filter, doc, plan: query.plan.access })
  }
}

/** Sends writes at once, and expects one document for each key and every increment. */
async function compareConcurrentWriters(collection: Collection, chance: Chances): Promise<void> {
  const key = `k${chance.below(3)}`
  const before = docsOf(collection).find(doc => doc.get('key') === key)
  const amounts = Array.from({ length: 5 }, () => chance.below(4))
  await Promise.all(
    amounts.map(n =>
      run({
        update: collection.name,
        updates: [{ q: { key }, u: { $inc: { total: n }, $setOnInsert: { _id: newId() } }, upsert: true }],
      }),
    ),
  )
  compared++
  const after = docsOf(collection).filter(doc => doc.get('key') === key)
  const total = amounts.reduce((sum, n) => sum + n, (before?.get('total') as number | undefined) ?? 0)
  if (after.length > 1 || (after.length === 1 && after[0]!.get('total') !== total))
    failing('writers at once', { key, amounts, before, after })
}

test('a count by an index reads no document', async () => {
  await run({ createIndexes: 'counted', indexes: [{ key: { a: 1, b: 1 }, name: 'i' }] })
  await run({
    insert: 'counted',
    documents: Array.from({ length: 50 }, (_, i) => ({ _id: i, a: i % 2, b: [i, 1] })),
  })
  const collection = catalog.find('fuzz', 'counted')
  const fetch = () => failing('a document was read', {})
  const withoutDocuments = { ...source, records: { ...database.records, fetch } }
  const count = [toDoc({ $match: { a: 1 } }), toDoc({ $group: { _id: 1, n: { $sum: 1 } } })]
  const [group] = collectSync(planPipeline(withoutDocuments, collection, count).run()) as Doc[]
  expect(group?.get('n')).toBe(25)
})

test(
  'whatever is indexed, stored and asked, a query or a write by an index finds what a scan finds',
  async () => {
    const chance = chances(seed + 2)
    for (let round = 0; compared < wanted; round++) {
      const name = `c${round}`
      const specs = Array.from({ length: 1 + chance.below(4) }, (_, i) => makeIndexSpec(chance, i))
      const shape = {
        long: round % 4 > 1,
        arrays: round % 2 === 0,
        indexed: specs.flatMap(({ key }) => Object.keys(key)),
      }
      const existing = chance.below(2)
      const documents = Array.from({ length: 40 }, (_, i) => record(chance, i, shape))
      if (!existing) await run({ createIndexes: name, indexes: specs })
      await run({ insert: name, documents, ordered: false })
      if (existing) for (const spec of specs) await run({ createIndexes: name, indexes: [spec] })
      const collection = catalog.find('fuzz', name)!
      for (let phase = 0; phase < 3; phase++) {
        const all = docsOf(collection)
        for (let i = 0; i < 40; i++) await compareQuery(collection, all, chance, shape)
        for (let i = 0; i < 10; i++) await compareWrite(collection, chance, shape)
        if (phase === 1) await compareDuringWrites(collection, chance, shape)
        if (phase === 1) await compareConcurrentWriters(collection, chance)
      }
      if (round % 10 === 9) {
        expect(verify(storage).problems).toEqual([])
        await run({ dropDatabase: 1 })
      }
    }
    expect(indexed).toBeGreaterThan(wanted / 5)
    expect(ordered).toBeGreaterThan(wanted / 100)
  },
  40 * 60_000,
)
