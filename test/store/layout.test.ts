import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'

const store = join(__dirname, '..', '..', 'src', 'store')
const files = (readdirSync(store, { recursive: true }) as string[]).filter(file => file.endsWith('.ts'))
const sources = new Map(files.map(file => [file, readFileSync(join(store, file), 'utf8')]))

function importsOf(file: string): string[] {
  return [...sources.get(file)!.matchAll(/^import[^'"]*? from '(\.[^']+)'/gms)].map(
    ([, path]) => `${relative(store, resolve(store, dirname(file), path!))}.ts`,
  )
}

test('no files of the store import each other in a circle, not even types', () => {
  const done = new Set<string>()
  const cycleFrom = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of importsOf(file)) {
      const cycle = cycleFrom(next, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  expect(files.map(file => cycleFrom(file, [])).find(Boolean)).toBeUndefined()
  expect(done.size).toBe(files.length)
})

test('the store imports only its own files, Node, and the packages bson, lmdb and mongodb', () => {
  const foreign = files.flatMap(file =>
    [...sources.get(file)!.matchAll(/(?:from|import|require)\s*\(?\s*'([^']+)'/g)]
      .map(([, path]) => path!)
      .filter(path => !isBuiltin(path) && !['bson', 'lmdb', 'mongodb'].includes(path))
      .filter(
        path =>
          !path.startsWith('.') || relative(store, resolve(store, dirname(file), path)).startsWith('..'),
      )
      .map(path => `${file} imports ${path}`),
  )
  expect(foreign).toEqual([])
})

test('every exported name of the store is declared once, and no file name is used three times', () => {
  const exported = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm
  // Overloads repeat a name within its file.
  const names = files.flatMap(file => [
    ...new Set([...sources.get(file)!.matchAll(exported)].map(([, name]) => name!)),
  ])
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  const fileNames = files.map(file => basename(file))
  expect(fileNames.filter(name => fileNames.filter(other => other === name).length > 2)).toEqual([])
})
