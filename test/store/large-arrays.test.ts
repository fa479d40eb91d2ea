import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCache } from '../../src/store/cache'
import { openCatalog } from '../../src/store/catalog'
import { encodeForStorage } from '../../src/store/encode'
import { makeIdPages } from '../../src/store/id-pages'
import { openRecords } from '../../src/store/records'
import type { Row } from '../../src/store/row'
import { openStorage } from '../../src/store/storage'
import { compileUpdate } from '../../src/store/update'
import type { Doc, Value } from '../../src/store/value'
import { verify } from '../../src/store/verify'
import { doc, value } from './case-values'

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lyceum-arrays-'))
const storage = openStorage(join(folder, 'data.mdb'), false)
const catalog = openCatalog(storage)
let entriesWritten = 0
const records = openRecords(
  {
    ...storage,
    put: (key, bytes) => (entriesWritten++, storage.put(key, bytes)),
    remove: key => (entriesWritten++, storage.remove(key)),
  },
  catalog,
  makeCache(1 << 26),
  makeIdPages(storage),
)

afterAll(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

const toUpdate = (update: unknown, arrayFilters: unknown[] = []) =>
  compileUpdate(value(update), value(arrayFilters) as Value[])

/** Stores a document with arrays of `size` elements under three indexes, and returns what updates it. */
async function stored(size: number): Promise<(update: unknown, arrayFilters?: unknown[]) => Promise<number>> {
  const collection =
    catalog.find('d', `c${size}`) ?? (await storage.write(() => catalog.create('d', `c${size}`)))
  const start: Doc = doc({
    _id: size,
    z: 1,
    a: Array.from({ length: size }, (_, i) => ({ x: i, y: `t${i}` })),
    t: Array.from({ length: size }, (_, i) => `tag${i}`),
  })
  let row: Row | undefined
  await storage.write(() => {
    for (const key of [{ 'a.x': 1 }, { 'a.y': -1, z: 1 }, { t: 1 }])
      catalog.finishIndex(
        collection,
        catalog.addIndex(collection, doc({ v: 2, key, name: Object.keys(key).join() })),
      )
    row = records.fetch(collection, records.insert(collection, start))
  })
  return async (update, arrayFilters) => {
    entriesWritten = 0
    await storage.write(() => {
      const next = toUpdate(update, arrayFilters).apply(row!.decoded!, { insert: false, now: new Date(0) })
      records.replace(collection, row!, next, encodeForStorage(next))
      row = records.fetch(collection, row!.recordId)
    })
    return entriesWritten
  }
}

test('changing an element of an array of 2,000 writes the document and only the entries that differ', async () => {
  const update = await stored(2000)
  expect(await update({ $set: { z: 1 } })).toBe(1)
  expect(await update({ $set: { 'a.1000.x': -1 } })).toBe(3)
  expect(await update({ $set: { 'a.1000.other': 1 } })).toBe(1)
  expect(await update({ $push: { t: 'new' } })).toBe(2)
  expect(await update({ $pull: { t: 'tag77' } })).toBe(2)
  expect(await update({ $pop: { a: -1 } })).toBe(3)
  // The value is still in another element, so its entry stays.
  expect(await update({ $set: { 't.9': 'tag8' } })).toBe(2)
  expect(await update({ $set: { 't.8': 'other' } })).toBe(2)
  expect(await update({ $set: { 'a.$[e].x': -2 } }, [{ 'e.y': 't100' }])).toBe(3)
  expect(await update({ $set: { z: 2 } })).toBe(1 + 2 * 1999)
  expect(verify(storage).problems).toEqual([])
})

test.each<[string, (size: number) => unknown]>([
  [
    '$addToSet',
    size => ({ $addToSet: { t: { $each: Array.from({ length: size }, (_, i) => `tag${2 * i}`) } } }),
  ],
  ['$pullAll', size => ({ $pullAll: { t: Array.from({ length: size }, (_, i) => `tag${2 * i + 1}`) } })],
  ['$[]', () => ({ $inc: { 'a.$[].x': 1 } })],
  ['$push of many', size => ({ $push: { t: { $each: Array.from({ length: size }, (_, i) => `new${i}`) } } })],
])('%s of an array that is 8 times as long takes less than 3 times as long for each element', (_, update) => {
  const start = (size: number) =>
    doc({
      t: Array.from({ length: size }, (__, i) => `tag${i}`),
      a: Array.from({ length: size }, (__, i) => ({ x: i })),
    })
  /** Returns the time of the processor that `times` updates take, which other load changes little. */
  const best = (size: number, times: number) => {
    const [before, change] = [start(size), update(size)]
    const taken = Array.from({ length: 3 }, () => {
      const began = process.cpuUsage()
      for (let i = 0; i < times; i++) toUpdate(change).apply(before, { insert: false, now: new Date(0) })
      const { user, system } = process.cpuUsage(began)
      return user + system
    })
    return Math.min(...taken)
  }
  // The first runs compile the code.
  best(1000, 8)
  // A quadratic update would take 8 times as long.
  expect(best(8000, 1) / best(1000, 8)).toBeLessThan(3)
})
