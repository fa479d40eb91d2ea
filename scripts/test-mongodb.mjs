// Runs the test suite on a real MongoDB: `MONGODB_URI=mongodb://… npm run test:mongodb`. Each test file creates its own
// database and drops it at the end. The embedded store's own tests are left out.
import { spawnSync } from 'node:child_process'

if (!process.env.MONGODB_URI) {
  console.log('Skipped: MONGODB_URI is not set, so there is no MongoDB to test on.')
  process.exit(0)
}
const { status } = spawnSync(
  'npx',
  ['jest', '--testPathIgnorePatterns', 'test/store/', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
)
process.exit(status ?? 1)
