import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { transpileStore } from './store-code'
import { errorLogOf } from './store-errors'
import { makeFolder, runStore, type RunningStore } from './store-process'

declare global {
  var lyceumStores: RunningStore[] | undefined
}

/** Builds the studio's editor if it has changed, as `npm start` does. */
const buildEditor = () => {
  const code = `import('./scripts/build-editor.mjs').then(({ buildEditor }) => buildEditor())`
  return promisify(execFile)(process.execPath, ['-e', code], { cwd: resolve(__dirname, '../..') })
}

/** Starts a store for each Jest worker, or points all of them at the MongoDB in `MONGODB_URI`. */
async function startStores({ maxWorkers }: { maxWorkers: number }): Promise<void> {
  const built = buildEditor()
  const given = process.env.MONGODB_URI
  const code = given ? '' : transpileStore()
  globalThis.lyceumStores = []
  const names = Array.from({ length: Math.max(1, maxWorkers) }, (_, i) => `LYCEUM_TEST_STORE_${i + 1}`)
  await Promise.all(
    names.map(async name => {
      if (given) process.env[name] = given
      else {
        const folder = makeFolder()
        const store = await runStore(code, folder, { LYCEUM_STORE_ERROR_LOG: errorLogOf(folder) })
        globalThis.lyceumStores!.push(store)
        process.env[name] = store.uri
      }
    }),
  )
  await built
}

export = startStores
