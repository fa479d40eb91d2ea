import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { serialize } from 'bson'
import { MongoClient, type Collection } from 'mongodb'
import { makeCursors } from '../../src/store/cursor'
import { transpileStore } from '../setup/store-code'
import { endStore, runStore, type RunningStore } from '../setup/store-process'

/** The bound of the process in MB, of which sorts and groups may take 256 and the cache 64. */
const maxMegabytes = 800
const documents = 300

let store: RunningStore
let client: MongoClient
let big: Collection<{ _id: number; n: number; text: string }>

beforeAll(async () => {
  store = await runStore(transpileStore())
  client = await MongoClient.connect(store.uri)
  big = client.db('memory').collection<{ _id: number; n: number; text: string }>('big')
  for (let at = 0; at < documents; at += 20)
    await big.insertMany(
      Array.from({ length: 20 }, (_, i) => ({
        _id: at + i,
        n: (at + i) % 7,
        text: `${at + i}`.padEnd(1_000_000, 'x'),
      })),
    )
}, 60_000)
afterAll(async () => {
  await client.close()
  await endStore(store)
})

/** The memory of the process in MB, without the pages of its file, which the system takes back when it needs them. */
function megabytes(): number {
  // Only Linux tells. Elsewhere the test shows what is refused.
  if (process.platform !== 'linux') return 0
  const status = readFileSync(`/proc/${store.process.pid}/status`, 'utf8')
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024
}

/** Returns the most memory that the store took during some work. */
async function peakDuring(work: () => Promise<unknown>): Promise<number> {
  let peak = megabytes()
  const timer = setInterval(() => (peak = Math.max(peak, megabytes())), 5)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return Math.max(peak, megabytes())
}

const refused = (work: Promise<unknown>, code: number) => expect(work).rejects.toMatchObject({ code })

const abuses: Array<[string, () => Promise<unknown>]> = [
  ['a sort of 300 MB is refused', () => refused(big.find().sort({ text: 1 }).toArray(), 292)],
  [
    'the first 20 of a sort of 300 MB',
    async () => expect(await big.find().sort({ text: -1 }).limit(20).toArray()).toHaveLength(20),
  ],
  [
    '$push of whole documents is refused',
    () => refused(big.aggregate([{ $group: { _id: null, all: { $push: '$$ROOT' } } }]).toArray(), 292),
  ],
  [
    '$addToSet of long strings is refused',
    () => refused(big.aggregate([{ $group: { _id: null, all: { $addToSet: '$text' } } }]).toArray(), 292),
  ],
  [
    'groups of long strings are refused',
    () => refused(big.aggregate([{ $group: { _id: '$text' } }]).toArray(), 292),
  ],
  [
    'a sort in the middle of a pipeline is refused',
    () => refused(big.aggregate([{ $unwind: '$text' }, { $sort: { n: 1 } }]).toArray(), 292),
  ],
  [
    '$facet with all documents is refused',
    () => refused(big.aggregate([{ $facet: { all: [{ $match: {} }] } }]).toArray(), 292),
  ],
  ['distinct long values are refused', () => refused(big.distinct('text'), 292)],
  [
    'a result of over 16 MB is refused',
    () =>
      refused(
        big
          .aggregate([{ $match: { _id: { $lt: 20 } } }, { $group: { _id: null, all: { $push: '$text' } } }])
          .toArray(),
        10334,
      ),
  ],
  [
    'a scan of large documents',
    async () => expect(await big.countDocuments({ n: 3, text: /^3/ })).toBeGreaterThan(0),
  ],
  [
    'ten sorts of 60 MB at once share 256 MB, and those that find none left are refused',
    () => {
      const sorts = Array.from({ length: 10 }, () =>
        big
          .find({ _id: { $lt: 60 } })
          .sort({ n: 1 })
          .batchSize(1)
          .next(),
      )
      return Promise.allSettled(sorts)
    },
  ],
]

test.each(abuses)('memory stays within its bound: %s', async (_what, work) => {
  expect(await peakDuring(work)).toBeLessThan(maxMegabytes)
})

test('a client that asks on and on and never reads its replies gets no more of them', async () => {
  const address = decodeURIComponent(/mongodb:\/\/([^/]+)/.exec(store.uri)![1]!)
  const socket = connect(address)
  socket.on('error', () => undefined)
  socket.pause()
  const body = serialize({ find: 'big', filter: {}, batchSize: 15, $db: 'memory' })
  const head = Buffer.alloc(21)
  head.writeInt32LE(21 + body.length, 0)
  head.writeInt32LE(2013, 12)
  const message = Buffer.concat([head, body])
  const peak = await peakDuring(async () => {
    for (let i = 0; i < 200; i++) socket.write(message)
    await new Promise(resolve => setTimeout(resolve, 2000))
  })
  expect(peak).toBeLessThan(maxMegabytes)
  // Others are served meanwhile.
  expect(await big.findOne({ _id: 1 }, { projection: { n: 1 } })).toEqual({ _id: 1, n: 1 })
  socket.destroy()
})

test('the cursors of a client that is gone are closed, and what they held is free', async () => {
  const cursors = makeCursors()
  let isOpen = true
  function* source() {
    try {
      for (;;) yield Buffer.from(serialize({}))
    } finally {
      isOpen = false
    }
  }
  const connection = {}
  const reply = await cursors.open('a.b', source(), 1, { single: false, deadline: Infinity, connection })
  const id = (reply.get('cursor') as unknown as Map<string, bigint>).get('id')!
  // Another connection of the same client may go on.
  cursors.release(connection)
  await cursors.next(id, 'a.b', 1, {})
  cursors.sweep(Date.now() + 60_000)
  expect(isOpen).toBe(true)
  const last = {}
  await cursors.next(id, 'a.b', 1, last)
  cursors.release(last)
  cursors.sweep(Date.now() + 60_000)
  expect(isOpen).toBe(false)
  await expect(cursors.next(id, 'a.b', 1)).rejects.toMatchObject({ code: 43 })
})
