import { existsSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { readVectors, runVector, type Outcome } from './vectors'

const folder = process.env.MONGODB_CASES ?? '/work/shared/data/mongodb-cases'
const files = ['filters', 'updates', 'sort-project', 'aggregate', 'other', 'expressions']

/** Where MongoDB's manual, or MongoDB itself, says otherwise than documentdb, whose tests these are. */
const otherwise: Record<string, string> = {}

const skipped = existsSync(folder) ? describe : describe.skip

skipped('the vectors that others made', () => {
  let client: MongoClient
  beforeAll(async () => {
    client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  })
  afterAll(async () => {
    await client.db('vectors').dropDatabase()
    await client.close()
  })

  test.each(files)('%s: each answer is as expected, or refused by name', async file => {
    const failed: string[] = []
    const count: Record<Outcome['is'], number> = { pass: 0, refused: 0, fail: 0 }
    for (const vector of readVectors(folder, `${file}.jsonl`)) {
      if (vector.name in otherwise) continue
      const outcome = await runVector(client.db('vectors'), vector)
      count[outcome.is]++
      if (outcome.is === 'fail') failed.push(`${vector.name}: ${outcome.why}`)
    }
    process.stdout.write(
      `${file}: ${count.pass} as expected, ${count.refused} refused by name, ${count.fail} wrong\n`,
    )
    expect(failed).toEqual([])
  })
})
