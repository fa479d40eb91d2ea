// By default, Jest runs the largest files first. The journey in a real browser is a small file that takes the
// longest, so it would run last, on its own.
const { default: TestSequencer } = require('@jest/test-sequencer')

const longest = [
  'browser/with-script',
  'store/durability',
  'store/seeded',
  'kill',
  'browser/without-script',
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
