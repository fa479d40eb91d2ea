import type { Document } from 'bson'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accumulators } from '../../src/store/accumulators'
import { stageNames } from '../../src/store/aggregate'
import { administration } from '../../src/store/commands/administration'
import { connection } from '../../src/store/commands/connection'
import { reads } from '../../src/store/commands/reads'
import { writes } from '../../src/store/commands/writes'
import { expressionOperatorNames } from '../../src/store/expression'
import { filterOperatorNames } from '../../src/store/filter'
import { updateOperatorNames } from '../../src/store/update-operators'
import { commandCases } from './manual/command-cases'
import { expressionCases } from './manual/expression-cases'
import { filterCases } from './manual/find-cases'
import { indexCases } from './manual/index-cases'
import { accumulatorCases, stageCases } from './manual/pipeline-cases'
import { currentDateCase, updateCases } from './manual/update-cases'

const root = join(__dirname, '..', '..')

/** Returns the text of every source file of the application and its scripts, without the store. */
function applicationSources(): Array<{ file: string; source: string }> {
  return ['src', 'scripts'].flatMap(folder =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter(file => /\.(ts|mjs)$/.test(file) && !(folder === 'src' && file.startsWith('store')))
      .map(file => ({ file: `${folder}/${file}`, source: readFileSync(join(root, folder, file), 'utf8') })),
  )
}

/**
 * Returns the operators in a source text: `$name`, but not in a template, not within a longer name, and not as a string
 * value, which is the path of a field. Positional operators are found in the paths of updates.
 */
function operatorsIn(source: string): string[] {
  const names = [...source.matchAll(/(?<![\w`$\\])(['"]?)\$([a-z][A-Za-z]*)(\1\s*:)?/g)]
    .filter(([, quote, , key]) => quote === '' || key !== undefined)
    .map(([, , name]) => `$${name}`)
  const positions = [...source.matchAll(/['"`][\w.]+\.(\$(?:\[\w*\])?)(?=[.'"`])/g)].map(([, position]) =>
    position!.replace(/\[\w+\]/, '[name]'),
  )
  return [...names, ...positions]
}

type Context = 'filter' | 'update' | 'stage' | 'accumulator' | 'expression'

/** The operators that have at least one case in `manual/`, by the context in which they are used. */
const covered: Record<Context, Set<string>> = {
  filter: new Set(),
  update: new Set(),
  stage: new Set(),
  accumulator: new Set(),
  expression: new Set(),
}

for (const [, , filter] of filterCases) coverFilter(filter)
for (const { filter } of indexCases) coverFilter(filter)
for (const [, , , update, , options] of updateCases) {
  if (options?.filter) coverFilter(options.filter)
  if (Array.isArray(update)) coverPipeline(update)
  else coverUpdate(update)
}
coverUpdate(currentDateCase.update)
for (const [, , , pipeline] of [...stageCases, ...accumulatorCases]) coverPipeline(pipeline)
for (const [expression] of Object.values(expressionCases).flat()) coverExpression(expression)

function isPlain(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function coverFilter(filter: Document): void {
  for (const [name, value] of Object.entries(filter)) {
    if (name.startsWith('$')) covered.filter.add(name)
    if (name === '$expr') coverExpression(value)
    else for (const each of [value].flat()) if (isPlain(each)) coverFilter(each)
  }
}

function coverUpdate(update: Document): void {
  for (const [operator, fields] of Object.entries(update).filter(([name]) => name.startsWith('$'))) {
    covered.update.add(operator)
    for (const [path, argument] of Object.entries(fields as Document)) {
      for (const part of path.split('.').filter(each => each.startsWith('$')))
        covered.update.add(part.replace(/\[\w+\]/, '[name]'))
      if (isPlain(argument))
        for (const name of Object.keys(argument)) if (name.startsWith('$')) covered.update.add(name)
    }
  }
}

function coverPipeline(pipeline: Document[]): void {
  for (const stage of pipeline)
    for (const [name, argument] of Object.entries(stage)) {
      covered.stage.add(name)
      if (name === '$match') coverFilter(argument)
      else if (name === '$group')
        for (const spec of Object.values(argument as Document).filter(isPlain))
          for (const [accumulator, value] of Object.entries(spec)) {
            if (accumulator.startsWith('$')) covered.accumulator.add(accumulator)
            coverExpression(value)
          }
      else if (name === '$facet') Object.values(argument as Document).forEach(coverPipeline)
      else coverExpression(argument)
    }
}

function coverExpression(expression: unknown): void {
  if (Array.isArray(expression)) expression.forEach(coverExpression)
  else if (isPlain(expression))
    for (const [name, argument] of Object.entries(expression)) {
      if (name.startsWith('$')) covered.expression.add(name)
      if (name !== '$literal') coverExpression(argument)
    }
}

test.each<[Context, string[]]>([
  ['filter', filterOperatorNames],
  ['update', [...updateOperatorNames, '$', '$[]', '$[name]']],
  ['stage', stageNames],
  ['accumulator', Object.keys(accumulators)],
  ['expression', expressionOperatorNames],
])("every %s operator that the store supports has a case from MongoDB's manual", (context, supported) => {
  expect(supported.filter(name => !covered[context].has(name))).toEqual([])
})

/** Names of older drivers for the same commands. */
const aliases = ['isMaster', 'ismaster', 'buildinfo', 'findandmodify']
const commandNames = Object.keys({ ...connection, ...reads, ...writes, ...administration }).filter(
  name => !aliases.includes(name),
)

test('every command that the store supports has a case', () => {
  // MongoDB has no command for backups; backup.test.ts has the cases of this one.
  const known = new Set([...commandCases.map(([, , command]) => Object.keys(command)[0]), 'backup'])
  expect(commandNames.filter(name => !known.has(name))).toEqual([])
})

test("the tables of the store's README are complete", () => {
  const readme = readFileSync(join(root, 'src', 'store', 'README.md'), 'utf8')
  const row = (title: string) => {
    const line = readme.split('\n').find(each => each.startsWith(`| ${title} |`))!
    return [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).sort()
  }
  expect(row('commands')).toEqual(commandNames.sort())
  expect(row('filters')).toEqual([...filterOperatorNames].sort())
  expect(row('updates')).toEqual([...updateOperatorNames, '$', '$[]', '$[name]'].sort())
  expect(row('stages')).toEqual([...stageNames].sort())
  expect(row('accumulators')).toEqual(Object.keys(accumulators).sort())
  expect(readme).toContain(`| expressions | ${expressionOperatorNames.length} operators `)
})

test('every operator that the application uses has a case', () => {
  const all = new Set(Object.values(covered).flatMap(names => [...names]))
  const used = applicationSources().flatMap(({ file, source }) =>
    operatorsIn(source).map(name => ({ file, name })),
  )
  expect(new Set(used.map(({ name }) => name)).size).toBeGreaterThan(20)
  expect(used.filter(({ name }) => !all.has(name)).map(({ file, name }) => `${file}: ${name}`)).toEqual([])
})

test('every index option that the application uses has a case', () => {
  const known = new Set(indexCases.flatMap(({ options }) => Object.keys(options ?? {})))
  const options = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds']
  const used = applicationSources().flatMap(({ source }) =>
    options.filter(option => new RegExp(`\\b${option}: `).test(source)),
  )
  expect([...new Set(used)].filter(option => !known.has(option))).toEqual([])
})

test('every method by which the application sends commands is called in application.test.ts', () => {
  const methods = [
    ...[
      'find',
      'findOne',
      'findById',
      'find(?:One|ById)And[A-Z]\\w+',
      'updateOne',
      'updateMany',
      'replaceOne',
    ],
    ...['deleteOne', 'deleteMany', 'insertOne', 'insertMany', 'create', 'save', 'bulkWrite', 'aggregate'],
    ...[
      'distinct',
      'countDocuments',
      'estimatedDocumentCount',
      'exists',
      'createIndex(?:es)?',
      'syncIndexes',
    ],
    ...['dropIndex(?:es)?', 'cursor', 'ping'],
  ]
  const calls = new RegExp(`\\.(${methods.join('|')})\\(`, 'g')
  const called = (source: string) => [...source.matchAll(calls)].map(([, name]) => name!)
  const own = new Set(called(readFileSync(join(__dirname, 'application.test.ts'), 'utf8')))
  const used = new Set(applicationSources().flatMap(({ source }) => called(source)))
  expect(used.size).toBeGreaterThan(15)
  expect([...used].filter(name => !own.has(name))).toEqual([])
})

test('the application uses no transactions, change streams or server-side JavaScript', () => {
  for (const { source } of applicationSources())
    expect(source).not.toMatch(/\.(watch|mapReduce)\(\s*\[|startTransaction\(|withTransaction\(/)
})
