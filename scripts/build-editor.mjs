// Bundles what the studio needs in browsers to dist/public/js, unless the bundles are newer than everything in them.
// The pages of the studio are the only ones that load them.
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** The visual editor, and what the library needs to send files. */
const names = ['lesson-editor', 'file-drop']
/** The editor reads Markdown with the academy's own rules. */
const sources = ['public/editor', 'src/courses', 'package.json', 'scripts/build-editor.mjs']

/** Bundles what has changed. Says how large a new bundle is, compressed as browsers get it. */
export async function buildEditor() {
  await Promise.all(names.map(bundle))
}

async function bundle(name) {
  const target = join(root, `dist/public/js/${name}.js`)
  if (existsSync(target) && sources.every(source => newest(join(root, source)) < statSync(target).mtimeMs))
    return
  // Renamed when complete: several processes may build at once.
  const outfile = `${target}.${process.pid}.js`
  await build({
    entryPoints: [join(root, `public/editor/${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    // One reader of Markdown: the serializer's package would bring another version of it, which nothing uses.
    alias: { 'markdown-it': join(root, 'node_modules/markdown-it') },
    logLevel: 'warning',
  })
  renameSync(outfile, target)
  const size = gzipSync(readFileSync(target), { level: 9 }).length
  console.log(`The studio's ${name}: ${(size / 1000).toFixed(0)} kB with gzip`)
}

function newest(path) {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs
  return Math.max(...readdirSync(path).map(name => newest(join(path, name))))
}
