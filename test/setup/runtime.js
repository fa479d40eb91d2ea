// Jest reads every module from the disk again for each test file. Here, a process reads each of them once.
const { default: Runtime } = require('jest-runtime')

/** The text of each module by its path. Jest clears the one of a test file when the file ends. */
class Sources extends Map {
  clear() {}
}
const sources = new Sources()

module.exports = class extends Runtime {
  constructor(config, environment, resolver, transformer, ofTest, ...rest) {
    for (const [path, text] of ofTest) sources.set(path, text)
    super(config, environment, resolver, transformer, sources, ...rest)
  }
}
