// Runs a TypeScript file in its own process. The store's modules come from the folder that `transpileStore` wrote.
const { readFileSync } = require('node:fs')
const { transformSync } = require('@swc/core')

require.extensions['.ts'] = (module, file) => {
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    filename: file,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  })
  module._compile(code, file)
}

const storeCode = process.env.LYCEUM_STORE_CODE
const { Module } = require('node:module')
const resolve = Module._resolveFilename
Module._resolveFilename = (request, ...rest) =>
  resolve.call(Module, request.replace(/^.*\/src\/store\//, `${storeCode}/`), ...rest)

process.argv.splice(1, 1)
require(process.argv[1])
