// How `npm test` runs all tests: those that load the app in groups (run-together.ts), the others one by one.
const { jest: config } = require('../../package.json')

module.exports = {
  ...config,
  rootDir: '../..',
  testMatch: ['groups', 'store']
    .map(folder => `<rootDir>/test/${folder}/*.test.ts`)
    .concat('<rootDir>/test/*.test.ts'),
}
