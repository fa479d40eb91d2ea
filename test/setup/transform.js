// Compiles what the tests import, with the same modules loaded when first used as in a build: most test files need few
// of them.
const { createTransformer } = require('@swc/jest')
const { lazy } = require('../../scripts/lazy-modules.cjs')

module.exports = createTransformer({
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs', lazy },
})
