import { unsupportedRefusals } from './refusals'
import { endStore } from './store-process'

/** Fails the run when the application asked for what the store does not have, even where no test noticed. */
async function stopStores(): Promise<void> {
  const stores = globalThis.lyceumStores ?? []
  const refused = stores.flatMap(({ folder }) => unsupportedRefusals(folder))
  await Promise.all(stores.map(store => endStore(store)))
  if (refused.length > 0) throw new Error(`The embedded store refused:\n${[...new Set(refused)].join('\n')}`)
}

export = stopStores
