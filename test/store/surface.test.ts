import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accumulators } from '../../src/store/accumulators'
import { stageNames } from '../../src/store/aggregate'
import { expressionOperatorNames } from '../../src/store/expression'
import { filterOperatorNames } from '../../src/store/filter'
import { updateOperatorNames } from '../../src/store/update-operators'

const root = join(__dirname, '..', '..', 'src')

/** Words with a dollar that go to MongoDB's driver or mongoose, not to the server. */
const others = new Set(['$cursor', '$clone', '$locals', '$session', '$isNew'])

const supported = new Set([
  ...filterOperatorNames,
  ...updateOperatorNames,
  ...stageNames,
  ...expressionOperatorNames,
  ...Object.keys(accumulators),
  '$$ROOT',
  '$$NOW',
  '$$REMOVE',
  '$$CURRENT',
])

/** `$name:` and `'$name':` as keys of objects. */
function operatorsIn(source: string): string[] {
  return [...source.matchAll(/(?<![\w.`${])['"]?(\$[a-zA-Z]+)['"]?\s*:/g)].map(([, name]) => name!)
}

test('the store has every operator that the application asks for', () => {
  const missing: string[] = []
  const found = new Set<string>()
  for (const file of readdirSync(root, { recursive: true }) as string[]) {
    if (!file.endsWith('.ts') || file.startsWith('store')) continue
    for (const name of operatorsIn(readFileSync(join(root, file), 'utf8'))) {
      found.add(name)
      if (!supported.has(name) && !others.has(name)) missing.push(`${file}: ${name}`)
    }
  }
  expect(found.size).toBeGreaterThan(20)
  expect(missing).toEqual([])
})

test('the application uses no transactions, change streams or server-side JavaScript', () => {
  for (const file of readdirSync(root, { recursive: true }) as string[]) {
    if (!file.endsWith('.ts') || file.startsWith('store')) continue
    const source = readFileSync(join(root, file), 'utf8')
    expect(source).not.toMatch(/\.(watch|mapReduce)\(\s*\[|startTransaction\(|withTransaction\(/)
  }
})
