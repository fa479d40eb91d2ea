// Without this Jest begins with the largest files, and the walk through a real browser, in a small one, keeps everybody waiting at the end.
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
    const place = ({ path }) => {
      const found = longest.findIndex(name => path.endsWith(`/test/${name}.test.ts`))
      return found === -1 ? longest.length : found
    }
    return super.sort(tests).sort((a, b) => place(a) - place(b))
  }
}
