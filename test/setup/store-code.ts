import { transformFileSync } from '@swc/core'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(__dirname, '..', '..')
/** Several checkouts may share `node_modules` through a link, so each has its own cache. */
const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8)
const cache = join(root, 'node_modules', '.cache', `lyceum-${checkout}`)

/** Transpiles the store, because a worker thread cannot run TypeScript. Returns the folder with the JavaScript. */
export function transpileStore(): string {
  return transpile(join(root, 'src', 'store'), join(cache, 'store'))
}

/**
 * Transpiles the server for tests that run it as a process. Views and public files are linked next to it, as in a
 * build. Returns the path of `server.js`.
 */
export function transpileServer(): string {
  const home = join(cache, 'server')
  const code = transpile(join(root, 'src'), join(home, 'dist', 'src'))
  for (const folder of ['views', 'public']) {
    rmSync(join(home, folder), { force: true })
    symlinkSync(join(root, folder), join(home, folder), 'dir')
  }
  const built = join('dist', 'public')
  rmSync(join(home, built), { force: true })
  symlinkSync(join(root, built), join(home, built), 'dir')
  return join(code, 'server.js')
}

/** Transpiles the files that have changed. Returns the target folder. */
function transpile(from: string, to: string): string {
  for (const file of readdirSync(from, { recursive: true }) as string[]) {
    if (!file.endsWith('.ts')) continue
    const source = join(from, file)
    const target = join(to, `${file.slice(0, -3)}.js`)
    if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) continue
    const { code } = transformFileSync(source, {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
      sourceFileName: relative(root, source),
    })
    mkdirSync(dirname(target), { recursive: true })
    const made = `${target}.${process.pid}`
    writeFileSync(made, code)
    renameSync(made, target)
  }
  return to
}
