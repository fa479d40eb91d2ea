import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EJSON, type Document } from 'bson'
import { MongoServerError, type Collection, type Db } from 'mongodb'

/** Cases made by others; what they hold is told in the README of their folder. */
export interface Vector {
  name: string
  kind: string
  docs?: Document[]
  collections?: Record<string, Document[]>
  command: Document
  expect: Document
  unordered?: boolean
  arraysAsSets?: boolean
  ignoreFieldOrder?: boolean
}

export type Outcome = { is: 'pass' } | { is: 'refused'; why: string } | { is: 'fail'; why: string }

const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

export function readVectors(folder: string, file: string): Vector[] {
  return readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map(line => EJSON.parse(line, { relaxed: false }) as Vector)
}

/** Runs one case on an empty database and tells what came of it. */
export async function runVector(db: Db, vector: Vector): Promise<Outcome> {
  const collections: Record<string, Document[]> = vector.collections ?? { c: vector.docs ?? [] }
  for (const [name, docs] of Object.entries(collections)) {
    await db
      .collection(name)
      .drop()
      .catch(() => undefined)
    if (docs.length > 0)
      await db.collection(name).insertMany(docs as never[], { ...exact, forceServerObjectId: true })
  }
  const expected = vector.expect
  let reply: Document
  try {
    reply = await db.command(vector.command, exact)
    if (reply.writeErrors) {
      const refused = reply.writeErrors.find((error: Document) => Number(error.code) === 238)
      if (refused) return { is: 'refused', why: String(refused.errmsg) }
    }
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error
    if (Number(error.code) === 238) return { is: 'refused', why: error.message }
    if (plain(expected.error) !== true && !expected.writeErrors)
      return { is: 'fail', why: `refused with ${error.code}: ${error.message}` }
    const code = plain(expected.code ?? expected.writeErrors?.[0]?.code)
    return agrees(code, Number(error.code))
      ? { is: 'pass' }
      : { is: 'fail', why: `code ${error.code} instead of ${code}: ${error.message}` }
  }
  const cursor = reply.cursor as { firstBatch: Document[] } | undefined
  if (plain(expected.error) === true) {
    if (!reply.writeErrors) return { is: 'fail', why: `no error but ${show(cursor?.firstBatch ?? reply)}` }
    const code = plain(expected.code)
    const got = Number(reply.writeErrors[0].code)
    return agrees(code, got)
      ? { is: 'pass' }
      : { is: 'fail', why: `code ${got} instead of ${code}: ${reply.writeErrors[0].errmsg}` }
  }
  const problems: string[] = []
  const compare = (what: string, wanted: unknown, got: unknown, asSet = false) => {
    const [left, right] = [wanted, got].map(value => canonical(value, vector, asSet))
    if (left !== right) problems.push(`${what}: wanted ${left}\n      got ${right}`)
  }
  if (expected.docs)
    compare('docs', expected.docs, withoutMadeIds(cursor?.firstBatch ?? [], expected.docs), vector.unordered)
  if (expected.values) compare('values', expected.values, reply.values, vector.unordered)
  for (const field of ['n', 'nModified'])
    if (expected[field] !== undefined)
      compare(
        field,
        Number(plain(expected[field])),
        Number(plain(reply[field] ?? reply.lastErrorObject?.[field])),
      )
  if (expected.writeErrors)
    compare(
      'writeErrors',
      expected.writeErrors.map((e: Document) => `${e.index}:${e.code}`),
      (reply.writeErrors ?? []).map((e: Document) => `${e.index}:${e.code}`),
    )
  else if (reply.writeErrors) problems.push(`write error ${show(reply.writeErrors)}`)
  if (expected.upserted && Array.isArray(expected.upserted) && !reply.upserted)
    problems.push('nothing upserted')
  if ('value' in expected) compare('value', expected.value, reply.value)
  if (expected.updatedExisting !== undefined)
    compare('updatedExisting', plain(expected.updatedExisting), reply.lastErrorObject?.updatedExisting)
  if (expected.after)
    compare('after', expected.after, withoutMadeIds(await all(db.collection('c')), expected.after), true)
  return problems.length === 0 ? { is: 'pass' } : { is: 'fail', why: problems.join('\n    ') }
}

/** Only codes of five digits name one reason; the general ones (2, 9, 14...) documentdb chooses otherwise. */
function agrees(wanted: unknown, got: number): boolean {
  return wanted === undefined || wanted === got || Number(wanted) < 10_000
}

function all(collection: Collection): Promise<Document[]> {
  return collection.find({}, exact).sort({ _id: 1 }).toArray()
}

function withoutMadeIds(got: Document[], wanted: Document[]): Document[] {
  if (wanted.some(doc => '_id' in doc)) return got
  return got.map(({ _id, ...rest }) => rest)
}

function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Number(value) : value
}

function show(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false }).slice(0, 1500)
}

function canonical(value: unknown, vector: Vector, asSet = false): string {
  return JSON.stringify(
    arrange(JSON.parse(EJSON.stringify(value, { relaxed: false }) ?? 'null'), vector, asSet),
  )
}

function arrange(value: unknown, vector: Vector, asSet: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => arrange(item, vector, vector.arraysAsSets ?? false))
    return asSet || vector.arraysAsSets
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([name, item]) => [name, arrange(item, vector, vector.arraysAsSets ?? false)] as const,
  )
  return Object.fromEntries(vector.ignoreFieldOrder ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries)
}
