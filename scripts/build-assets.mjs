// Makes what production serves of public/js and public/css, in dist/assets: minified, with what several scripts import
// in files whose names change with their content, and compressed once, unless that is newer than its sources.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'dist/assets')
const sources = ['public/js', 'public/css', 'dist/public/js', 'scripts/build-assets.mjs']

/** Builds the scripts and stylesheets, after the studio's bundles, which are only compressed. */
export async function buildAssets() {
  if (existsSync(target) && sources.every(source => newest(join(root, source)) < statSync(target).mtimeMs))
    return
  // Renamed when complete, so that several processes can build at once and an interrupted build leaves nothing.
  const made = `${target}.${process.pid}`
  rmSync(made, { recursive: true, force: true })
  const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning' }
  await Promise.all([
    build({
      ...shared,
      entryPoints: filesIn('public/js', '.js'),
      outdir: join(made, 'js'),
      format: 'esm',
      target: 'es2022',
      splitting: true,
      chunkNames: '[hash]',
    }),
    build({
      ...shared,
      entryPoints: filesIn('public/css', '.css'),
      outdir: join(made, 'css'),
      external: ['/fonts/*'],
    }),
  ])
  for (const file of filesIn('dist/public/js', '.js'))
    writeFileSync(join(made, 'js', file.split('/').at(-1)), readFileSync(file))
  for (const file of readdirSync(made, { recursive: true }).filter(name => /\.(js|css)$/.test(name)))
    compress(join(made, file))
  rmSync(target, { recursive: true, force: true })
  renameSync(made, target)
}

function filesIn(folder, ending) {
  return readdirSync(join(root, folder))
    .filter(name => name.endsWith(ending))
    .map(name => join(root, folder, name))
}

function compress(file) {
  const bytes = readFileSync(file)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

function newest(path) {
  if (!existsSync(path)) return 0
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
}
