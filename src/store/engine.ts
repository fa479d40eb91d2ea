import { mkdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Double } from 'bson'
import { makeCache } from './cache'
import { cleanUpDropped, openCatalog } from './catalog'
import { makeDoc, type Database } from './commands/command'
import { runCommand } from './commands/dispatch'
import { makeCursors } from './cursor'
import { DamagedFile } from './data-file'
import { encode } from './encode'
import { isServerError, serverError } from './errors'
import { makeIdPages } from './id-pages'
import { listen, takeOwnership } from './lock'
import { openRecords } from './records'
import type { Stamps } from './stamps'
import { makeSessions } from './session'
import { runSteps } from './stepwise'
import { openStorage, type Storage } from './storage'
import { deleteExpired } from './ttl'
import { setFlushing, type Pulse } from './watchdog'
import { makeMessageReader, readRequest, writeReply, type Request } from './wire'
import { finish } from './yielding'

/** An open store that serves connections. */
export interface Engine {
  address: string
  close(): Promise<void>
}

/** The options of an engine. `startStore` fills in the defaults. */
export interface EngineOptions {
  folder: string
  address: string
  cacheBytes: number
  /**
   * Seconds between two sweeps. A sweep deletes expired documents, idle cursors, old sessions and dropped
   * data.
   */
  sweepSeconds: number
  /**
   * False acknowledges writes before they are on disk. Only for a folder that is thrown away if filling it is
   * interrupted.
   */
  waitForDisk: boolean
  /** Shows the main thread that this one is alive. */
  pulse: Pulse
  /** Shows the main thread what was written. */
  stamps: Stamps
}

/**
 * Opens the data folder and listens on `address`.
 *
 * @throws DamagedFile when the data file is damaged; Error when another process has the folder open or the folder has
 *   an unknown format
 */
export async function openEngine({
  folder,
  address,
  cacheBytes,
  sweepSeconds,
  waitForDisk,
  pulse,
  stamps,
}: EngineOptions): Promise<Engine> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'data.mdb')
  const sockets = new Set<Socket>()
  let database: Database | undefined
  let isClosing = false
  const server = await listen(address, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (database && !isClosing) serve(database, socket)
    else socket.destroy()
  })
  let storage: Storage | undefined
  const close = async () => {
    isClosing = true
    await storage?.close()
    // Another process may open the file as soon as nothing listens.
    server.close()
  }
  try {
    await takeOwnership(folder, address)
    const opened = openStorage(file, waitForDisk, { onFlush: is => setFlushing(pulse, is) })
    storage = opened
    const made = readable(file, () => openDatabase(opened, address, cacheBytes, stamps))
    await opened.write(() => made.catalog.removeUnfinished(), { evenWhenFull: true })
    database = made
  } catch (error) {
    await close()
    throw error
  }
  let isSweeping = false
  const sweeper = setInterval(() => {
    if (isSweeping) return
    isSweeping = true
    sweep(database!)
      // The disk is full or the store is closing. The next sweep does the work.
      .catch((error: unknown) => isServerError(error) || crash(error))
      .finally(() => (isSweeping = false))
  }, sweepSeconds * 1000)
  return {
    address,
    close: async () => {
      clearInterval(sweeper)
      await close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** @throws DamagedFile when the list of collections can't be read */
function readable<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new DamagedFile(file, `is damaged: its list of collections can't be read (${String(error)})`)
  }
}

function openDatabase(storage: Storage, address: string, cacheBytes: number, stamps: Stamps): Database {
  const cache = makeCache(cacheBytes)
  const catalog = openCatalog(storage)
  const pages = makeIdPages(storage)
  const records = openRecords(storage, catalog, cache, pages, stamps)
  storage.onRollback(() => {
    cache.clear()
    pages.clear()
    catalog.reload()
  })
  return {
    storage,
    catalog,
    records,
    stamps,
    source: { storage, records, pages },
    cursors: makeCursors(),
    sessions: makeSessions(storage),
    address,
  }
}

async function sweep(database: Database): Promise<void> {
  database.cursors.sweep(Date.now())
  const { storage, sessions } = database
  await runSteps(storage, sessions.sweep(new Date()))
  await deleteExpired(database, new Date())
  await runSteps(storage, cleanUpDropped(storage))
}

/** A connection is not read further while requests of this many bytes wait for their turn. */
const maxWaitingBytes = 1024 * 1024

/**
 * Serves one connection. Requests are processed in the order they arrive. A client that does not read its replies gets
 * no more of them, and one that sends faster than it is served waits.
 */
function serve(database: Database, socket: Socket): void {
  let last: Promise<void> = Promise.resolve()
  let waitingBytes = 0
  const respond = async (message: Buffer) => {
    const request = await parseMessage(message)
    const bytes =
      'errorReply' in request ? request.errorReply : await runCommand(database, request.command, socket)
    if (!request.noReply && socket.writable && !socket.write(writeReply(request, bytes)))
      await drained(socket)
    waitingBytes -= message.length
    if (waitingBytes < maxWaitingBytes) socket.resume()
  }
  const read = makeMessageReader(message => {
    waitingBytes += message.length
    if (waitingBytes >= maxWaitingBytes) socket.pause()
    last = last.then(() => (socket.destroyed ? undefined : respond(message))).catch(crash)
  })
  socket.setNoDelay?.(true)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => database.cursors.release(socket))
  socket.on('data', chunk => {
    // Bytes that are not a message end the connection, because the start of the next message is unknown.
    if (!read(chunk)) socket.destroy()
  })
}

/** Resolves when the client has read what was sent to it, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      socket.off('drain', settle)
      socket.off('close', settle)
      resolve()
    }
    socket.on('drain', settle)
    socket.on('close', settle)
    if (socket.destroyed || !socket.writableNeedDrain) settle()
  })
}

interface InvalidMessage {
  id: number
  opcode: number
  noReply: boolean
  errorReply: Buffer
}

/** Parses a message. Malformed ones become an error reply to their sender. */
async function parseMessage(message: Buffer): Promise<Request | InvalidMessage> {
  try {
    return await finish(readRequest(message))
  } catch (error) {
    const { message: errmsg, code, codeName } = isServerError(error) ? error : serverError(22, String(error))
    return {
      id: message.readInt32LE(4),
      opcode: 2013,
      noReply: false,
      errorReply: encode(makeDoc({ ok: new Double(0), errmsg, code, codeName })),
    }
  }
}

/**
 * Ends the thread, and with it the process, after an unexpected error. No reply is better than a wrong one.
 */
function crash(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
