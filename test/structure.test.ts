import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(__dirname, '..')
const src = join(root, 'src')

/** The floors, top first (see "The map" in the README). Each name is a folder or a file of src. */
const floors = [
  ['server', 'worker', 'app', 'reactions', 'emails', 'jobs', 'connections'],
  ['academy', 'studio', 'sales', 'integrations', 'insights', 'checkout', 'account', 'admin', 'api', 'demo'],
  ['web'],
  ['crm'],
  ['webhooks'],
  ['leads'],
  ['scoring'],
  ['learning', 'signals', 'sessions', 'community', 'orders'],
  ['courses'],
  ['brand', 'people'],
  ['events', 'mail'],
  ['platform', 'store'],
]
const roof = 0
const ground = floors.length - 1

/** Packages that only some folders may import. */
const onlyIn: Record<string, RegExp> = {
  express:
    /^(server|worker|app|reactions|emails|jobs|academy|studio|sales|integrations|insights|checkout|account|admin|api|demo|web)(\/|\.ts)/,
  stripe: /^checkout\//,
  passport: /^account\//,
  'passport-local': /^account\//,
  nodemailer: /^mail\//,
}

type Import = { from: string; to: string }
type Line = { file: string; number: number; text: string }

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
const imports: Import[] = files.flatMap(importsOf)
const codeLines = ['src', 'scripts', 'test', 'public/js', 'public/editor'].flatMap(folder =>
  linesOf(folder, /\.(ts|js|mjs|c)$/),
)
const viewLines = linesOf('views', /\.ejs$/)
const inside = imports.filter(each => !each.to.startsWith('npm:'))

test('every file of src is on a floor', () => {
  expect(files.filter(file => floorOf(file) === -1)).toEqual([])
})

test('an import points down or stays in its folder', () => {
  const wrong = inside.filter(({ from, to }) => {
    if (nameOf(from) === nameOf(to)) return false
    const [above, below] = [floorOf(from), floorOf(to)]
    return above === roof || above === ground ? below < above : below <= above
  })
  expect(wrong.map(said)).toEqual([])
})

test('the embedded store could be published on its own: it imports nothing from the academy', () => {
  expect(
    inside.filter(({ from, to }) => nameOf(from) === 'store' && nameOf(to) !== 'store').map(said),
  ).toEqual([])
})

test('no files import each other in a cycle, not even for types', () => {
  const next = new Map<string, string[]>()
  for (const { from, to } of inside) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const walk = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const each of next.get(file) ?? []) {
      const cycle = walk(each, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  expect(files.map(file => walk(file, [])).find(Boolean)).toBeUndefined()
})

test.each(Object.entries(onlyIn))('%s is imported only where it belongs', (library, place) => {
  const users = imports.filter(({ to }) => to === `npm:${library}`).map(({ from }) => from)
  expect(users.length).toBeGreaterThan(0)
  expect(users.filter(file => !place.test(file))).toEqual([])
})

test('no file or folder is a drawer for everything', () => {
  const drawers = /(^|\/)(utils?|helpers?|common|misc|shared|lib|services?|managers?)(\/|\.ts|$)/
  expect(files.filter(file => drawers.test(file))).toEqual([])
})

test('every export has a name, and no file re-exports from another', () => {
  const wrong = files.filter(file =>
    /^export (default|\*|\{[^}]*\} from)/m.test(readFileSync(join(src, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('the time is read from the clock only, so that tests can move it', () => {
  const wrong = files
    .filter(file => !file.startsWith('store/') && file !== 'platform/clock.ts')
    .filter(file => /\bnew Date\(\)/.test(readFileSync(join(src, file), 'utf8')))
  expect(wrong).toEqual([])
})

test('lines of code and comments have at most 120 columns', () => {
  expect(codeLines.filter(({ text }) => text.length > 120 && !isLongLiteral(text)).map(place)).toEqual([])
})

test('lines of templates have at most 140 columns and one control tag', () => {
  const tags = (text: string) => text.match(/<%(?![=#%-])/g)?.length ?? 0
  expect(viewLines.filter(({ text }) => text.length > 140 || tags(text) > 1).map(place)).toEqual([])
})

test('the groups that npm test runs contain each folder of tests once, or all its parts', () => {
  const groups = readdirSync(join(__dirname, 'groups')).map(file =>
    readFileSync(join(__dirname, 'groups', file), 'utf8'),
  )
  const shares: Record<string, number> = {}
  for (const text of groups) {
    const [, names, parts = '1'] = /runTogether\(\[(.*)\](?:, \d, (\d))?\)/.exec(text)!
    for (const [, folder] of names!.matchAll(/'(\w+)'/g)) {
      shares[folder!] = (shares[folder!] ?? 0) + 1 / Number(parts)
    }
  }
  const folders = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .filter(file => file.includes('/') && file.endsWith('.test.ts'))
    .map(dirname)
    .filter(folder => !['groups', 'store'].includes(folder))
  expect(shares).toEqual(Object.fromEntries(folders.map(folder => [folder, 1])))
  expect(new Set(groups).size).toBe(groups.length)
})

/** A line that is one string, template or regular expression, at most with its key: it can't be broken. */
function isLongLiteral(line: string): boolean {
  return /^\s*(?:[\w'-]+: )?(?:['"`]|\/(?![/*]))/.test(line)
}

function linesOf(folder: string, endings: RegExp): Line[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => endings.test(file))
    .flatMap(file =>
      readFileSync(join(root, folder, file), 'utf8')
        .split('\n')
        .map((text, index) => ({ file: `${folder}/${file}`, number: index + 1, text })),
    )
}

function place({ file, number, text }: Line): string {
  return `${file}:${number}: ${text.trim()}`
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found = [
    ...text.matchAll(/^(import|export)[^'"]*?from '([^']+)'/gms),
    ...text.matchAll(/()(?:await import|require)\('([^']+)'\)/g),
  ]
  return found.map(match => {
    const to = match[2]!
    return {
      from: file,
      to: to.startsWith('.') ? `${relative(src, resolve(src, dirname(file), to))}.ts` : `npm:${to}`,
    }
  })
}

function nameOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '')
}

function floorOf(file: string): number {
  return floors.findIndex(names => names.includes(nameOf(file)))
}

function said({ from, to }: Import): string {
  return `${from} imports ${to}`
}
