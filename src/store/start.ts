import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EngineOptions } from './engine'
import { replicaSetName } from './replica-set'
import { makePulse, watchThread } from './watchdog'

/** The options of `startStore`. */
export interface StoreOptions {
  folder: string
  /** Memory for decoded documents, in bytes. Default 64 MB. */
  cacheBytes?: number
  /**
   * The folder of the socket. Default: `run` inside the data folder, or a temporary folder if that path is
   * too long.
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
    uri: `mongodb://${encodeURIComponent(address)}/?replicaSet=${replicaSetName}&directConnection=true`,
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
  const home = join(folder, 'run')
  if (dirname(address) !== home) return
  for (const name of readdirSync(home))
    if (join(home, name) !== address) rmSync(join(home, name), { force: true })
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

/** The path of a Unix socket is limited to about 107 bytes (`sun_path` in unix(7)). */
const maxSocketPathBytes = 100

/**
 * Chooses where to listen. Other users of the machine cannot enter the socket's folder; on Windows they
 * cannot guess the name of the named pipe.
 */
function chooseAddress(folder: string, socketFolder?: string): { address: string; clean: () => void } {
  const name = `${randomBytes(8).toString('hex')}.sock`
  if (process.platform === 'win32') return { address: `\\\\.\\pipe\\lyceum-${name}`, clean: () => {} }
  const home = socketFolder ?? join(folder, 'run')
  if (Buffer.byteLength(join(home, name)) <= maxSocketPathBytes) {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    chmodSync(home, 0o700)
    const address = join(home, name)
    return { address, clean: () => rmSync(address, { force: true }) }
  }
  const temporary = mkdtempSync(join(tmpdir(), 'lyceum-'))
  return { address: join(temporary, name), clean: () => rmSync(temporary, { recursive: true, force: true }) }
}
