// Bundles the studio's visual editor to dist/public/js, unless the bundle is newer than everything in it. The pages of
// the studio are the only ones that load it.
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundle = join(root, 'dist/public/js/lesson-editor.js')
/** The editor reads Markdown with the academy's own rules. */
const sources = ['public/editor', 'src/courses', 'package.json', 'scripts/build-editor.mjs']

/** Bundles the editor if it has changed. Says how large the new bundle is, compressed as browsers get it. */
export async function buildEditor() {
  if (existsSync(bundle) && sources.every(source => newest(join(root, source)) < statSync(bundle).mtimeMs))
    return
  // Renamed when complete: several processes may build at once.
  const outfile = `${bundle}.${process.pid}.js`
  await build({
    entryPoints: [join(root, 'public/editor/lesson-editor.ts')],
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
  renameSync(outfile, bundle)
  const size = gzipSync(readFileSync(bundle), { level: 9 }).length
  console.log(`The studio's editor: ${(size / 1000).toFixed(0)} kB with gzip`)
}

function newest(path) {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs
  return Math.max(...readdirSync(path).map(name => newest(join(path, name))))
}
