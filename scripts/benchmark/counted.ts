import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { createApp } from '../../src/app'
import { config } from '../../src/platform/config'
import { connectDatabase } from '../../src/platform/database'
import { keepBy } from '../../src/platform/retained'
import { startStore } from '../../src/store/start'

// Serves the app without its worker. `GET /commands` returns the database commands since the last such request.
let commands: string[] = []

async function serve(): Promise<void> {
  const store = await startStore({ folder: join(config.dataDir, 'store') })
  await connectDatabase(`${store.uri}&monitorCommands=true`, 'lyceum')
  keepBy(store.stamps)
  mongoose.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    commands.push(`${commandName} ${command[commandName]}`)
  })
  const app = createApp()
  const server = createServer((request, response) => {
    if (request.url !== '/commands') return app(request, response)
    response.end(JSON.stringify(commands))
    commands = []
  })
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  process.once('SIGTERM', () => void store.close().then(() => process.exit(0)))
}

void serve()
