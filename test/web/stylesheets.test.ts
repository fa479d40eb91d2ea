import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, type Visitor } from '../kit/as'

const folder = 'public/css'
const components = readdirSync(join(folder, 'base'))

let academy: Academy
let visitor: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  visitor = await anonymous()
})
afterAll(() => academy.close())

test('the base stylesheet arrives in one piece, with every component inside a layer', async () => {
  const { text, headers } = await visitor.get('/css/base.css').expect(200)
  expect(headers['content-type']).toBe('text/css; charset=utf-8')
  expect(text).not.toContain('@import')
  expect(text.split('@layer tokens, reset, base, components;')).toHaveLength(2)
  for (const file of components) expect(text).toContain(readFileSync(join(folder, 'base', file), 'utf8'))
})

test('every component is imported', () => {
  const imported = readFileSync(join(folder, 'base.css'), 'utf8')
  expect(components.filter(file => !imported.includes(`'base/${file}'`))).toEqual([])
})

test('no page loads more than four stylesheets', async () => {
  for (const path of ['/', '/sign-up', '/demo/crm']) {
    const { text } = await visitor.get(path).expect(200)
    const sheets = text.match(/<link rel="stylesheet"/g)!
    expect(sheets.length).toBeLessThanOrEqual(4)
  }
})

test('every class of the stylesheets is used by a view, a chart or a script', () => {
  const sources = [
    ...textsIn('views', '.ejs'),
    ...textsIn('src', '.ts'),
    ...textsIn('public/js', '.js'),
    ...textsIn('public/editor', '.ts'),
    // The editor's library has classes of its own.
    ...['view', 'gapcursor', 'tables'].flatMap(name =>
      textsIn(`node_modules/prosemirror-${name}/dist`, '.js'),
    ),
    ...textsIn('views', '.json'),
  ].join('\n')
  const words = new Set(sources.match(/[a-z][\w-]*/gi))
  // A class name may be composed: `flash-<%= kind %>` or `g-${family}` uses every class that begins like this.
  const prefixes = [...new Set([...sources.matchAll(/([a-z][a-z-]*-)(?:\$\{|<%=)/g)].map(match => match[1]!))]
  const unused = [...new Set(textsIn(folder, '.css').flatMap(classesIn))].filter(
    name => !words.has(name) && !prefixes.some(prefix => name.startsWith(prefix)),
  )
  expect(unused).toEqual([])
})

function classesIn(css: string): string[] {
  const selectors = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\{[^{}]*\}/g, '{}')
  return [...selectors.matchAll(/\.(-?[a-z][\w-]*)/gi)].map(match => match[1]!)
}

function textsIn(place: string, ending: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => readFileSync(join(place, file), 'utf8'))
}
