import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EJSON, type Document } from 'bson'
import { MongoServerError, type Collection, type Db } from 'mongodb'

/** A case of ../shared/data/mongodb-cases. The README there describes the fields. */
export interface MongoCase {
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

export type CaseResult = { is: 'pass' } | { is: 'unsupported'; why: string } | { is: 'fail'; why: string }

const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

export function readCases(folder: string, file: string): MongoCase[] {
  return readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map(line => EJSON.parse(line, { relaxed: false }) as MongoCase)
}

/** Runs one case on freshly filled collections and compares the reply with the expected one. */
export async function runCase(db: Db, mongoCase: MongoCase): Promise<CaseResult> {
  const collections: Record<string, Document[]> = mongoCase.collections ?? { c: mongoCase.docs ?? [] }
  for (const [name, docs] of Object.entries(collections)) {
    await db
      .collection(name)
      .drop()
      .catch(() => undefined)
    if (docs.length > 0)
      await db.collection(name).insertMany(docs as never[], { ...exact, forceServerObjectId: true })
  }
  const expected = mongoCase.expect
  let reply: Document
  try {
    reply = await db.command(mongoCase.command, exact)
    if (reply.writeErrors) {
      const refused = reply.writeErrors.find((error: Document) => Number(error.code) === 238)
      if (refused) return { is: 'unsupported', why: String(refused.errmsg) }
    }
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error
    if (Number(error.code) === 238) return { is: 'unsupported', why: error.message }
    if (plain(expected.error) !== true && !expected.writeErrors)
      return { is: 'fail', why: `failed with ${error.code}: ${error.message}` }
    const code = plain(expected.code ?? expected.writeErrors?.[0]?.code)
    return agrees(code, Number(error.code))
      ? { is: 'pass' }
      : { is: 'fail', why: `code ${error.code} instead of ${code}: ${error.message}` }
  }
  const cursor = reply.cursor as { firstBatch: Document[] } | undefined
  if (plain(expected.error) === true) {
    if (!reply.writeErrors) return { is: 'fail', why: `no error, but ${show(cursor?.firstBatch ?? reply)}` }
    const code = plain(expected.code)
    const got = Number(reply.writeErrors[0].code)
    return agrees(code, got)
      ? { is: 'pass' }
      : { is: 'fail', why: `code ${got} instead of ${code}: ${reply.writeErrors[0].errmsg}` }
  }
  const problems: string[] = []
  const compare = (what: string, wanted: unknown, got: unknown, asSet = false) => {
    const [left, right] = [wanted, got].map(value => canonical(value, mongoCase, asSet))
    if (left !== right) problems.push(`${what}: wanted ${left}\n      got ${right}`)
  }
  if (expected.docs)
    compare(
      'docs',
      expected.docs,
      withoutGeneratedIds(cursor?.firstBatch ?? [], expected.docs),
      mongoCase.unordered,
    )
  if (expected.values) compare('values', expected.values, reply.values, mongoCase.unordered)
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
  else if (reply.writeErrors) problems.push(`write error: ${show(reply.writeErrors)}`)
  if (expected.upserted && Array.isArray(expected.upserted) && !reply.upserted)
    problems.push('nothing upserted')
  if ('value' in expected) compare('value', expected.value, reply.value)
  if (expected.updatedExisting !== undefined)
    compare('updatedExisting', plain(expected.updatedExisting), reply.lastErrorObject?.updatedExisting)
  if (expected.after)
    compare('after', expected.after, withoutGeneratedIds(await all(db.collection('c')), expected.after), true)
  return problems.length === 0 ? { is: 'pass' } : { is: 'fail', why: problems.join('\n    ') }
}

/** Compares error codes. Codes below 10000 are general ones (2, 9, 14), which documentdb uses differently. */
function agrees(wanted: unknown, got: number): boolean {
  return wanted === undefined || wanted === got || Number(wanted) < 10_000
}

function all(collection: Collection): Promise<Document[]> {
  return collection.find({}, exact).sort({ _id: 1 }).toArray()
}

function withoutGeneratedIds(got: Document[], wanted: Document[]): Document[] {
  if (wanted.some(doc => '_id' in doc)) return got
  return got.map(({ _id, ...rest }) => rest)
}

function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Number(value) : value
}

function show(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false }).slice(0, 1500)
}

function canonical(value: unknown, mongoCase: MongoCase, asSet = false): string {
  return JSON.stringify(
    arrange(JSON.parse(EJSON.stringify(value, { relaxed: false }) ?? 'null'), mongoCase, asSet),
  )
}

function arrange(value: unknown, mongoCase: MongoCase, asSet: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => arrange(item, mongoCase, mongoCase.arraysAsSets ?? false))
    return asSet || mongoCase.arraysAsSets
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([name, item]) => [name, arrange(item, mongoCase, mongoCase.arraysAsSets ?? false)] as const,
  )
  return Object.fromEntries(
    mongoCase.ignoreFieldOrder ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries,
  )
}
