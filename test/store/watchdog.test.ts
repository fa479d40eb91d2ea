import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from '../setup/store-process'

const code = transpileStore()
const setup = join(__dirname, '..', 'setup')
/** A store that is watched says this when it ends. */
const sentence = 'The store has not answered for 4 s, so the process ends.'
/** Its timers are late when the machine is busy with other tests. */
const patience = 20_000

async function connect(store: RunningStore): Promise<MongoClient> {
  return MongoClient.connect(store.uri, { retryWrites: false, serverSelectionTimeoutMS: 1000 })
}

/** Another process holds the write lock of the store's file, so that the store's thread waits inside LMDB. */
async function holdWriteLock(folder: string): Promise<() => void> {
  const holder = spawn(process.execPath, [join(setup, 'hold-write-lock.js'), join(folder, 'data.mdb')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => holder.stdout.once('data', resolve))
  return () => void holder.kill('SIGKILL')
}

/** Resolves with what ended the process and after how many ms. */
async function endOf(store: RunningStore): Promise<{ how: number | string; ms: number }> {
  const began = performance.now()
  const how = await Promise.race([store.ended, sleep(patience, 'nothing', { ref: false })])
  return { how, ms: performance.now() - began }
}

test('a store that waits inside LMDB ends its process with a sentence, and nothing is lost', async () => {
  const store = await runStore(code, makeFolder(), { LYCEUM_FAULT: 'expected' })
  const client = await connect(store)
  const people = client.db('academy').collection<{ _id: string }>('people')
  await people.insertOne({ _id: 'ada' })
  const release = await holdWriteLock(store.folder)
  const refused = people.insertOne({ _id: 'grace' }).catch(() => 'refused')
  const { how, ms } = await endOf(store)
  expect(how).toBe('SIGKILL')
  expect(store.stderr().trim()).toBe(sentence)
  expect(ms).toBeGreaterThan(3000)
  expect(await refused).toBe('refused')
  release()
  await client.close()
  const again = await runStore(code, store.folder)
  const reader = await connect(again)
  expect(await reader.db('academy').collection('people').countDocuments({})).toBe(1)
  await reader.close()
  await endStore(again)
}, 60_000)

test('a store that hangs while it is closed ends its process, too', async () => {
  const store = await runStore(code, makeFolder(), { LYCEUM_FAULT: 'expected' })
  const client = await connect(store)
  const release = await holdWriteLock(store.folder)
  const refused = client
    .db('academy')
    .collection('people')
    .insertOne({})
    .catch(() => 'refused')
  await sleep(300)
  store.process.stdin!.end()
  expect((await endOf(store)).how).toBe('SIGKILL')
  expect(store.stderr().trim()).toBe(sentence)
  release()
  expect(await refused).toBe('refused')
  await client.close()
}, 60_000)

test('a store in an endless loop ends its process with code 1', async () => {
  const fault = `${makeFolder()}.fault`
  const store = await runStore(code, makeFolder(), {
    LYCEUM_FAULT: fault,
    NODE_OPTIONS: `--require ${join(setup, 'break-thread.js')}`,
  })
  writeFileSync(fault, 'loop')
  expect((await endOf(store)).how).toBe(1)
  expect(store.stderr().trim()).toBe(sentence)
}, 60_000)

test('a store whose thread runs out of memory inside a transaction ends its process', async () => {
  const store = await runStore(code, makeFolder(), {
    LYCEUM_FAULT: 'expected',
    NODE_OPTIONS: '--max-old-space-size=64',
  })
  const client = await connect(store)
  const people = client.db('academy').collection('people')
  await people.insertOne({ name: 'Ada' })
  // An array of 64 million elements.
  const map = (inside: unknown) => ({ $map: { input: Array(400).fill(1), in: inside } })
  const huge = map(map(map('$$this')))
  const refused = people.updateOne({}, [{ $set: { huge } }]).catch(() => 'refused')
  const { how } = await endOf(store)
  expect(how).not.toBe('nothing')
  expect(store.stderr()).toMatch(/memory|has not answered/)
  expect(await refused).toBe('refused')
  await client.close()
  const again = await runStore(code, store.folder)
  const reader = await connect(again)
  await reader.db('academy').collection('people').insertOne({ name: 'Grace' })
  expect(await reader.db('academy').collection('people').countDocuments({})).toBe(2)
  await reader.close()
  await endStore(again)
}, 60_000)

test('a process that was stopped for longer, as in a suspended laptop, goes on', async () => {
  const store = await runStore(code)
  const client = await connect(store)
  store.process.kill('SIGSTOP')
  await sleep(6000)
  store.process.kill('SIGCONT')
  await sleep(1000)
  expect(await client.db('academy').collection('people').countDocuments({})).toBe(0)
  await client.close()
  expect(store.process.exitCode).toBeNull()
  await endStore(store)
}, 60_000)
