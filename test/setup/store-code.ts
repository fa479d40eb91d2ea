import { transformFileSync } from '@swc/core'
import { mkdirSync, readdirSync, statSync, writeFileSync, existsSync, renameSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(__dirname, '..', '..')
const from = join(root, 'src', 'store')
const to = join(root, 'node_modules', '.cache', 'lyceum-store')

/** A thread cannot run TypeScript, so tests turn the store into JavaScript first, file by file where it changed. */
export function transpileStore(): string {
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
