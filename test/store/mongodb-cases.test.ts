import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MongoClient } from 'mongodb'
import { readCases, runCase, type CaseResult } from './mongodb-cases'

/** Cases derived from documentdb's regression tests. Data made by others is read here, not copied into the project. */
const folder = resolve(__dirname, '..', '..', '..', 'shared', 'data', 'mongodb-cases')
const files = ['filters', 'updates', 'sort-project', 'aggregate', 'other', 'expressions']

/** Cases in which documentdb differs from MongoDB or its manual, with the reason. */
const differing: Record<string, string> = {
  'dist:bson_aggregation_string_operators_tests:1693':
    'an index beyond 32 bits is not integral (40096) before it is negative; manual, $indexOfCP: integral numbers',
  'dist:bson_aggregation_date_operators_tests:1024':
    'manual, $dateToString: onNull is "the value to return if the date is null or missing", whatever the time zone is',
  'dist:bson_aggregation_stage_project_tests:962':
    'manual, $project: "MongoDB 4.4 or later returns an error if the $project specification is an empty document"',
  'dist:bson_query_projection_operator_expressions_tests:481':
    'outside projections an unknown expression is InvalidPipelineOperator (168), not 31325',
  'dist:bson_query_projection_operator_expressions_tests:582':
    'two operators in one expression object are 15983; 40181 was the code in old releases',
  'dist:bson_aggregation_pipeline_tests:379':
    'the position of a field that was removed and added again; manual, $addFields: new fields come after existing ones',
  'dist:bson_aggregation_pipeline_tests:658':
    'manual, $addFields: an existing field is overwritten, in its place',
  'dist:bson_aggregation_pipeline_tests:472':
    'manual, $count (accumulator): "does not accept any parameters"',
  'oss:bson_aggregation_pipeline_tests_add_to_set_group:80':
    'a missing value is not added, as with $push; documentdb adds a null',
  'dist:bson_projection_operator_dollar_slice_test:587':
    'three arguments are the $slice expression, whose first argument must be an array (28724)',
}

const isHere = existsSync(join(folder, 'README.md'))
const whyNot = '../shared/data/mongodb-cases does not exist beside the project, so none of its cases ran'

if (isHere) describe("documentdb's regression tests", runAll)
else if (process.env.CI)
  test("documentdb's regression tests", () => {
    throw new Error(whyNot)
  })
else {
  // Jest doesn't print the titles of a file in which everything is skipped.
  process.stdout.write(`mongodb-cases: skipped: ${whyNot}\n`)
  test.skip(`documentdb's regression tests (skipped: ${whyNot})`, () => undefined)
}

function runAll(): void {
  let client: MongoClient
  const total = { pass: 0, unsupported: 0, fail: 0, skipped: 0 }
  beforeAll(async () => {
    client = await MongoClient.connect(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]!)
  })
  afterAll(async () => {
    await client.db('store_cases').dropDatabase()
    await client.close()
    process.stdout.write(
      `mongodb-cases: ${total.pass + total.unsupported + total.fail} cases ran: ${total.pass} as expected, ` +
        `${total.unsupported} refused by name, ${total.fail} wrong; ${total.skipped} skipped (documentdb differs)\n`,
    )
  })

  test.each(files)(
    '%s: every reply is as expected or refuses a feature by name',
    async file => {
      const failed: string[] = []
      const count: Record<CaseResult['is'], number> = { pass: 0, unsupported: 0, fail: 0 }
      for (const each of readCases(folder, `${file}.jsonl`)) {
        if (each.name in differing) {
          total.skipped++
          continue
        }
        const result = await runCase(client.db('store_cases'), each)
        count[result.is]++
        total[result.is]++
        if (result.is === 'fail') failed.push(`${each.name}: ${result.why}`)
      }
      process.stdout.write(
        `mongodb-cases/${file}: ${count.pass} as expected, ${count.unsupported} refused by name, ${count.fail} wrong\n`,
      )
      expect(failed).toEqual([])
      expect(count.pass).toBeGreaterThan(0)
    },
    120_000,
  )
}
