import { MongoClient } from 'mongodb'
import { transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

test('a report over 100,000 documents does not stop the queries of a page, and opening does not read them', async () => {
  const folder = makeFolder()
  const filling = await runStore(transpileStore(), folder)
  const filler = await MongoClient.connect(filling.uri)
  const leads = filler.db('pace').collection<{ _id: number; company: number; score: number }>('leads')
  await leads.createIndex({ company: 1, score: -1 })
  for (let at = 0; at < 100_000; at += 5000)
    await leads.insertMany(
      Array.from({ length: 5000 }, (_, i) => ({ _id: at + i, company: (at + i) % 900, score: i % 100 })),
    )
  await filler.close()
  await endStore(filling, true)

  const starts = { empty: Infinity, full: Infinity }
  for (let i = 0; i < 3; i++) {
    starts.empty = Math.min(starts.empty, await startTime(makeFolder(), false))
    starts.full = Math.min(starts.full, await startTime(folder, true))
  }
  expect(starts.full).toBeLessThan(starts.empty + 300)

  const store = await runStore(transpileStore(), folder)
  const client = await MongoClient.connect(store.uri)
  const collection = client.db('pace').collection<{ _id: number }>('leads')
  const page = async (during: () => boolean) => {
    const waits: number[] = []
    while (during()) {
      const began = performance.now()
      await collection.findOne({ _id: (waits.length * 31) % 100_000 })
      waits.push(performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    return waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)]!
  }
  // A machine that is busy with other things delays both alike, so what counts is the difference; the best of three.
  const delays: number[] = []
  for (let i = 0; i < 3 && !(Math.min(...delays) <= 50); i++) {
    const end = performance.now() + 500
    const alone = await page(() => performance.now() < end)
    let running = true
    const report = collection
      .aggregate([
        { $group: { _id: '$company', score: { $avg: '$score' } } },
        { $sort: { score: -1, _id: 1 } },
      ])
      .toArray()
      .finally(() => (running = false))
    const during = await page(() => running)
    expect(await report).toHaveLength(900)
    delays.push(during - alone)
  }
  expect(Math.min(...delays)).toBeLessThanOrEqual(50)
  await client.close()
  await endStore(store)
}, 120_000)

async function startTime(folder: string, keepFolder: boolean): Promise<number> {
  const began = performance.now()
  const store = await runStore(transpileStore(), folder)
  const took = performance.now() - began
  await endStore(store, keepFolder)
  return took
}
