import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import mongoose from 'mongoose'
import { createApp } from '../../src/app'
import { setClock } from '../../src/platform/clock'
import { connectDatabase } from '../../src/platform/database'
import { scans, watched, watchQueries } from './scans'

export type Academy = {
  app: Express
  /** Opens a real port on the loopback address and answers its base address; for journeys that need sockets. */
  listen: () => Promise<string>
  close: () => Promise<void>
}

let open: Academy | undefined

/**
 * The real app on a store of this Jest worker, in a database of its own. Call it in `beforeAll` and `close()` in `afterAll`.
 */
export async function openAcademy(): Promise<Academy> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await connectDatabase(process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`], name)
  const app = new Proxy(createApp(), {
    apply: (handler, self, args) => watched(() => Reflect.apply(handler, self, args)),
  })
  watchQueries()
  let server: Server | undefined
  open = {
    app,
    listen: async () => {
      server ??= await new Promise<Server>(resolve => {
        const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    close: async () => {
      setClock()
      server?.closeAllConnections()
      await new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
      const scanning = await scans()
      await mongoose.connection.dropDatabase()
      await mongoose.disconnect()
      rmSync(process.env.DATA_DIR!, { recursive: true, force: true })
      // Each file checks the queries that it made the app ask: an index for every one.
      expect(scanning).toEqual([])
    },
  }
  return open
}

/** The app that this file has opened. */
export function theApp(): Express {
  if (!open) throw new Error('call openAcademy() in beforeAll first')
  return open.app
}
