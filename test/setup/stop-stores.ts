import { endStore } from './store-process'

async function stopStores(): Promise<void> {
  await Promise.all((globalThis.lyceumStores ?? []).map(store => endStore(store)))
}

export = stopStores
