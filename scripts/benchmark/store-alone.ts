import { join } from 'node:path'
import { startStore } from '../../src/store/start'

// The store in a process of its own, as a MongoDB would be: what is left is the memory of the pages and the worker.
startStore({ folder: join(process.env.DATA_DIR!, 'store') }).then(
  store => {
    console.log(store.uri.replace('/?', '/lyceum?'))
    process.once('SIGTERM', () => void store.close().then(() => process.exit(0)))
  },
  error => {
    console.error(error)
    process.exit(1)
  },
)
