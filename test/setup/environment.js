// Jest compiles each file anew for each test file: for the thousand modules of the app that is most of what a short test file costs. Here a
// process compiles a file once; each test file still runs it in a context of its own.
const vm = require('node:vm')
const { TestEnvironment } = require('jest-environment-node')

const { compileFunction } = vm
const scripts = new Map()

/** As Node's own, for what Jest asks of it: a function of some parameters, in the context that is given. */
vm.compileFunction = (source, parameters, options) => {
  const { filename, parsingContext } = options
  if (!parsingContext || !filename) return compileFunction(source, parameters, options)
  const known = scripts.get(filename)
  const script = known?.source === source ? known.script : compile(source, parameters, filename)
  if (script !== known?.script) scripts.set(filename, { source, script })
  return script.runInContext(parsingContext)
}

function compile(source, parameters, filename) {
  const head = `(function (${parameters.join(', ')}) {`
  return new vm.Script(`${head}${source}\n})`, { filename, columnOffset: -head.length })
}

module.exports = TestEnvironment
