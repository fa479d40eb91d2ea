// Turns TypeScript into the JavaScript of dist, file by file and only what has changed: `node scripts/build.mjs [--watch] [folder…]`, src and
// scripts unless said. Types are not looked at here (that is `npm run types`), so a first start does not wait for them.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformFile } from '@swc/core'

/** What only some pages or settings need is read when it is first used: a start is shorter and a process smaller by what nobody has used. */
const lazy = [
  ...[
    'sanitize-html',
    './markdown',
    '../courses/markdown',
    'yaml',
    'multer',
    'rate-limiter-flexible',
    'csv-stringify/sync',
    'yauzl',
    'yazl',
  ],
  ...['@node-rs/argon2', 'standardwebhooks', 'tldts', './store/start'],
]
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const named = process.argv.slice(2).filter(word => !word.startsWith('--'))
const folders = named.length ? named : ['src', 'scripts']

await Promise.all(folders.map(build))
if (process.argv.includes('--watch')) {
  for (const folder of folders) {
    watch(join(root, folder), { recursive: true }, () => {
      // A file that is half written is read again when it is whole.
      build(folder).catch(error => console.error(error.message))
    })
  }
}

async function build(folder) {
  const [from, to] = [join(root, folder), join(root, 'dist', folder)]
  const sources = readdirSync(from, { recursive: true }).filter(file => file.endsWith('.ts'))
  await Promise.all(sources.map(file => transpile(join(from, file), join(to, `${file.slice(0, -3)}.js`))))
  const kept = new Set(sources.map(file => file.slice(0, -3)))
  for (const file of readdirSync(to, { recursive: true })) {
    const source = /^(.+)\.js(\.map)?$/.exec(file)?.[1]
    if (source && !kept.has(source)) rmSync(join(to, file))
  }
}

async function transpile(source, target) {
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return
  const { code } = await transformFile(source, {
    swcrc: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', lazy },
  })
  mkdirSync(dirname(target), { recursive: true })
  // Moved when whole: a build that is cut off leaves no half file that looks newer than its source.
  writeFileSync(`${target}.${process.pid}`, code)
  renameSync(`${target}.${process.pid}`, target)
}
