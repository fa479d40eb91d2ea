import { refusal } from './errors'
import { encode, raw } from './encode'
import { pause, turn, type Paced } from './pause'
import type { Doc, Value } from './value'

/** A document of a result: stored bytes, or one that was computed. */
export type Result = Buffer | Doc

interface Cursor {
  id: bigint
  namespace: string
  source: Paced<Result>
  /** Read already, but did not fit into the last batch. */
  waiting?: Buffer
  busy: boolean
  lastUsed: number
}

export interface Cursors {
  /** The first batch of a result, and a cursor for the rest when there is one. */
  open(
    namespace: string,
    source: Paced<Result>,
    batchSize: number,
    options: { single: boolean; deadline: number },
  ): Promise<Doc>
  next(id: bigint, namespace: string, batchSize: number): Promise<Doc>
  kill(ids: bigint[]): Doc
  sweep(now: number): void
}

const maxBatchBytes = 16 * 1024 * 1024
/** https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.cursorTimeoutMillis */
const idleMs = 10 * 60_000

export function makeCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>()
  let lastId = BigInt(Math.floor(Math.random() * 2 ** 40)) << 20n

  async function fill(
    cursor: Cursor,
    batchSize: number,
    deadline = Infinity,
  ): Promise<{ batch: Value[]; done: boolean }> {
    const batch: Value[] = []
    let size = 0
    cursor.busy = true
    try {
      if (batchSize === 0) return { batch, done: false }
      for (;;) {
        const bytes = cursor.waiting ?? (await advance(cursor.source, deadline))
        cursor.waiting = undefined
        if (!bytes) return { batch, done: true }
        if (batch.length > 0 && size + bytes.length > maxBatchBytes) {
          cursor.waiting = bytes
          return { batch, done: false }
        }
        batch.push(raw(bytes))
        size += bytes.length
        if (batch.length >= batchSize) return { batch, done: false }
      }
    } finally {
      cursor.busy = false
      cursor.lastUsed = Date.now()
    }
  }

  function reply(name: string, batch: Value[], cursor: Cursor, open: boolean): Doc {
    const inside: Doc = new Map<string, Value>([
      [name, batch],
      ['id', open ? cursor.id : 0n],
      ['ns', cursor.namespace],
    ])
    return new Map([['cursor', inside]])
  }

  return {
    open: async (namespace, source, batchSize, { single, deadline }) => {
      const cursor: Cursor = { id: 0n, namespace, source, busy: false, lastUsed: Date.now() }
      const { batch, done } = await fill(cursor, batchSize, deadline)
      const open = !done && !single
      if (open) {
        cursor.id = ++lastId
        cursors.set(cursor.id, cursor)
      }
      return reply('firstBatch', batch, cursor, open)
    },
    next: async (id, namespace, batchSize) => {
      const cursor = cursors.get(id)
      if (!cursor) throw refusal(43, `cursor id ${id} not found`)
      if (cursor.namespace !== namespace)
        throw refusal(
          13,
          `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
        )
      if (cursor.busy) throw refusal(12051, `cursor id ${id} is already in use`)
      try {
        const { batch, done } = await fill(cursor, batchSize)
        if (done) cursors.delete(id)
        return reply('nextBatch', batch, cursor, !done)
      } catch (error) {
        cursors.delete(id)
        throw error
      }
    },
    kill: ids => {
      const killed = ids.filter(id => cursors.delete(id))
      const missing = ids.filter(id => !killed.includes(id))
      return new Map<string, Value>([
        ['cursorsKilled', killed],
        ['cursorsNotFound', missing],
        ['cursorsAlive', []],
        ['cursorsUnknown', []],
      ])
    },
    sweep: now => {
      for (const [id, cursor] of cursors)
        if (!cursor.busy && now - cursor.lastUsed > idleMs) cursors.delete(id)
    },
  }
}

async function advance(source: Paced<Result>, deadline: number): Promise<Buffer | undefined> {
  for (;;) {
    const { value, done } = source.next()
    if (done) return undefined
    if (value === pause) await turn(deadline)
    else return Buffer.isBuffer(value) ? value : encode(value as Doc)
  }
}
