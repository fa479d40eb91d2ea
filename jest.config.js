// Packages that ship only ES modules: Jest cannot require them, so SWC turns them into CommonJS.
const esmOnly = [
  'ipaddr.js',
  'markdown-it',
  'entities',
  'linkify-it',
  'mdurl',
  'uc.micro',
  'i18next-fs-backend',
]

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/setup/stores.ts',
  globalTeardown: '<rootDir>/test/setup/stop-stores.ts',
  setupFiles: ['<rootDir>/test/setup/settings.ts'],
  maxWorkers: 2,
  testTimeout: 20_000,
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
}
