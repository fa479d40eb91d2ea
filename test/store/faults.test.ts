import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { openStorage } from '../../src/store/storage'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, runStore } from '../setup/store-process'

const code = transpileStore()
const home = mkdtempSync(join(tmpdir(), 'lyceum-faults-'))
const setup = join(__dirname, '..', 'setup')
let folders = 0

afterAll(() => rmSync(home, { recursive: true, force: true }))

interface Stored {
  _id: string
  n: number
  text: string
}

function textOf(n: number, size: number): string {
  return 'x'.repeat(size - (n % 900))
}

/** Ten clients write until they get an error. After 200 writes `cause` injects the fault. No client may hang. */
async function writeUntilRefused(
  uri: string,
  cause: () => void,
  size = 900,
): Promise<{ done: Set<string>; errors: unknown[] }> {
  const client = await MongoClient.connect(uri, { retryWrites: false, serverSelectionTimeoutMS: 1000 })
  const stored = client.db('d').collection<Stored>('stored')
  await stored.createIndex({ n: 1, text: -1 })
  const done = new Set<string>()
  const errors: unknown[] = []
  const write = async (writer: number) => {
    for (let n = 0; ; n++) {
      const _id = `${writer}-${n}`
      await stored.insertOne({ _id, n, text: textOf(n, size) })
      done.add(_id)
      if (done.size === 200) cause()
    }
  }
  await Promise.all(
    Array.from({ length: 10 }, (_, writer) => write(writer).catch((error: unknown) => errors.push(error))),
  )
  await client.close()
  return { done, errors }
}

/** Opens the folder again without the fault. No acknowledged document is missing or damaged, and indexes are intact. */
async function checkIntact(folder: string, done: Set<string>, size = 900): Promise<void> {
  const again = await runStore(code, folder)
  const client = await MongoClient.connect(again.uri)
  const stored = client.db('d').collection<Stored>('stored')
  const found = await stored.find().toArray()
  expect(found.filter(({ n, text }) => text !== textOf(n, size))).toEqual([])
  const ids = new Set(found.map(({ _id }) => _id))
  expect([...done].filter(id => !ids.has(id))).toEqual([])
  await stored.insertOne({ _id: 'afterwards', n: 0, text: textOf(0, size) })
  await client.close()
  await endStore(again, true)
  const storage = openStorage(join(folder, 'data.mdb'))
  expect(verify(storage).problems).toEqual([])
  await storage.close()
}

function newFault(): { folder: string; env: NodeJS.ProcessEnv; cause(how: string): void; end(): void } {
  const folder = join(home, `store${++folders}`)
  const file = `${folder}.fault`
  return {
    folder,
    env: { LYCEUM_FAULT: file },
    cause: how => writeFileSync(file, how),
    end: () => rmSync(file, { force: true }),
  }
}

describe('when its thread fails, the process exits and no acknowledged write is lost', () => {
  test.each([
    ['an uncaught error', 'throw', 'thrown in the thread'],
    ['an unhandled rejection', 'reject', 'nobody handled this'],
    ['an exit', 'exit', 'The store exited with code 3'],
    ['running out of memory', 'memory', 'memory'],
  ])('%s', async (_, how, message) => {
    const fault = newFault()
    const store = await runStore(code, fault.folder, {
      ...fault.env,
      NODE_OPTIONS: `--require ${join(setup, 'break-thread.js')} --max-old-space-size=96`,
    })
    const { done, errors } = await writeUntilRefused(store.uri, () => fault.cause(how))
    expect(errors).toHaveLength(10)
    expect(await store.ended).not.toBe(0)
    expect(store.stderr()).toContain(message)
    await checkIntact(fault.folder, done)
  })
})

test('a thread that exits before the store is open is reported immediately', async () => {
  const fault = newFault()
  fault.cause('exit')
  const NODE_OPTIONS = `--require ${join(setup, 'break-thread.js')}`
  const started = runStore(code, fault.folder, { ...fault.env, NODE_OPTIONS })
  await expect(started).rejects.toThrow('The test store exited with 1')
})

/** The library that makes system calls fail needs Linux and a C compiler. Without them the tests below are skipped. */
const shim = join(home, 'break-disk.so')
const compiled =
  process.platform === 'linux' &&
  spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, join(setup, 'break-disk.c'), '-ldl']).status === 0
const [eio, enospc, edquot] = [5, 28, 122]

const withShim = compiled ? test : test.skip
withShim.each([
  ['a write that fails with EIO', `write ${eio}`],
  ['a write that is incomplete', 'write 0'],
  ['a flush that fails with EIO', `sync ${eio}`],
  ['a flush without disk space', `sync ${enospc}`],
  ['a file that cannot grow for lack of disk space', `grow ${enospc}`],
  ['a file that reaches its quota', `grow ${edquot}`],
])('%s ends the process and loses no acknowledged write (needs cc)', async (_, how) => {
  const fault = newFault()
  const store = await runStore(code, fault.folder, { ...fault.env, LD_PRELOAD: shim })
  const { done, errors } = await writeUntilRefused(store.uri, () => fault.cause(how))
  expect(errors).toHaveLength(10)
  // The process ends with a code or by a signal, because LMDB may damage its memory on such an error (see storage.ts).
  expect(await store.ended).not.toBe(0)
  await checkIntact(fault.folder, done)
})

/** The small file system of the next test needs user namespaces. */
const [mayMount, ...mount] = ['unshare', '--user', '--map-root-user', '--mount']
const mounts =
  spawnSync(mayMount!, [...mount, 'sh', '-c', `mount -t tmpfs -o size=12m tmpfs ${home}`]).status === 0

const withMount = mounts ? test : test.skip
withMount(
  'a full disk refuses writes, allows reads, and the store can be opened again (needs unshare)',
  async () => {
    const fault = newFault()
    const [kept, sockets] = [join(home, 'kept'), mkdtempSync(join(tmpdir(), 'lyceum-full-'))]
    mkdirSync(fault.folder)
    const env = {
      ...fault.env,
      LYCEUM_STORE_SOCKETS: sockets,
      LYCEUM_TEST_MOUNT: '24m',
      LYCEUM_TEST_KEEP: kept,
    }
    const store = await runStore(code, fault.folder, env)
    const { done, errors } = await writeUntilRefused(store.uri, () => undefined, 20_000)
    expect(errors).toHaveLength(10)
    for (const error of errors) expect(error).toMatchObject({ code: 14031, codeName: 'OutOfDiskSpace' })
    const client = await MongoClient.connect(store.uri)
    expect(await client.db('d').collection('stored').countDocuments({})).toBe(done.size)
    expect(done.size).toBeGreaterThan(200)
    await client.close()
    await endStore(store, true)
    const again = await runStore(code, fault.folder, env)
    const reader = await MongoClient.connect(again.uri)
    expect(await reader.db('d').collection('stored').countDocuments({})).toBe(done.size)
    await expect(reader.db('d').collection('stored').insertOne({})).rejects.toMatchObject({ code: 14031 })
    await reader.close()
    await endStore(again, true)
    await checkIntact(kept, done, 20_000)
    rmSync(sockets, { recursive: true, force: true })
  },
)
