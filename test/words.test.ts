import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(__dirname, '..')
const views = join(root, 'views')

const texts = Object.fromEntries(
  readdirSync(join(views, 'locales/en')).map(file => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(views, 'locales/en', file), 'utf8')) as object,
  ]),
)
const known = new Set(
  Object.entries(texts).flatMap(([namespace, tree]) => keysOf(tree).map(key => `${namespace}:${key}`)),
)
const sources = [
  ...under(views, '.ejs'),
  ...under(join(root, 'src'), '.ts'),
  ...under(join(root, 'public/js'), '.js'),
].map(file => ({ file: file.slice(root.length + 1), text: readFileSync(file, 'utf8') }))

test('every text that a page asks for is there', () => {
  const missing = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/['"`]([a-z]+:[a-zA-Z0-9]+(?:\.[a-zA-Z0-9_-]+)*)['"`]/g)]
      .map(match => match[1]!)
      .filter(
        key => key.split(':')[0]! in texts && !known.has(key) && !known.has(`${key}_one`) && !isBranch(key),
      )
      .map(key => `${file}: ${key}`),
  )
  expect(missing).toEqual([])
})

test('no text is left over that no page asks for', () => {
  const all = sources.map(({ text }) => text).join('\n')
  // A key may be put together: `academy:level.${course.level}` asks for all below `academy:level.`.
  const prefixes = [...all.matchAll(/['"`]([a-z]+:[a-zA-Z0-9.]*)(?:\$\{|['"`] \+)/g)].map(match => match[1]!)
  const unused = [...known].filter(key => {
    const base = key.replace(/_(one|other|zero)$/, '')
    return (
      !all.includes(base) &&
      !prefixes.some(prefix => key.startsWith(prefix) && prefix.length > key.indexOf(':') + 1)
    )
  })
  expect(unused).toEqual([])
})

test('no page has words of its own beside the translations', () => {
  const wrong = sources
    .filter(({ file }) => file.endsWith('.ejs'))
    .flatMap(({ file, text }) =>
      text
        .replace(/<%[\s\S]*?%>/g, ' ')
        .replace(/<[^>]*>/g, ' ')
        .replace(/&[a-z0-9#]+;/g, ' ')
        .split('\n')
        .filter(line => /\p{L}{2,}/u.test(line))
        .map(line => `${file}: ${line.trim()}`),
    )
  expect(wrong).toEqual([])
})

/** A part of the tree that texts are put together from: `academy:needsAssessment` with `.title` behind it. */
function isBranch(key: string): boolean {
  return [...known].some(each => each.startsWith(`${key}.`))
}

function keysOf(tree: object, before = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [before + key] : keysOf(value as object, `${before}${key}.`),
  )
}

function under(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(folder, file))
}
