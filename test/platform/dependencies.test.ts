import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/platform/root'

type Package = { version: string; integrity?: string; hasInstallScript?: true; optional?: true }

const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const manifest = read('package.json') as Record<'dependencies' | 'devDependencies', Record<string, string>>
const locked = read('package-lock.json').packages as Record<string, Package>
const installed = Object.entries(locked).filter(([path]) => path)

test('every dependency has one exact version, the one that is locked', () => {
  const named = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  expect(named.filter(([name, version]) => locked[`node_modules/${name}`]?.version !== version)).toEqual([])
})

test('every package that is installed on this kind of computer is checked against its hash', () => {
  const isRequired = ([, { integrity, optional }]: [string, Package]) => !integrity && !optional
  expect(installed.filter(isRequired).map(([path]) => path)).toEqual([])
})

test('nothing runs at installation but the packages that look for what was built for this computer', () => {
  const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
  expect(scripts.sort()).toEqual(
    ['@parcel/watcher', '@swc/core', 'esbuild', 'lmdb', 'msgpackr-extract'].map(
      name => `node_modules/${name}`,
    ),
  )
})
