import { unsupportedErrors } from './store-errors'
import { endStore } from './store-process'

/** Fails the run when the application asked for something that the store does not have, even if no test noticed. */
async function stopStores(): Promise<void> {
  const stores = globalThis.lyceumStores ?? []
  const unsupported = stores.flatMap(({ folder }) => unsupportedErrors(folder))
  await Promise.all(stores.map(store => endStore(store)))
  if (unsupported.length > 0)
    throw new Error(`The embedded store does not support:\n${[...new Set(unsupported)].join('\n')}`)
}

export = stopStores
