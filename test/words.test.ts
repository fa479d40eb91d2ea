import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { oldIdentifiers, oldLabels, oldNameParts, oldPhrases } from './old-words'

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
/** All source files. The demo's courses are texts. */
const codeFiles = ['src', 'scripts', 'test', 'public/js', 'public/editor']
  .flatMap(folder => under(join(root, folder), ''))
  .map(file => file.slice(root.length + 1))
  .filter(file => /\.\w+$/.test(file) && !file.startsWith('scripts/demo/courses/'))
const exported = codeFiles.filter(file => /\.(ts|js|mjs)$/.test(file)).flatMap(exportsOf)

test('every text that a page uses exists', () => {
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

test('every text is used by a page or by another text', () => {
  // The starters of legal pages name the brand: `{{legalName}}`.
  const named = under(join(views, 'legal-pages'), '.md').flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => `brand:${name}`),
  )
  const all = [...sources.map(({ text }) => text), ...nestedKeys(), ...named].join('\n')
  // A key may be composed: `academy:level.${course.level}` uses every text below `academy:level.`.
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

test('no view contains text that is not translated', () => {
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

test('the interface, courses and emails contain none of the old phrases', () => {
  const wrong = readerTexts().flatMap(({ place, text }) => {
    const plain = text.toLowerCase()
    const phrase = oldPhrases.find(each => plain.includes(each))
    const label = oldLabels.find(each => each === plain.trim())
    return phrase || label ? [`${place}: “${phrase ?? label}”`] : []
  })
  expect(wrong).toEqual([])
})

test('files, folders and exports have none of the old names', () => {
  const named = [
    ...codeFiles.flatMap(file =>
      file.split('/').map(part => ({ name: part.replace(/\.[a-z.]+$/, ''), place: file })),
    ),
    ...exported.map(({ name, file }) => ({ name, place: file })),
  ]
  const wrong = named.filter(({ name, place }) => {
    if (oldIdentifiers.includes(name)) return true
    if (partsOf(name).some(part => oldNameParts.anywhere.includes(part))) return true
    const folder = Object.keys(oldNameParts.inFolder).find(each => place.startsWith(each))
    return folder !== undefined && partsOf(name).some(part => oldNameParts.inFolder[folder]!.includes(part))
  })
  expect([...new Set(wrong.map(({ name, place }) => `${place}: ${name}`))]).toEqual([])
})

test('no two files of src export the same name', () => {
  const places = new Map<string, string[]>()
  for (const { name, file } of exported) {
    if (!file.startsWith('src/') || isAction(file, name)) continue
    // The embedded store knows nothing of the academy, so its names don't collide with others.
    const key = file.startsWith('src/store/') ? `store: ${name}` : name
    places.set(key, [...(places.get(key) ?? []), file])
  }
  expect([...places].filter(([, files]) => new Set(files).size > 1)).toEqual([])
})

test('no three files of src have the same name, except for routes and READMEs', () => {
  const kinds = ['routes.ts', 'README.md']
  const places = new Map<string, string[]>()
  for (const file of codeFiles.filter(each => each.startsWith('src/') && !each.startsWith('src/store/'))) {
    const name = basename(file)
    if (!kinds.includes(name)) places.set(name, [...(places.get(name) ?? []), file])
  }
  expect([...places].filter(([, files]) => files.length > 2)).toEqual([])
})

/** Names of handlers that several rooms share: each is an action on the resource of its file. */
const actions = [
  'accept',
  'askRemoval',
  'compose',
  'create',
  'destroy',
  'download',
  'edit',
  'index',
  'load',
  'move',
  'pause',
  'reject',
  'resume',
  'routes',
  'show',
  'update',
  'upload',
]

function isAction(file: string, name: string): boolean {
  const rooms = /^src\/(academy|studio|sales|integrations|insights|checkout|account|admin|api|demo)\//
  return rooms.test(file) && actions.includes(name)
}

/** Returns every text that people read: the translations, emails, the demo's courses and the README. */
function readerTexts(): { place: string; text: string }[] {
  const translations = Object.entries(texts).flatMap(([namespace, tree]) =>
    valuesOf(tree).map(([key, text]) => ({ place: `${namespace}:${key}`, text })),
  )
  const files = [
    ...['.md', '.yml', '.json', '.vtt', '.txt', '.csv'].flatMap(ending =>
      under(join(root, 'scripts/demo'), ending),
    ),
    ...under(join(views, 'legal-pages'), '.md'),
    ...under(join(views, 'mail'), '.ejs'),
    join(root, 'README.md'),
  ]
  const lines = files.flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((text, index) => ({ place: `${file.slice(root.length + 1)}:${index + 1}`, text })),
  )
  return [...translations, ...lines]
}

/** Splits a name into its words: `leadActionLink` and `lead-action-link` are `lead`, `action` and `link`. */
function partsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}

function exportsOf(file: string): { name: string; file: string }[] {
  const declared =
    /^export (?:async )?(?:abstract )?(?:function\*?|const|let|type|interface|class|enum) (\w+)/gm
  return [...readFileSync(join(root, file), 'utf8').matchAll(declared)].map(match => ({
    name: match[1]!,
    file,
  }))
}

/** Returns whether texts exist below the key: a view may add the rest, such as `.title`. */
function isBranch(key: string): boolean {
  return [...known].some(each => each.startsWith(`${key}.`))
}

/** The keys that texts name as `$t(brand:academyName)`. */
function nestedKeys(): string[] {
  return [...JSON.stringify(texts).matchAll(/\$t\(([\w:.]+)/g)].map(match => match[1]!)
}

function keysOf(tree: object, before = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [before + key] : keysOf(value as object, `${before}${key}.`),
  )
}

function valuesOf(tree: object, before = ''): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[before + key, value]] : valuesOf(value as object, `${before}${key}.`),
  )
}

function under(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(folder, file))
}
