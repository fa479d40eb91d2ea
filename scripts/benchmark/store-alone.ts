import { join } from 'node:path'
import { startStore } from '../../src/store/start'

// Starts the store in a process of its own, so that the academy's memory can be measured without it.
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
