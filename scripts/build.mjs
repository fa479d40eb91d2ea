// Compiles the TypeScript files that have changed to JavaScript in dist: `node scripts/build.mjs [--watch]
// [folder…]`. The folders are src and scripts by default. `npm run types` checks the types, so the first start does
// not wait for that. The studio's editor is bundled too, see scripts/build-editor.mjs, and what pages load is made
// smaller, see scripts/build-assets.mjs.
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
import { buildAssets } from './build-assets.mjs'
import { buildEditor } from './build-editor.mjs'
import { lazy } from './lazy-modules.cjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const named = process.argv.slice(2).filter(word => !word.startsWith('--'))
const folders = named.length ? named : ['src', 'scripts']

await Promise.all([buildEditor().then(buildAssets), ...folders.map(build)])
if (process.argv.includes('--watch')) {
  for (const folder of [...folders, 'public/editor']) {
    watch(join(root, folder), { recursive: true }, () => {
      // A file may be half written. Its next change builds it again.
      const building = folder === 'public/editor' ? buildEditor() : build(folder)
      building.catch(error => console.error(error.message))
    })
  }
}

async function build(folder) {
  const [from, to] = [join(root, folder), join(root, 'dist', folder)]
  const sources = readdirSync(from, { recursive: true }).filter(file => file.endsWith('.ts'))
  await Promise.all(sources.map(file => transpile(join(from, file), join(to, `${file.slice(0, -3)}.js`))))
  const names = new Set(sources.map(file => file.slice(0, -3)))
  for (const file of readdirSync(to, { recursive: true })) {
    const source = /^(.+)\.js(\.map)?$/.exec(file)?.[1]
    if (source && !names.has(source)) rmSync(join(to, file))
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
  // Renamed when complete, so that an interrupted build leaves no partial file that looks newer than its source.
  writeFileSync(`${target}.${process.pid}`, code)
  renameSync(`${target}.${process.pid}`, target)
}
