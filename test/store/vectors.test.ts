import { existsSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { readVectors, runVector, type Outcome } from './vectors'

const folder = process.env.MONGODB_CASES ?? '/work/shared/data/mongodb-cases'
const files = ['filters', 'updates', 'sort-project', 'aggregate', 'other', 'expressions']

/** Where MongoDB's manual, or MongoDB itself, says otherwise than documentdb, whose tests these are. */
const otherwise: Record<string, string> = {
  'dist:bson_aggregation_string_operators_tests:1693':
    'a position beyond 32 bits is not integral (40096) before it is not negative; manual: $indexOfCP takes integral numbers',
  'dist:bson_aggregation_date_operators_tests:1024':
    'manual, $dateToString: onNull is "the value to return if the date is null or missing", whatever the zone is',
  'dist:bson_aggregation_stage_project_tests:962':
    'manual, $project: "MongoDB 4.4 or later returns an error if the $project specification is an empty document"',
  'dist:bson_query_projection_operator_expressions_tests:481':
    'outside of projections an unknown expression is InvalidPipelineOperator (168), not 31325',
  'dist:bson_query_projection_operator_expressions_tests:582':
    'two operators in one expression object are 15983; 40181 was its number in old releases',
  'dist:bson_aggregation_pipeline_tests:379':
    'where a field goes that was removed and added again; manual, $addFields: new fields come after existing ones',
  'dist:bson_aggregation_pipeline_tests:658':
    'manual, $addFields: an existing field is overwritten, in its place',
  'dist:bson_aggregation_pipeline_tests:472':
    'manual, $count (accumulator): "does not accept any parameters"',
  'oss:bson_aggregation_pipeline_tests_add_to_set_group:80':
    'a missing value is not added, as with $push; documentdb adds a null',
  'dist:bson_projection_operator_dollar_slice_test:587':
    'three arguments are the $slice expression, whose first must be an array (28724)',
}

const skipped = existsSync(folder) ? describe : describe.skip

skipped('the vectors that others made', () => {
  let client: MongoClient
  beforeAll(async () => {
    client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  })
  afterAll(async () => {
    await client.db('store_vectors').dropDatabase()
    await client.close()
  })

  test.each(files)(
    '%s: each answer is as expected, or refused by name',
    async file => {
      const failed: string[] = []
      const count: Record<Outcome['is'], number> = { pass: 0, refused: 0, fail: 0 }
      for (const vector of readVectors(folder, `${file}.jsonl`)) {
        if (vector.name in otherwise) continue
        const outcome = await runVector(client.db('store_vectors'), vector)
        count[outcome.is]++
        if (outcome.is === 'fail') failed.push(`${vector.name}: ${outcome.why}`)
      }
      process.stdout.write(
        `${file}: ${count.pass} as expected, ${count.refused} refused by name, ${count.fail} wrong\n`,
      )
      expect(failed).toEqual([])
    },
    120_000,
  )
})
