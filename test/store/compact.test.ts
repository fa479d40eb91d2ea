import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { openStorage } from '../../src/store/storage'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const code = transpileStore()
const folder = makeFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Person = { _id: string; email: string; text: string }

/** Whether the bytes of a text are in any file of the folder. */
const isOnDisk = (text: string) =>
  readdirSync(folder, { withFileTypes: true }).some(
    file => file.isFile() && readFileSync(join(folder, file.name)).includes(text),
  )

test('deleted and overwritten data leaves the file, and nothing else does, while others read and write', async () => {
  const store = await runStore(code, folder)
  const client = await MongoClient.connect(store.uri)
  const people = client.db('academy').collection<Person>('people')
  await people.createIndex({ email: 1 }, { unique: true })
  const rows = Array.from({ length: 3000 }, (_, n) => {
    const email = n % 3 ? `kept-${n}@northwind.com` : `erased-${n}@northwind.com`
    return { _id: `p${n}`, email, text: `${email} `.repeat(1 + (n % 40)) }
  })
  await people.insertMany(rows)
  await people.deleteMany({ _id: { $in: rows.filter((_, n) => n % 6 === 0).map(({ _id }) => _id) } })
  for (const { _id } of rows.filter((_, n) => n % 6 === 3)) {
    await people.updateOne({ _id }, { $set: { email: `${_id}@gone.invalid`, text: '' } })
  }
  expect(isOnDisk('erased-')).toBe(true)

  let isDone = false
  const written: string[] = []
  const writing = (async () => {
    while (!isDone) {
      const _id = `w${written.length}`
      await people.insertOne({ _id, email: `${_id}@northwind.com`, text: 'written' })
      written.push(_id)
    }
  })()
  const reading = (async () => {
    while (!isDone) expect(await people.countDocuments({ email: /^kept-/ })).toBe(2000)
  })()
  const compact = async () => {
    const { bytesFreed } = await client.db('academy').command({ compact: 'people' })
    await people.insertOne({ _id: 'after', email: 'after@northwind.com', text: '' })
    await client.db('academy').command({ compact: 'people' })
    return bytesFreed as number
  }
  const bytesFreed = await compact().finally(() => (isDone = true))
  await Promise.all([writing, reading])
  expect(bytesFreed).toBeGreaterThan(0)
  expect(written.length).toBeGreaterThan(0)
  expect(isOnDisk('erased-')).toBe(false)
  expect(isOnDisk('kept-1@northwind.com')).toBe(true)

  await client.close()
  // It is killed, so what it has acknowledged must be on disk already.
  const ended = new Promise(resolve => store.process.once('exit', resolve))
  store.process.kill('SIGKILL')
  await ended
  const storage = openStorage(join(folder, 'data.mdb'))
  expect(verify(storage).problems).toEqual([])
  await storage.close()
  expect(readdirSync(folder).filter(name => name.includes('compact'))).toEqual([])

  const reopened = await runStore(code, folder)
  const again = await MongoClient.connect(reopened.uri)
  const found = again.db('academy').collection<Person>('people')
  expect(await found.countDocuments({ _id: { $in: [...written, 'after'] } })).toBe(written.length + 1)
  expect(await found.countDocuments({ email: /^kept-/ })).toBe(2000)
  expect(await found.countDocuments({ text: '' })).toBe(501)
  await again.close()
  await endStore(reopened, true)
})

test('compactions at the same time lose nothing, and one of a collection that does not exist is refused', async () => {
  const store = await runStore(code)
  const client = await MongoClient.connect(store.uri)
  const db = client.db('academy')
  await db.collection<Person>('people').insertOne({ _id: 'p', email: 'p@northwind.com', text: '' })
  const results = await Promise.allSettled([1, 2, 3].map(() => db.command({ compact: 'people' })))
  const refusals = results.filter(({ status }) => status === 'rejected')
  expect(refusals.length).toBeLessThan(3)
  for (const refusal of refusals) expect(refusal).toMatchObject({ reason: { code: 117 } })
  expect(await db.collection<Person>('people').countDocuments({})).toBe(1)
  await expect(db.command({ compact: 'nothing' })).rejects.toMatchObject({ code: 26 })
  await client.close()
  await endStore(store)
})
