import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EJSON, type Document } from 'bson'
import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  ObjectId,
  Timestamp,
} from 'mongodb'
import { dump, restore } from '../../src/store/dump'
import { openStorage } from '../../src/store/storage'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const code = transpileStore()
const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

async function everything(client: MongoClient): Promise<string> {
  const lines: string[] = []
  for await (const line of dump(client)) lines.push(line)
  return lines.join('')
}

async function* linesOf(text: string): AsyncGenerator<string> {
  for (const line of text.split('\n')) yield line
}

async function fill(client: MongoClient): Promise<void> {
  const people = client.db('academy').collection<Document>('people')
  await people.createIndexes([
    { key: { email: 1 }, unique: true },
    { key: { company: 1, score: -1 } },
    { key: { seen: 1 }, expireAfterSeconds: 86_400 },
    { key: { tags: 1 }, sparse: true },
    { key: { owner: 1 }, partialFilterExpression: { state: { $in: ['open', 'won'] } } },
  ])
  await people.insertMany(
    Array.from({ length: 1200 }, (_, i) => ({
      email: `p${i}@x.example`,
      company: `c${i % 12}`,
      score: i / 7,
      seen: new Date(),
      tags: [i, String(i)],
    })),
  )
  await client
    .db('academy')
    .collection<Document>('values')
    .insertMany(
      [
        { a: new Int32(1), b: new Double(1), c: Long.fromNumber(1), d: new Decimal128('1.00') },
        { a: new Double(NaN), b: new Double(-0), c: new Double(Infinity), d: Long.MAX_VALUE },
        {
          a: new MinKey(),
          b: new MaxKey(),
          c: new Timestamp({ t: 1, i: 2 }),
          d: new Binary(Buffer.from('x'), 5),
        },
        { a: new BSONRegExp('^a', 'im'), b: null, c: [], d: {}, e: [[1], [{ f: new ObjectId() }]] },
      ],
      { ignoreUndefined: false },
    )
  await client.db('sessions').createCollection('empty')
}

test('a dump restores every document, type and index', async () => {
  const [from, to] = await Promise.all([runStore(code), runStore(code)])
  const [source, target] = await Promise.all([from, to].map(({ uri }) => MongoClient.connect(uri)))
  await fill(source!)
  const text = await everything(source!)
  expect(await restore(target!, linesOf(text))).toEqual({ collections: 3, indexes: 5, documents: 1204 })
  expect(await everything(target!)).toBe(text)
  const typed = await target!.db('academy').collection('values').find({}, exact).toArray()
  expect(EJSON.stringify(typed[0], { relaxed: false })).toContain(
    '"a":{"$numberInt":"1"},"b":{"$numberDouble":"1.0"},"c":{"$numberLong":"1"},"d":{"$numberDecimal":"1.00"}',
  )
  await expect(restore(target!, linesOf(text))).rejects.toThrow('already has documents')
  await expect(
    restore(
      target!,
      linesOf(
        text
          .split('\n')
          .slice(0, -2)
          .join('\n')
          .replaceAll('academy', 'other')
          .replaceAll('sessions', 'others'),
      ),
    ),
  ).rejects.toThrow('is incomplete')
  await source!.close()
  await target!.close()
  await Promise.all([endStore(from), endStore(to)])
}, 30_000)

test('the command line dumps, restores, verifies and compacts a store', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lyceum-dump-'))
  const folder = makeFolder()
  const store = await runStore(code, folder)
  const client = await MongoClient.connect(store.uri)
  await fill(client)
  const text = await everything(client)
  const script = [join(__dirname, '../setup/run-script.js'), join(__dirname, '../../scripts/store.ts')]
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [...script, ...args], {
      env: { ...process.env, LYCEUM_STORE_CODE: code },
    })
  // What the running store is writing under this name is not for a tool to remove.
  writeFileSync(join(folder, 'data.mdb.compact'), 'a copy under way')
  for (const command of ['verify', 'compact'])
    await expect(run(command, '--folder', folder)).rejects.toThrow('is open in another process')
  expect(readFileSync(join(folder, 'data.mdb.compact'), 'utf8')).toBe('a copy under way')
  await client
    .db('academy')
    .collection('people')
    .deleteMany({ score: { $lt: 100 } })
  await client.close()
  await endStore(store, true)
  expect((await run('verify', '--folder', folder)).stderr).toContain(' 0 problems')
  expect((await run('compact', '--folder', folder)).stderr).toMatch(/KB before, \d+ KB after/)
  expect((await run('verify', '--folder', folder)).stderr).toContain('3 collections, 504 documents')
  const storage = openStorage(join(folder, 'data.mdb'))
  expect(verify(storage).problems).toEqual([])
  await storage.close()
  const file = join(home, 'dump.jsonl')
  writeFileSync(file, text)
  const other = makeFolder()
  expect((await run('restore', '--folder', other, '--from', file)).stderr).toContain(
    'Restored 1204 documents in 3 collections with 5 indexes',
  )
  await run('dump', '--folder', other, '--to', join(home, 'again.jsonl'))
  expect(readFileSync(join(home, 'again.jsonl'), 'utf8')).toBe(text)
  for (const each of [home, folder, other]) rmSync(each, { recursive: true, force: true })
}, 60_000)
