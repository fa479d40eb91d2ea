// Runs with larger numbers, for the night, what `npm test` does a few times: `npm run test:long`, or only some of it:
// `npm run test:long -- running-score`. `STORE_KILLS`, `BACKUPS`, `KILLS`, `STORY_ARRIVALS`, `HISTORIES`,
// `SCORE_HISTORIES` (from the seed `SCORE_SEED`) and `INTERLEAVINGS` set other numbers.
import { spawnSync } from 'node:child_process'

const env = {
  STORE_KILLS: '20',
  BACKUPS: '20',
  KILLS: '20',
  STORY_ARRIVALS: '12',
  HISTORIES: '50000',
  SCORE_HISTORIES: '1000000',
  INTERLEAVINGS: 'all',
  ...process.env,
}
const tests = [
  'test/store/durability',
  'test/kill',
  'test/checkout/stories',
  'test/leads/one-truth.test',
  'test/scoring/running-score',
  'test/webhooks/endpoint-state',
]
const asked = process.argv.slice(2)
const chosen = asked.length ? tests.filter(test => asked.some(name => test.includes(name))) : tests
const { status } = spawnSync('npx', ['jest', ...chosen, '--maxWorkers=1'], { stdio: 'inherit', env })
process.exit(status ?? 1)
