// Checks the types and the lint rules of all TypeScript files, as `npm run types` and `npm run lint` do. Most lint
// rules ask for types: here, both checks have the same program, so what one of them works out is there for the other.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const programs = ['public/editor/tsconfig.json', 'tsconfig.json'].map(openProgram)
const errors = programs.flatMap(program => ts.getPreEmitDiagnostics(program))
if (errors.length) {
  const host = { getCurrentDirectory: () => root, getCanonicalFileName: name => name, getNewLine: () => '\n' }
  console.log(ts.formatDiagnostics(errors, host))
}

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: join(root, 'scripts/eslint.config.mjs'),
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, programs } },
  },
})
const results = await eslint.lintFiles(['.'])
const { format } = await eslint.loadFormatter('stylish')
const report = await format(results)
if (report) console.log(report)
process.exit(errors.length || results.some(({ errorCount }) => errorCount) ? 1 : 0)

function openProgram(config) {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: error => {
      throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
    },
  }
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(join(root, config), {}, host)
  return ts.createProgram({
    rootNames: fileNames,
    options: { ...options, noEmit: true, incremental: false, tsBuildInfoFile: undefined },
    configFileParsingDiagnostics: errors,
  })
}
