// Sends random requests to every route: `npm run fuzz -- --requests 200000 --seed 1`. The same seed chooses the same
// requests as long as the pages stay the same. `npm test` sends 2,000.
// With `--store`, compares what the embedded store finds by an index with what a scan finds, 500,000 times or as often
// as `--comparisons` says. `npm test` compares 50,000.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    store: { type: 'boolean', default: false },
    comparisons: { type: 'string', default: '500000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const env = {
  ...process.env,
  FUZZ_REQUESTS: values.requests,
  FUZZ_SCALE: String(Number(values.comparisons) / 50_000),
  FUZZ_SEED: values.seed,
}
const tests = values.store ? 'test/store/fuzz' : 'test/fuzz/'
const { status } = spawnSync('npx', ['jest', tests, '--maxWorkers=1'], { stdio: 'inherit', env })
process.exit(status ?? 1)
