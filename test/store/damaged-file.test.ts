import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { checkDataFile, DamagedFile } from '../../src/store/data-file'
import { verify } from '../../src/store/verify'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const code = transpileStore()
const home = mkdtempSync(join(tmpdir(), 'lyceum-damage-'))
const sound = join(home, 'sound.mdb')
const pageSize = 4096
afterAll(() => rmSync(home, { recursive: true, force: true }))

beforeAll(async () => {
  const store = await runStore(code)
  const client = await MongoClient.connect(store.uri)
  const people = client.db('academy').collection<{ _id: string; n: number; text: string }>('people')
  await people.createIndex({ n: 1, text: 1 })
  for (let batch = 0; batch < 3; batch++)
    await people.insertMany(
      Array.from({ length: 120 }, (_, n) => ({
        _id: `p${batch}-${n}`,
        n: n % 50,
        text: 'text '.repeat(n % 50 === 0 ? 2000 : n % 90),
      })),
    )
  await people.deleteMany({ n: 7 })
  await client.close()
  await endStore(store, true)
  copyFileSync(join(store.folder, 'data.mdb'), sound)
  rmSync(store.folder, { recursive: true, force: true })
}, 60_000)

/** Starts a store on a folder whose data file `damage` makes. Returns how it ended and what it said. */
async function start(
  damage: (file: string) => void,
): Promise<{ how: number | string; said: string; file: string }> {
  const folder = makeFolder()
  const file = join(folder, 'data.mdb')
  copyFileSync(sound, file)
  damage(file)
  const store = await runStore(code, folder, { LYCEUM_FAULT: 'expected' }).catch((error: Error) => error)
  if (store instanceof Error) return { how: store.message, said: '', file }
  await endStore(store)
  return { how: 'started', said: store.stderr(), file }
}

const replaceWith = (bytes: (before: Buffer) => Buffer | string) => (file: string) =>
  writeFileSync(file, bytes(readFileSync(file)))

test.each<[string, (file: string) => void, string]>([
  ['empty', file => truncateSync(file, 0), 'is empty'],
  ['shorter than its header', file => truncateSync(file, 100), 'is cut off in its header'],
  ['half of it', file => truncateSync(file, statSync(file).size / 2), 'is beyond the end of the file'],
  ['zeros', replaceWith(({ length }) => Buffer.alloc(length)), 'is damaged in its header'],
  ['a text', replaceWith(() => 'This is a text. '.repeat(1000)), 'is damaged in its header'],
  ['zeros after its header', replaceWith(all => all.fill(0, 2 * pageSize)), 'is damaged: page'],
  [
    'of another version of LMDB',
    replaceWith(all => (all.writeUInt32LE(1, 28), all)),
    'was written by another version of LMDB',
  ],
  [
    'a folder',
    file => {
      rmSync(file)
      mkdirSync(file)
    },
    'is not a file',
  ],
])(
  'a data file that is %s is refused with the way to restore a backup, and stays as it is',
  async (_, damage, problem) => {
    const folder = makeFolder()
    const file = join(folder, 'data.mdb')
    copyFileSync(sound, file)
    damage(file)
    let said = ''
    try {
      checkDataFile(file)
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedFile)
      said = (error as Error).message
    }
    expect(said).toContain(`${file} ${problem.startsWith('is beyond') ? 'is damaged' : problem}`)
    expect(said).toContain(problem)
    expect(said).toContain(`npm run store -- restore --replace --folder ${folder} --from BACKUP`)
    // The process ends by itself, not by a signal.
    const { how } = await start(damage)
    expect(how).toBe('The test store exited with 1')
    rmSync(folder, { recursive: true, force: true })
  },
  60_000,
)

test('a lock file of garbage does no harm', async () => {
  const { how } = await start(file => writeFileSync(`${file}-lock`, 'garbage'.repeat(2000)))
  expect(how).toBe('started')
}, 60_000)

/** A generator of the same numbers from 0 to 1 for the same seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('300 random damages are refused, or found by verify, or are where nothing is stored', () => {
  const original = readFileSync(sound)
  const file = join(home, 'damaged.mdb')
  const counts = { refused: 0, found: 0, harmless: 0 }
  for (let seed = 0; seed < 300; seed++) {
    const random = randomFrom(seed)
    const bytes = Buffer.from(original)
    const at = Math.floor(random() * bytes.length)
    const length = seed % 3 === 0 ? pageSize : 1 + Math.floor(random() * 64)
    for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = random() * 256
    writeFileSync(file, bytes)
    let refusal: unknown
    try {
      checkDataFile(file)
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedFile)
      refusal = error
    }
    let problems = 0
    try {
      problems = verify({ path: file }).problems.length
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedFile)
      problems = 1
    }
    if (refusal) {
      expect(problems).toBeGreaterThan(0)
      counts.refused++
    } else if (problems > 0) counts.found++
    else counts.harmless++
  }
  expect(counts.refused).toBeGreaterThan(50)
  expect(counts.found).toBeGreaterThan(10)
}, 120_000)

test('verify names the page, the collection, the index and the document of what is damaged', () => {
  const file = join(home, 'named.mdb')
  // The _id of one document, wherever it is stored as a document: also in pages that are no longer used.
  const stored = (id: string) => `\x02_id\0\x07\0\0\0${id}\0`
  const before = readFileSync(sound, 'latin1')
  const places = [...before.matchAll(/\x02_id\0\x07\0{3}p1-119\0/g)].map(({ index }) => index)
  expect(places.length).toBeGreaterThan(0)
  writeFileSync(file, before.replaceAll(stored('p1-119'), stored('p1-11X')), 'latin1')
  const { problems, documents } = verify({ path: file })
  expect(documents).toBeGreaterThan(300)
  expect(problems).toHaveLength(2)
  expect(problems[0]).toMatch(
    /^academy\.people: _id_ has an entry for record \d+ on page \d+ at byte \d+ that its document doesn't have$/,
  )
  expect(problems[1]).toMatch(/^academy\.people: _id_ has no entry for record \d+ \(_id p1-11X\)$/)
})
