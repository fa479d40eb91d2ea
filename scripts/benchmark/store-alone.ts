import { join } from 'node:path'
import { startStore } from '../../src/store/start'

// Runs the store in its own process, like MongoDB, so that the application's memory can be measured without it.
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
