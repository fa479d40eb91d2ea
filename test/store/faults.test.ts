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

/** Ten who write until they are refused or cut off; after some writes the fault is there. None may wait for ever. */
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

/** Opens the folder again, without the fault: nothing acknowledged is missing or torn, and the indexes are right. */
async function checkKept(folder: string, done: Set<string>, size = 900): Promise<void> {
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

describe('a thread that breaks takes the process with it, and no acknowledged write', () => {
  test.each([
    ['an error that nobody catches', 'throw', 'thrown in the thread'],
    ['a promise that nobody waits for', 'reject', 'nobody waited for this'],
    ['an exit', 'exit', 'the store ended with code 3'],
    ['no memory left', 'memory', 'memory'],
  ])('%s', async (_, how, words) => {
    const fault = newFault()
    const store = await runStore(code, fault.folder, {
      ...fault.env,
      NODE_OPTIONS: `--require ${join(setup, 'break-thread.js')} --max-old-space-size=96`,
    })
    const { done, errors } = await writeUntilRefused(store.uri, () => fault.cause(how))
    expect(errors).toHaveLength(10)
    expect(await store.ended).not.toBe(0)
    expect(store.stderr()).toContain(words)
    await checkKept(fault.folder, done)
  })
})

test('a thread that ends before it is open is said, and nobody waits for it', async () => {
  const fault = newFault()
  fault.cause('exit')
  const NODE_OPTIONS = `--require ${join(setup, 'break-thread.js')}`
  const started = runStore(code, fault.folder, { ...fault.env, NODE_OPTIONS })
  await expect(started).rejects.toThrow('the store of the tests ended with 1')
})

/** The shim needs a C compiler and Linux; without them the tests below say that they are skipped. */
const shim = join(home, 'break-disk.so')
const compiled =
  process.platform === 'linux' &&
  spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, join(setup, 'break-disk.c'), '-ldl']).status === 0
const [eio, enospc, edquot] = [5, 28, 122]

const withShim = compiled ? test : test.skip
withShim.each([
  ['a write that gives EIO', `write ${eio}`],
  ['a write that is cut short', 'write 0'],
  ['a flush that gives EIO', `sync ${eio}`],
  ['a flush that finds no room', `sync ${enospc}`],
  ['a file that finds no room to grow', `grow ${enospc}`],
  ['a file beyond its quota', `grow ${edquot}`],
])('%s ends the process and takes nothing acknowledged with it (needs cc)', async (_, how) => {
  const fault = newFault()
  const store = await runStore(code, fault.folder, { ...fault.env, LD_PRELOAD: shim })
  const { done, errors } = await writeUntilRefused(store.uri, () => fault.cause(how))
  expect(errors).toHaveLength(10)
  // LMDB may be hurt by its own message (see storage.ts), so it ends with a code or by a signal, but never goes on.
  expect(await store.ended).not.toBe(0)
  await checkKept(fault.folder, done)
})

/** A file system of its own, where the system lets a test make one. */
const [mayMount, ...mount] = ['unshare', '--user', '--map-root-user', '--mount']
const mounts =
  spawnSync(mayMount!, [...mount, 'sh', '-c', `mount -t tmpfs -o size=12m tmpfs ${home}`]).status === 0

const withMount = mounts ? test : test.skip
withMount(
  'a disk that is full refuses writes, answers reads, and can be opened (needs unshare)',
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
    await checkKept(kept, done, 20_000)
    rmSync(sockets, { recursive: true, force: true })
  },
)
