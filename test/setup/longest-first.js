// By default, Jest runs the largest files first. A group of tests is a small file that takes long, so it would run
// last, on its own.
const { default: TestSequencer } = require('@jest/test-sequencer')

const longest = [
  'groups/browser-1',
  'groups/browser-2',
  'store/seeded',
  'groups/leads',
  'groups/checkout',
  'groups/webhooks',
  'groups/web',
  'groups/studio-1',
  'groups/studio-2',
  'groups/academy-1',
  'groups/academy-2',
  'groups/admin',
  'groups/courses',
  'groups/account',
  'groups/brand',
  'store/damaged-file',
  'kill',
  'store/durability',
  'store/faults',
]

module.exports = class extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = longest.findIndex(name => path.endsWith(`/test/${name}.test.ts`))
      return index === -1 ? longest.length : index
    }
    return super.sort(tests).sort((a, b) => rank(a) - rank(b))
  }
}
