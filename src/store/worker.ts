import { parentPort, workerData } from 'node:worker_threads'
import { openEngine, type EngineOptions } from './engine'
import { startBeating } from './watchdog'

/** The store's thread. It opens the engine, reports that, and closes it on request. */
async function main(): Promise<void> {
  const options = workerData as EngineOptions
  const engine = await openEngine(options)
  startBeating(options.pulse)
  parentPort!.on('message', () => {
    void engine.close().then(() => {
      parentPort!.postMessage({ closed: true })
      parentPort!.close()
    })
  })
  parentPort!.postMessage({ open: true })
}

main().catch((error: unknown) =>
  parentPort!.postMessage({ failed: error instanceof Error ? error.message : String(error) }),
)
