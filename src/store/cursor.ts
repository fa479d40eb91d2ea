import { encodeForStorage, type Reply, type ReplyValue } from './encode'
import { serverError } from './errors'
import type { Doc, Value } from './value'
import { yieldPoint, yieldToEventLoop, type Yielding } from './yielding'

/** A document of a result: its stored BSON, or a document that was computed. */
export type Result = Buffer | Doc

interface Cursor {
  id: bigint
  namespace: string
  source: Yielding<Result>
  /** Returns what ends the cursor: that its collection or index is gone. */
  whyDead: () => string | undefined
  /** A document that was read but did not fit into the last batch. */
  pending?: Buffer
  busy: boolean
  lastUsed: number
  /** The connection that used it last. */
  connection: unknown
  /** When that connection was closed. */
  abandonedAt?: number
}

/** The open cursors of all connections. */
export interface Cursors {
  /**
   * Reads the first batch of a result. The reply has a cursor id when more documents may follow.
   *
   * @throws 50 when `deadline` (on the clock of `performance.now()`) passes
   */
  open(
    namespace: string,
    source: Yielding<Result>,
    batchSize: number,
    options: {
      single: boolean
      deadline: number
      whyDead?: () => string | undefined
      connection?: unknown
    },
  ): Promise<Reply>
  next(id: bigint, namespace: string, batchSize: number, connection?: unknown): Promise<Reply>
  /** Notes that a connection was closed. */
  release(connection: unknown): void
  kill(ids: bigint[]): Doc
  sweep(now: number): void
}

const maxBatchBytes = 16 * 1024 * 1024
/**
 * Idle cursors are closed after ten minutes, as in MongoDB:
 * https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.cursorTimeoutMillis
 */
const idleMs = 10 * 60_000

/**
 * A client may continue a cursor on another of its connections, so one whose connection was closed stays for a moment.
 */
const abandonedMs = 10_000

/**
 * Creates the registry of open cursors. Cursor ids start at a random number, so that ids from before a restart are not
 * reused.
 */
export function makeCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>()
  let lastId = BigInt(Math.floor(Math.random() * 2 ** 40)) << 20n

  function close(cursor: Cursor): void {
    cursors.delete(cursor.id)
    // A batch that is being read ends its source itself, when it finds the cursor gone.
    if (!cursor.busy) cursor.source.return()
  }

  async function fill(
    cursor: Cursor,
    batchSize: number,
    deadline = Infinity,
  ): Promise<{ batch: ReplyValue[]; done: boolean }> {
    const batch: ReplyValue[] = []
    let size = 0
    cursor.busy = true
    try {
      if (batchSize === 0) return { batch, done: false }
      for (;;) {
        const bytes = cursor.pending ?? (await advance(cursor.source, deadline))
        if (cursor.id !== 0n && !cursors.has(cursor.id))
          throw serverError(237, `cursor id ${cursor.id} was killed`)
        const reason = cursor.whyDead()
        if (reason !== undefined) throw serverError(175, reason)
        cursor.pending = undefined
        if (!bytes) return { batch, done: true }
        if (batch.length > 0 && size + bytes.length > maxBatchBytes) {
          cursor.pending = bytes
          return { batch, done: false }
        }
        batch.push(bytes)
        size += bytes.length
        if (batch.length >= batchSize) return { batch, done: false }
      }
    } finally {
      cursor.busy = false
      cursor.lastUsed = Date.now()
    }
  }

  function cursorReply(name: string, batch: ReplyValue[], cursor: Cursor, open: boolean): Reply {
    const inside: Reply = new Map<string, ReplyValue>([
      [name, batch],
      ['id', open ? cursor.id : 0n],
      ['ns', cursor.namespace],
    ])
    return new Map([['cursor', inside]])
  }

  return {
    open: async (
      namespace,
      source,
      batchSize,
      { single, deadline, whyDead = () => undefined, connection },
    ) => {
      const cursor: Cursor = {
        id: 0n,
        namespace,
        source,
        whyDead,
        busy: false,
        lastUsed: Date.now(),
        connection,
      }
      const { batch, done } = await fill(cursor, batchSize, deadline).catch((error: unknown) => {
        source.return()
        throw error
      })
      const open = !done && !single
      if (open) {
        cursor.id = ++lastId
        cursors.set(cursor.id, cursor)
      } else source.return()
      return cursorReply('firstBatch', batch, cursor, open)
    },
    next: async (id, namespace, batchSize, connection) => {
      const cursor = cursors.get(id)
      if (!cursor) throw serverError(43, `cursor id ${id} not found`)
      if (cursor.namespace !== namespace)
        throw serverError(
          13,
          `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ` +
            `${cursor.namespace}`,
        )
      if (cursor.busy) throw serverError(12051, `cursor id ${id} is already in use`)
      cursor.connection = connection
      cursor.abandonedAt = undefined
      try {
        const { batch, done } = await fill(cursor, batchSize)
        if (done) close(cursor)
        return cursorReply('nextBatch', batch, cursor, !done)
      } catch (error) {
        close(cursor)
        throw error
      }
    },
    release: connection => {
      for (const cursor of cursors.values())
        if (cursor.connection === connection) cursor.abandonedAt = Date.now()
    },
    kill: ids => {
      const killed = ids.filter(id => cursors.has(id))
      for (const id of killed) close(cursors.get(id)!)
      const missing = ids.filter(id => !killed.includes(id))
      return new Map<string, Value>([
        ['cursorsKilled', killed],
        ['cursorsNotFound', missing],
        ['cursorsAlive', []],
        ['cursorsUnknown', []],
      ])
    },
    sweep: now => {
      for (const cursor of cursors.values()) {
        const isAbandoned = cursor.abandonedAt !== undefined && now - cursor.abandonedAt > abandonedMs
        if (!cursor.busy && (isAbandoned || now - cursor.lastUsed > idleMs)) close(cursor)
      }
    },
  }
}

async function advance(source: Yielding<Result>, deadline: number): Promise<Buffer | undefined> {
  for (;;) {
    const { value, done } = source.next()
    if (done) return undefined
    if (value === yieldPoint) await yieldToEventLoop(deadline)
    else return Buffer.isBuffer(value) ? value : encodeForStorage(value as Doc)
  }
}
