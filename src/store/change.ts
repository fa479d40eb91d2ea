import type { Collection } from './catalog'
import type { Database } from './commands/command'
import { serverError } from './errors'
import type { Filter } from './filter'
import { makeIdSet } from './id-set'
import { compileFilter } from './match'
import { openAccount } from './memory'
import { choosePlan, watchPlan, type Plan } from './plan'
import { decodeRow, type Row } from './row'
import { rowsInOrder } from './scan'
import { parseSort } from './sort'
import type { Stepwise } from './stepwise'
import type { Doc } from './value'
import { yieldPoint, yieldToEventLoop, type Yielding } from './yielding'

/** The documents that are going to be changed. */
interface Target {
  store: Pick<Database, 'storage' | 'catalog' | 'records' | 'source'>
  find(): Collection | undefined
  filter: Filter
  sort?: Doc
  /** Something is inserted when nothing matches, so nothing may be missed. */
  upsert?: boolean
}

interface Search {
  plan: Plan
  rows: Yielding<Row>
  /** Where it searches, and how often that had been changed when it began. */
  collection: Collection | undefined
  changes: number | undefined
  /** Returns why it cannot go on. */
  whyDead(): string | undefined
}

function search({ store, find, filter, sort = new Map() }: Target, limit: number): Search {
  const collection = find()
  const order = parseSort(sort)
  const plan = choosePlan(store.storage, collection, filter, { sort: order, limit })
  return {
    plan,
    rows: rowsInOrder(store.source, collection, plan, order, limit),
    collection,
    changes: collection?.changes,
    whyDead: watchPlan(store.catalog, collection, plan),
  }
}

/** Returns the first rows, or undefined when finding them takes too long. */
function findAtOnce({ rows }: Search, limit: number, isOver: () => boolean): Row[] | undefined {
  const found: Row[] = []
  for (const row of rows) {
    if (row !== yieldPoint) found.push(row as Row)
    else if (isOver()) return undefined
    if (found.length >= limit) break
  }
  return found
}

/** How often something that was not there is searched again because of what was written during the search. */
const maxSearches = 3

/** Returns true when a search for an upsert may have missed what was written since it began. */
function hasMissed({ find, upsert }: Target, { collection, changes }: Search): boolean {
  if (!upsert) return false
  return find() !== collection || collection?.changes !== changes
}

/**
 * Finds the first document that matches and changes it, in one transaction when an index finds it. If the search takes
 * longer, others are served meanwhile; a document that was changed since it was found is searched again.
 *
 * @param change is given no row when nothing matches
 */
export function changeOne<T>(
  target: Target,
  change: (collection: Collection | undefined, row: Row | undefined) => T,
): Stepwise<T> {
  let found: { by: Search; row: Row | undefined } | undefined
  let searches = 0

  /** Returns the row that was found, if nobody has changed it, or null. */
  function stillThere(): Row | null | undefined {
    if (!found) return null
    const { row, by } = found
    const collection = target.find()
    if (!row) return searches < maxSearches && hasMissed(target, by) ? null : undefined
    const now = collection?.id === by.collection!.id && target.store.records.fetch(collection, row.recordId)
    return now && now.bytes.equals(row.bytes) ? now : null
  }

  return {
    step: isOver => {
      let row = stillThere()
      if (row === null) {
        const rows = findAtOnce(search(target, 1), 1, isOver)
        if (!rows) return {}
        row = rows[0]
      }
      return { isDone: true, result: change(target.find(), row) }
    },
    prepare: async deadline => {
      const by = search(target, 1)
      searches++
      try {
        for (;;) {
          const { value, done } = by.rows.next()
          failIfDead(by)
          if (value === yieldPoint) await yieldToEventLoop(deadline)
          else {
            found = { by, row: done ? undefined : (value as Row) }
            return
          }
        }
      } finally {
        by.rows.return()
      }
    },
  }
}

/** What is searched before it is changed, at most. */
const [maxPending, maxPendingBytes] = [500, 1024 * 1024]

/**
 * Changes every document that matches, each once. Documents are found and changed in turns, so others see some of them
 * changed before the rest, as in MongoDB. Each is tested again when it is changed.
 *
 * @param change returns true when it changed the document
 * @param end makes the result of how many documents were found and changed
 * @throws 175 when the collection or the index that it reads is dropped meanwhile
 */
export function changeMany<T>(
  target: Target,
  change: (collection: Collection, row: Row) => boolean,
  end: (found: number, changed: number) => T,
): Stepwise<T> {
  const { records } = target.store
  const test = compileFilter(target.filter)
  let counts = { found: 0, changed: 0 }
  let by: Search | undefined
  let searches = 0
  /** What has been found and not been changed yet. Undefined before the first step, which tries to do everything. */
  let pending: Row[] | undefined
  let isAll = false
  const account = openAccount('A write')
  /** The documents that were found, to which an index may lead again once they are changed. */
  let known = makeIdSet(account)

  /** Returns the document as it is now, if it matches. */
  function current(collection: Collection, row: Row): Row | undefined {
    const now = records.fetch(collection, row.recordId)
    if (!now || now.bytes.equals(row.bytes)) return now && row
    return test(decodeRow(now)) ? now : undefined
  }

  function stop(): void {
    by?.rows.return()
    by = undefined
  }

  return {
    step: isOver => {
      const searching = by ?? search(target, Infinity)
      const rows = pending ?? findAtOnce(searching, Infinity, isOver)
      if (!rows) return { committed: () => (pending = []) }
      failIfDead(searching)
      const hasAll = isAll || !pending
      const next = { ...counts }
      let i = 0
      for (; i < rows.length && (i === 0 || !isOver()); i++) {
        const row = pending ? current(searching.collection!, rows[i]!) : rows[i]
        if (!row) continue
        next.found++
        if (change(target.find()!, row)) next.changed++
      }
      const isEnd = hasAll && i === rows.length
      const mayHaveMissed = searches > 0 && searches < maxSearches && hasMissed(target, searching)
      if (isEnd && (next.found > 0 || !mayHaveMissed))
        return { isDone: true, result: end(next.found, next.changed) }
      return {
        committed: () => {
          by ??= searching
          pending = rows.slice(i)
          counts = next
          isAll = hasAll && !isEnd
          if (isEnd) stop()
        },
      }
    },
    prepare: async deadline => {
      if (isAll || !pending || pending.length > 0) return
      if (!by) {
        by = search(target, Infinity)
        known = makeIdSet(account)
        searches++
      }
      const isIndexed = by.plan.access.stage !== 'COLLSCAN'
      const found: Row[] = []
      let bytes = 0
      while (found.length < maxPending && bytes < maxPendingBytes && !isAll) {
        const { value, done } = by.rows.next()
        failIfDead(by)
        if (done) isAll = true
        else if (value === yieldPoint) await yieldToEventLoop(deadline)
        else if (!isIndexed || known.add((value as Row).recordId)) {
          found.push(value as Row)
          bytes += (value as Row).bytes.length
        }
      }
      pending = found
    },
    end: () => {
      stop()
      account.release()
    },
  }
}

function failIfDead({ whyDead }: Search): void {
  const reason = whyDead()
  if (reason !== undefined) throw serverError(175, reason)
}
