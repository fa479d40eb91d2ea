import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MongoClient } from 'mongodb'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const code = transpileStore()
const home = mkdtempSync(join(tmpdir(), 'lyceum-backup-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const script = [join(__dirname, '../setup/run-script.js'), join(__dirname, '../../scripts/store.ts')]
const env = { ...process.env, LYCEUM_STORE_CODE: code }
const run = (...args: string[]) => promisify(execFile)(process.execPath, [...script, ...args], { env })

interface Entry {
  _id: string
  writer: number
  n: number
}

test('a backup, a dump, a check or a second start beside a running academy costs it no write', async () => {
  const store = await runStore(code)
  const client = await MongoClient.connect(store.uri)
  const entries = client.db('academy').collection<Entry>('entries')
  await entries.createIndex({ writer: 1, n: 1 })
  const acknowledged = [0, 0, 0, 0]
  let over = false
  const writers = acknowledged.map(async (_, writer) => {
    for (let n = 0; !over; n++) {
      await entries.insertOne({ _id: `${writer}:${n}`, writer, n })
      acknowledged[writer] = n + 1
    }
  })
  const folder = ['--folder', store.folder]
  const backups: Array<{ target: string; before: number[]; after: number[] }> = []
  for (let i = 0; i < Number(process.env.BACKUPS ?? 2); i++) {
    const [target, before] = [join(home, `online-${i}.mdb`), [...acknowledged]]
    await run('backup', ...folder, '--to', target)
    backups.push({ target, before, after: [...acknowledged] })
    await Promise.all([
      expect(runStore(code, store.folder, { LYCEUM_FAULT: 'expected' })).rejects.toThrow('exited with 1'),
      expect(run('verify', ...folder)).rejects.toThrow('is open in another process'),
      run('dump', ...folder, '--to', join(home, `dump-${i}`)),
    ])
  }
  over = true
  await Promise.all(writers)
  const missing = await Promise.all(
    acknowledged.map(
      async (count, writer) => count - (await entries.countDocuments({ writer, n: { $lt: count } })),
    ),
  )
  expect(missing).toEqual([0, 0, 0, 0])
  await client.close()
  await endStore(store, true)
  expect(verify({ path: join(store.folder, 'data.mdb') }).problems).toEqual([])
  rmSync(store.folder, { recursive: true, force: true })

  // Each backup is the academy at one moment: of every writer the first writes, none of which is missing.
  for (const { target, before, after } of backups) {
    expect(verify({ path: target }).problems).toEqual([])
    const restored = makeFolder()
    await run('restore', '--folder', restored, '--from', target)
    const copy = await runStore(code, restored)
    const reader = await MongoClient.connect(copy.uri)
    const found = reader.db('academy').collection<Entry>('entries')
    for (const writer of acknowledged.keys()) {
      const count = await found.countDocuments({ writer })
      expect(count).toBeGreaterThanOrEqual(before[writer]!)
      expect(count).toBeLessThanOrEqual(after[writer]! + 1)
      expect(await found.countDocuments({ writer, n: { $lt: count } })).toBe(count)
    }
    await reader.close()
    await endStore(copy)
  }
  process.stdout.write(`${acknowledged.reduce((a, b) => a + b)} writes beside ${backups.length} backups\n`)
}, 240_000)

test('a backup of a running academy ends when whoever asked for it is gone, and when the academy stops', async () => {
  const store = await runStore(code)
  await fillWith(store.uri, 30_000)
  const folder = join(home, 'left')
  const ask = () =>
    spawn(process.execPath, [...script, 'backup', '--folder', store.folder, '--to', join(folder, 'b.mdb')], {
      env,
    })
  // LMDB locks a file that it has open with another, which goes when the store has stopped writing the copy.
  const isWriting = () => filesIn(folder).some(name => name.endsWith('.unfinished-lock'))
  const gone = ask()
  await until(isWriting)
  gone.kill('SIGKILL')
  await until(() => !isWriting())
  expect(existsSync(join(folder, 'b.mdb'))).toBe(false)

  const stopped = ask()
  const ended = new Promise(resolve => stopped.once('close', resolve))
  await until(isWriting)
  await endStore(store, true)
  expect(await ended).toBe(1)
  expect(readdirSync(folder)).toEqual([])
  expect(verify({ path: join(store.folder, 'data.mdb') })).toMatchObject({ documents: 30_000, problems: [] })
  rmSync(store.folder, { recursive: true, force: true })
}, 240_000)

const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 2))
}

async function fillWith(uri: string, count: number): Promise<void> {
  const client = await MongoClient.connect(uri)
  const people = client.db('academy').collection<{ _id: number; text: string }>('people')
  for (let from = 0; from < count; from += 1000)
    await people.insertMany(
      Array.from({ length: 1000 }, (_, n) => ({ _id: from + n, text: 'x'.repeat(n % 900) })),
    )
  await client.close()
}

async function fill(folder: string, count: number): Promise<void> {
  const store = await runStore(code, folder)
  await fillWith(store.uri, count)
  const client = await MongoClient.connect(store.uri)
  const people = client.db('academy').collection<{ _id: number; text: string }>('people')
  await people.deleteMany({ _id: { $lt: 10 } })
  await people.insertOne({ _id: -1, text: 'Ada is gone soon' })
  await people.deleteOne({ _id: -1 })
  await client.close()
  await endStore(store, true)
}

test('a backup that is killed leaves nothing that looks like one, and the store is as before', async () => {
  const folder = makeFolder()
  await fill(folder, 4000)
  const target = join(home, 'killed', 'backup.mdb')
  let killed = 0
  for (const delay of [0, 60]) {
    const child = spawn(process.execPath, [...script, 'backup', '--folder', folder, '--to', target], { env })
    const ended = new Promise(resolve => child.once('close', resolve))
    // It has begun when its unfinished file is there.
    const unfinished = join(home, 'killed', `.backup.mdb.${child.pid}.unfinished`)
    while (!existsSync(unfinished) && child.exitCode === null)
      await new Promise(resolve => setTimeout(resolve, 2))
    await new Promise(resolve => setTimeout(resolve, delay))
    child.kill('SIGKILL')
    await ended
    if (existsSync(target)) rmSync(target)
    else {
      killed++
      await expect(run('restore', '--folder', join(home, 'no'), '--from', unfinished)).rejects.toThrow()
      expect(existsSync(join(home, 'no', 'data.mdb'))).toBe(false)
    }
  }
  expect(killed).toBeGreaterThan(0)
  await run('backup', '--folder', folder, '--to', target)
  expect(readdirSync(join(home, 'killed'))).toEqual(['backup.mdb'])
  expect(statSync(target).mode & 0o777).toBe(0o600)
  // What was deleted isn't in it.
  expect(readFileSync(target).includes('Ada is gone soon')).toBe(false)
  expect(verify({ path: join(folder, 'data.mdb') }).problems).toEqual([])
  rmSync(folder, { recursive: true, force: true })
}, 240_000)

test('of two backups to one target one gets the name, and none goes where it would harm the academy', async () => {
  const folder = makeFolder()
  await fill(folder, 400)
  const target = join(home, 'twice', 'backup.mdb')
  const store = await runStore(code, folder)
  const results = await Promise.allSettled(
    [1, 2].map(() => run('backup', '--folder', folder, '--to', target)),
  )
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(
    String((results.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason),
  ).toContain('exists already. Back up to another file')
  expect(readdirSync(join(home, 'twice'))).toEqual(['backup.mdb'])
  expect(verify({ path: target }).problems).toEqual([])
  for (const inside of [join(folder, 'b.mdb'), join(folder, 'backups', 'b.mdb')])
    await expect(run('backup', '--folder', folder, '--to', inside)).rejects.toThrow(
      'Back up to another folder',
    )
  await endStore(store)
}, 60_000)

test('a restore refuses an existing or open store and a damaged backup; --replace keeps the former one', async () => {
  const folder = makeFolder()
  await fill(folder, 1000)
  const backup = join(home, 'good.mdb')
  await run('backup', '--folder', folder, '--to', backup)
  await expect(run('backup', '--folder', folder, '--to', backup)).rejects.toThrow('exists already')
  await expect(run('restore', '--folder', folder, '--from', backup)).rejects.toThrow('Add --replace')

  const store = await runStore(code, folder)
  await expect(run('restore', '--replace', '--folder', folder, '--from', backup)).rejects.toThrow(
    'is open in another process',
  )
  const client = await MongoClient.connect(store.uri)
  await client.db('academy').collection('people').insertOne({ text: 'after the backup' })
  await client.close()
  await endStore(store, true)

  const damaged = join(home, 'damaged.mdb')
  writeFileSync(damaged, readFileSync(backup, 'latin1').replaceAll('xxxxxxxx', 'xxxxxxxy'), 'latin1')
  await expect(run('restore', '--replace', '--folder', folder, '--from', damaged)).rejects.toThrow(
    "its content isn't what was backed up",
  )
  const { stderr } = await run('restore', '--replace', '--folder', folder, '--from', backup)
  const kept = /The former store is (\S+)\. /.exec(stderr)![1]!
  expect(verify({ path: kept }).documents).toBe(991)
  expect(verify({ path: join(folder, 'data.mdb') }).documents).toBe(990)

  // Also in the place of a damaged store.
  writeFileSync(join(folder, 'data.mdb'), 'garbage')
  await expect(runStore(code, folder, { LYCEUM_FAULT: 'expected' })).rejects.toThrow('exited with 1')
  await run('restore', '--replace', '--folder', folder, '--from', backup)
  const again = await runStore(code, folder)
  const reader = await MongoClient.connect(again.uri)
  expect(await reader.db('academy').collection('people').countDocuments({})).toBe(990)
  await reader.close()
  await endStore(again)
}, 240_000)
