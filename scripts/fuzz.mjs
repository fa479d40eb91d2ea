// Sends random requests to every route: `npm run fuzz -- --requests 200000 --seed 1`. The same seed chooses the same
// requests as long as the pages stay the same. `npm test` sends 2,000.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const env = { ...process.env, FUZZ_REQUESTS: values.requests, FUZZ_SEED: values.seed }
const { status } = spawnSync('npx', ['jest', 'test/fuzz', '--maxWorkers=1'], { stdio: 'inherit', env })
process.exit(status ?? 1)
