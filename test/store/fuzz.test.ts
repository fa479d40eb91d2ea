import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import { makeCache } from '../../src/store/cache'
import { openCatalog } from '../../src/store/catalog'
import { decode } from '../../src/store/decode'
import { encode } from '../../src/store/encode'
import { isServerError } from '../../src/store/errors'
import { parseFilter } from '../../src/store/filter'
import { encodeKey, equalityKey } from '../../src/store/keys'
import { compileFilter } from '../../src/store/match'
import { choosePlan } from '../../src/store/plan'
import { openRecords } from '../../src/store/records'
import { decodeRow, type Row } from '../../src/store/row'
import { allRows, scan, sortDocuments } from '../../src/store/scan'
import { compareBy, parseSort, sortKeys } from '../../src/store/sort'
import { openStorage } from '../../src/store/storage'
import { compileUpdate } from '../../src/store/update'
import { compare, typeName, type Doc, type Value } from '../../src/store/value'
import { verify } from '../../src/store/verify'
import { collectSync } from '../../src/store/yielding'

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007)
const scale = Number(process.env.FUZZ_SCALE ?? 1)

/** Pseudo-random choices (Mulberry32). The same seed yields the same cases. */
function chances(start: number) {
  let state = start >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!
  return { next, below, one }
}

type Chances = ReturnType<typeof chances>

const edges: Value[] = [
  0,
  -1,
  1,
  2147483647,
  -2147483648,
  0.1,
  -0.5,
  1.5,
  5e-324,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
  new Double(-0),
  new Double(1),
  new Double(9007199254740992),
  0n,
  1n,
  -1n,
  9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
  new Decimal128('0'),
  new Decimal128('-0'),
  new Decimal128('1.0'),
  new Decimal128('1.00'),
  new Decimal128('0.1'),
  new Decimal128('NaN'),
  new Decimal128('Infinity'),
  new Decimal128('-Infinity'),
  new Decimal128('9.999999999999999999999999999999999E+6144'),
  new Decimal128('1E-6176'),
  new Decimal128('-1E-6176'),
  new Decimal128('9007199254740992.5'),
  new Decimal128('1E+23'),
  1e23,
  new Decimal128('9223372036854775807'),
  new Decimal128('9223372036854775808'),
  9.223372036854775e18,
  '',
  'a',
  'A',
  'aa',
  'b',
  'a\0b',
  '\u{ffff}',
  '\u{10000}',
  '\u{d7ff}',
  '\u{e000}',
  'z'.repeat(50),
  null,
  true,
  false,
  new Date(0),
  new Date(-1),
  new Date(8.64e15),
  new MinKey(),
  new MaxKey(),
  new ObjectId('000000000000000000000000'),
  new ObjectId('ffffffffffffffffffffffff'),
  new Timestamp({ t: 0, i: 1 }),
  new Timestamp({ t: 4294967295, i: 0 }),
  new BSONRegExp('a', 'i'),
  new BSONRegExp('a', ''),
  new Binary(Buffer.from([1]), 0),
  new Binary(Buffer.from([1]), 5),
  new Binary(Buffer.from([]), 0),
  [],
  new Map(),
]

function number({ below, next, one }: Chances): Value {
  switch (below(6)) {
    case 0:
      return below(21) - 10
    case 1:
      return BigInt(below(21) - 10)
    case 2:
      return new Double(below(21) - 10)
    case 3:
      return (next() - 0.5) * 10 ** (below(40) - 20)
    case 4:
      return new Decimal128(`${below(2) ? '-' : ''}${below(1000)}E${below(12) - 6}`)
    default:
      return BigInt(below(2 ** 31)) * BigInt(below(2 ** 31)) * one([1n, -1n])
  }
}

function value(chance: Chances, depth = 0): Value {
  const { below, one } = chance
  const kind = below(depth > 2 ? 7 : 10)
  if (kind < 2) return one(edges)
  if (kind < 4) return number(chance)
  if (kind < 5) return one(['a', 'b', 'c', 'ab', 'abc'])
  if (kind < 6) return new Date(below(5) * 1000)
  if (kind < 7) return one([null, true, false])
  if (kind < 8) return Array.from({ length: below(4) }, () => value(chance, depth + 1))
  return doc(chance, depth + 1)
}

function doc(chance: Chances, depth = 0): Doc {
  const made: Doc = new Map()
  for (const name of ['a', 'b', 'c', 'd', '0'].slice(0, 5))
    if (chance.below(3) > 0) made.set(name, value(chance, depth + 1))
  return made
}

function show(what: unknown): string {
  return JSON.stringify(what, (_, item: unknown) => {
    if (item instanceof Map) return Object.fromEntries(item as Map<string, unknown>)
    if (typeof item === 'bigint') return `${item}n`
    return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item
  })
}

/** Returns a value from a small set, so that equal values are frequent. */
function common(chance: Chances, depth = 0): Value {
  const { below, one } = chance
  switch (below(depth > 1 ? 6 : 9)) {
    case 0:
    case 1:
      return below(6)
    case 2:
      return one<Value>([1n, new Double(2), 2.5, new Decimal128('3'), NaN])
    case 3:
      return one(['a', 'ab', 'abc', 'b', 'B'])
    case 4:
      return null
    case 5:
      return one<Value>([true, new Date(1000), new Date(2000)])
    case 6:
      return Array.from({ length: below(4) }, () => common(chance, depth + 1))
    default: {
      const made: Doc = new Map()
      for (const name of ['x', 'y']) if (below(2)) made.set(name, common(chance, depth + 1))
      return made
    }
  }
}

function record(chance: Chances, _id: number): Doc {
  const made: Doc = new Map([['_id', _id as Value]])
  for (const name of ['a', 'b', 'c']) if (chance.below(5) > 0) made.set(name, common(chance))
  return made
}

const paths = ['a', 'b', 'c', 'a.x', 'b.x', 'b.y', 'a.0', '_id']

function condition(chance: Chances): Value {
  const { below, one } = chance
  const scalar = () => common(chance, 2)
  switch (below(14)) {
    case 0:
      return common(chance)
    case 1:
      return new Map([[one(['$gt', '$gte', '$lt', '$lte', '$eq', '$ne']), common(chance)]])
    case 2:
    case 3:
      return new Map([
        [one(['$gt', '$gte']), scalar()],
        [one(['$lt', '$lte']), scalar()],
      ])
    case 4:
      return new Map([[one(['$in', '$nin']), Array.from({ length: below(4) }, scalar)]])
    case 5:
      return new Map([['$exists', below(2) === 1]])
    case 6:
      return new Map([['$not', new Map([[one(['$gt', '$lte', '$eq']), scalar()]])]])
    case 7:
      return new Map([
        [
          '$elemMatch',
          new Map([
            [one(['$gt', '$eq', '$lt']), scalar()],
            ['$ne', scalar()],
          ]),
        ],
      ])
    case 8:
      return new Map([['$elemMatch', new Map([[one(['x', 'y']), scalar()]])]])
    case 9:
      return new BSONRegExp(one(['^a', '^ab', 'b', '^B']), one(['', '', 'i']))
    case 10:
      return new Map([['$size', below(3)]])
    case 11:
      return new Map([['$type', one<Value>(['string', 'number', 'null', 'array', 'object', 'date'])]])
    case 12:
      return new Map([['$all', [scalar(), scalar()]]])
    default:
      return scalar()
  }
}

function filter(chance: Chances, depth = 0): Doc {
  const { below, one } = chance
  const made: Doc = new Map()
  for (let i = 0; i <= below(2); i++) made.set(one(paths), condition(chance))
  if (depth < 2 && below(5) === 0)
    made.set(one(['$or', '$and', '$nor']), [filter(chance, depth + 1), filter(chance, depth + 1)])
  return made
}

let cases = 0

afterAll(() => process.stdout.write(`${cases} cases with FUZZ_SEED=${seed}\n`))

function failing(what: string, detail: unknown): never {
  throw new Error(`${what} (FUZZ_SEED=${seed}): ${show(detail)}`)
}

test('keys sort like their values, and equal values have the same equality key', () => {
  const chance = chances(seed)
  const pool = [...edges, ...Array.from({ length: 300 }, () => value(chance))]
  const keys = pool.map(encodeKey)
  for (let i = 0; i < 60_000 * scale; i++) {
    const [a, b] = [chance.below(pool.length), chance.below(pool.length)]
    const order = compare(pool[a], pool[b])
    if (order !== Buffer.compare(keys[a]!, keys[b]!))
      failing('compare and keys disagree', [pool[a], pool[b], order])
    if ((order === 0) !== (equalityKey(pool[a]) === equalityKey(pool[b])))
      failing('compare and equality keys disagree', [pool[a], pool[b]])
    if (order !== -compare(pool[b], pool[a])) failing('compare is not symmetric', [pool[a], pool[b]])
    if (
      order !== 0 &&
      (keys[a]!.subarray(0, keys[b]!.length).equals(keys[b]!) ||
        keys[b]!.subarray(0, keys[a]!.length).equals(keys[a]!))
    )
      failing('a key is a prefix of another', [pool[a], pool[b]])
    cases++
  }
})

test('a document is the same after encoding and decoding', () => {
  const chance = chances(seed + 1)
  for (let i = 0; i < 10_000 * scale; i++) {
    const made = doc(chance)
    const again = decode(encode(made))
    if (!encode(again).equals(encode(made))) failing('the document differs', made)
    for (const [name, item] of made)
      if (typeName(item) !== typeName(again.get(name))) failing('a type differs', made)
    cases++
  }
})

test('a query by index finds the same documents as a scan, in the requested order', () => {
  const chance = chances(seed + 2)
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-fuzz-'))
  const storage = openStorage(join(folder, 'data.mdb'), false)
  const catalog = openCatalog(storage)
  const records = openRecords(storage, catalog, makeCache(1 << 24))
  const source = { storage, records }
  let indexed = 0
  const change = <T>(run: () => T) => {
    let result: T
    return storage.write(() => (result = run())).then(() => result)
  }
  const round = async (n: number) => {
    const collection = await change(() => {
      const made = catalog.create('fuzz', `c${n}`)
      for (let i = 0; i < 1 + chance.below(3); i++) {
        const key: Doc = new Map()
        for (let f = 0; f <= chance.below(3); f++)
          key.set(chance.one(['a', 'b', 'c', 'a.x', 'b.x', 'b.y']), chance.one([1, -1]))
        const spec: Doc = new Map<string, Value>([
          ['key', key],
          ['name', `i${i}`],
        ])
        if (chance.below(5) === 0) spec.set('sparse', true)
        else if (chance.below(4) === 0)
          spec.set(
            'partialFilterExpression',
            new Map([
              [
                chance.one(['a', 'c', 'a.x']),
                chance.one<Value>([
                  new Map([['$exists', true]]),
                  new Map([['$gte', 2]]),
                  new Map([['$type', 'string']]),
                  'a',
                ]),
              ],
            ]),
          )
        catalog.addIndex(made, spec)
      }
      return made
    })
    await change(() => {
      for (let i = 0; i < 40; i++) {
        try {
          records.insert(collection, record(chance, i))
        } catch (error) {
          if (!(error as Error).message.includes('parallel')) throw error
        }
      }
    })
    for (let i = 0; i < 60; i++) {
      const wanted = filter(chance)
      const order = chance.below(2)
        ? parseSort(
            new Map([
              [chance.one(['a', 'b', 'c', 'a.x']), chance.one([1, -1])],
              ['_id', 1],
            ]),
          )
        : []
      const parsed = parseFilter(wanted)
      const test = compileFilter(parsed)
      const plan = choosePlan(collection, parsed, order)
      if (plan.access.stage !== 'COLLSCAN') indexed++
      let found = scan(source, collection, plan)
      if (!plan.sorted) found = sortDocuments(found, order, decodeRow)
      const byIndex = (collectSync(found) as Row[]).map(decodeRow)
      const byScan = [...allRows(source, collection)].map(decodeRow).filter(test)
      const ids = (docs: Doc[]) => docs.map(each => each.get('_id') as number)
      const detail = { filter: wanted, order, stage: plan.access, docs: byScan }
      if (
        ids(byIndex)
          .sort((a, b) => a - b)
          .join() !==
        ids(byScan)
          .sort((a, b) => a - b)
          .join()
      )
        failing(`found ${ids(byIndex).join()} instead of ${ids(byScan).join()}`, detail)
      const compareRows = compareBy(order)
      for (let k = 1; k < byIndex.length; k++) {
        const [before, here] = [byIndex[k - 1]!, byIndex[k]!].map(each => sortKeys(each, order))
        if (compareRows(before!, here!) > 0) failing('out of order', detail)
      }
      cases++
    }
    await change(() => {
      for (const row of [...allRows(source, collection)]) {
        if (chance.below(3) === 0) records.remove(collection, row)
        else if (chance.below(2) === 0) {
          const next = record(chance, decodeRow(row).get('_id') as number)
          try {
            records.replace(collection, row, next, encode(next))
          } catch (error) {
            if (!(error as Error).message.includes('parallel')) throw error
          }
        }
      }
    })
  }
  return (async () => {
    for (let n = 0; n < 160 * scale; n++) await round(n)
    const { problems } = verify(storage)
    expect(problems).toEqual([])
    expect(indexed).toBeGreaterThan(1_000 * scale)
    await storage.close()
    rmSync(folder, { recursive: true })
  })()
}, 120_000)

test('an update with several operators equals its operators one by one', () => {
  const chance = chances(seed + 3)
  const context = { insert: false, now: new Date(0) }
  const operators: Record<string, (path: string) => Value> = {
    $set: () => common(chance),
    $unset: () => '',
    $inc: () => number(chance),
    $mul: () => chance.below(4),
    $min: () => common(chance),
    $max: () => common(chance),
    $push: () =>
      chance.one<Value>([
        common(chance, 2),
        new Map<string, Value>([
          ['$each', [1, 2]],
          ['$slice', chance.below(5) - 2],
        ]),
      ]),
    $addToSet: () => common(chance, 2),
    $pull: () => common(chance, 2),
    $pop: () => chance.one([1, -1]),
  }
  const attempt = (before: Doc, update: Doc) => {
    try {
      return { doc: compileUpdate(update).apply(before, context) }
    } catch (error) {
      if (!isServerError(error)) throw error
      return { refused: (error as Error).message }
    }
  }
  for (let i = 0; i < 24_000 * scale; i++) {
    const before = record(chance, i)
    const parts: Array<[string, string, Value]> = []
    for (const path of ['a', 'b', 'c', 'd', 'e.f', 'b.x'].filter(() => chance.below(2))) {
      if (path === 'b.x' && parts.some(([, other]) => other === 'b')) continue
      const name = chance.one(Object.keys(operators))
      parts.push([name, path, operators[name]!(path)])
    }
    if (parts.length === 0) continue
    const whole: Doc = new Map()
    for (const [name, path, argument] of parts) {
      if (!whole.has(name)) whole.set(name, new Map())
      ;(whole.get(name) as Doc).set(path, argument)
    }
    const bytes = encode(before)
    const once = attempt(before, whole)
    if (!encode(before).equals(bytes)) failing('the document was changed in place', { before, whole })
    parts.sort(([, a], [, b]) => (a < b ? -1 : 1))
    let folded: { doc?: Doc; refused?: string } = { doc: before }
    for (const [name, path, argument] of parts)
      if (folded.doc) folded = attempt(folded.doc, new Map([[name, new Map([[path, argument]])]]))
    const same =
      once.doc && folded.doc
        ? encode(once.doc).equals(encode(folded.doc))
        : Boolean(once.refused) === Boolean(folded.refused)
    if (!same) failing('one update and its operators one by one differ', { before, whole, once, folded })
    cases++
  }
})
