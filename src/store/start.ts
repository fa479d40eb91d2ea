import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EngineOptions } from './engine'
import { chooseAddress, socketFolderOf } from './lock'
import { replicaSetName } from './replica-set'
import { makeStamps, type Stamps } from './stamps'
import { makePulse, watchThread } from './watchdog'

/** The options of `startStore`. */
export interface StoreOptions {
  folder: string
  /** Memory for decoded documents, in bytes. Default 64 MB. */
  cacheBytes?: number
  /**
   * The folder of the socket. Default: `run` inside the data folder.
   */
  socketFolder?: string
  /** Seconds between two sweeps for expired documents. Default 30. */
  sweepSeconds?: number
  /**
   * Whether writes wait until they are on disk. Default true. Use false only to fill a new folder that is
   * thrown away if filling it is interrupted (a seed, a restore).
   */
  waitForDisk?: boolean
}

/** A running store. */
export interface Store {
  /** The connection string for `mongoose.connect` or a MongoClient. */
  uri: string
  /** What was written, for those who keep what they have read. */
  stamps: Stamps
  close(): Promise<void>
}

/**
 * Opens the data folder, creating it if necessary, in its own thread. Resolves when the store accepts connections. If
 * the thread dies or hangs later, the process ends.
 *
 * @throws Error when another process has the folder open or the folder has an unknown format
 */
export async function startStore(options: StoreOptions): Promise<Store> {
  const folder = resolve(options.folder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { address, clean } = chooseAddress(folder, options.socketFolder)
  const data: EngineOptions = {
    folder,
    address,
    cacheBytes: options.cacheBytes ?? 64 * 1024 * 1024,
    sweepSeconds: options.sweepSeconds ?? 30,
    waitForDisk: options.waitForDisk ?? true,
    pulse: makePulse(),
    stamps: makeStamps(),
  }
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData: data })
  try {
    await waitUntilOpen(worker)
  } catch (error) {
    await worker.terminate()
    clean()
    throw error
  }
  removeStaleSockets(folder, address)
  const expectEnd = watchThread(worker, data.pulse)
  let closing: Promise<unknown> | undefined
  return {
    uri: storeUri(address),
    stamps: data.stamps,
    close: async () => {
      closing ??= new Promise(done => {
        expectEnd()
        worker.once('exit', done)
        worker.postMessage('close')
      }).then(clean)
      await closing
    },
  }
}

/**
 * Removes the sockets of killed processes. The caller owns the folder, so no other socket in it is in use.
 */
function removeStaleSockets(folder: string, address: string): void {
  const home = socketFolderOf(folder)
  if (process.platform === 'win32' || !existsSync(home)) return
  if (realpathSync(dirname(address)) !== realpathSync(home)) return
  for (const name of readdirSync(home))
    if (name !== basename(address)) rmSync(join(home, name), { force: true })
}

function waitUntilOpen(worker: Worker): Promise<void> {
  return new Promise((done, fail) => {
    const ended = (code: number) => fail(new Error(`The store exited with code ${code} before it was open`))
    worker.once('error', fail)
    worker.once('exit', ended)
    worker.once('message', (message: { open?: true; failed?: string }) => {
      worker.off('error', fail)
      worker.off('exit', ended)
      if (message.open) done()
      else fail(new Error(message.failed))
    })
  })
}

/** Returns the connection string of a store that listens on `address`. */
export function storeUri(address: string): string {
  return `mongodb://${encodeURIComponent(address)}/?replicaSet=${replicaSetName}&directConnection=true`
}
