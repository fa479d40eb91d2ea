import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import mongoose from 'mongoose'
import { createApp } from '../../src/app'
import { defaultBrandId } from '../../src/brand/brand'
import { setClock } from '../../src/platform/clock'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
// Like the server, which knows every record before it makes the indexes.
import '../../src/worker'
import { publishGuideBrand } from '../../scripts/demo/brand'
import { guideLists, saveDemoLists } from '../../scripts/demo/lists'
import { publishGuideNeeds } from '../../scripts/demo/needs'
import { publishGuidePlans } from '../../scripts/demo/plans'
import { collectionScans, recordQueries, startRecording } from './collection-scans'

export type Academy = {
  app: Express
  /** The app on a free port of the loopback address. */
  server: Server
  /** Returns the origin of the server. */
  listen: () => Promise<string>
  close: () => Promise<void>
}

let open: Academy | undefined

/**
 * Starts the real app on a new database. Call it in `beforeAll`, and `close()` in `afterAll`.
 *
 * @param prepare makes the new academy what it is; by default Lyceum's guide, without courses. One that does nothing
 *   leaves it as an administrator finds it.
 * @param store the address of a store of one's own; by default the one that this Jest worker shares.
 */
export async function openAcademy(prepare = openGuide, store = sharedStore()): Promise<Academy> {
  mkdirSync(process.env.DATA_DIR!, { recursive: true })
  const name = `test_${randomBytes(6).toString('hex')}`
  await connectDatabase(store, name)
  await prepare()
  const app = new Proxy(createApp(), {
    apply: (handler, self, args) => recordQueries(() => Reflect.apply(handler, self, args)),
  })
  startRecording()
  const server = await new Promise<Server>(resolve => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  open = {
    app,
    server,
    listen: () => Promise.resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close: async () => {
      setClock()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      const scans = await collectionScans()
      await mongoose.connection.dropDatabase()
      // With its timers, which would keep everything of this file in memory.
      await disconnectDatabase()
      rmSync(process.env.DATA_DIR!, { recursive: true, force: true })
      // Every query that the app sent because of this test file uses an index.
      expect(scans).toEqual([])
    },
  }
  return open
}

const sharedStore = () => process.env[`LYCEUM_TEST_STORE_${process.env.JEST_WORKER_ID}`]

async function openGuide(): Promise<void> {
  await publishGuideBrand(defaultBrandId)
  await saveDemoLists(guideLists)
  await publishGuideNeeds(defaultBrandId)
  await publishGuidePlans(defaultBrandId)
}

/** Returns the server of the app that this test file has opened. With the app, supertest opens one per request. */
export function theApp(): Server {
  if (!open) throw new Error('Call openAcademy() in beforeAll first')
  return open.server
}
