import type { QueryFilter } from 'mongoose'

/** The fields that a list is ordered by, with their directions. The last one is unique. */
export type SortOrder = Record<string, 1 | -1>

/** Where a page starts: after the row with this key, or before it. The query string of a list names one of them. */
export type At = { after?: string; before?: string }

/** A page of a list, and the keys of the pages next to it; null at an end. */
export type KeysetPage<T> = { rows: T[]; newer: string | null; older: string | null }

/**
 * `first` is the position of the first row in the whole list, from 1, or 0 when the list is empty. A search that is
 * counted only up to a limit has a `total` of one more than the limit when there are more, and the same for `first`.
 */
export type CountedPage<T> = KeysetPage<T> & { first: number; total: number }

/** Finds the rows of a list that match one more filter. */
export type Find<T> = (beyond: QueryFilter<T>) => {
  sort(order: SortOrder): { limit(count: number): PromiseLike<T[]> }
}

/** The records that a counted list is read from. */
type ListRecords<T> = {
  find(filter: QueryFilter<T>): ReturnType<Find<T>>
  count(filter: QueryFilter<T>, limit?: number): Promise<number>
}

/**
 * Returns a page by the key of the row next to it instead of by counting rows: the page stays the same while rows are
 * added and removed before it, and page 1,000 costs as much as page 1. A key that can't be read gives the first page.
 */
export async function readPage<T>(
  find: Find<T>,
  order: SortOrder,
  at: At,
  size: number,
): Promise<KeysetPage<T>> {
  const fields = Object.keys(order)
  const key = readKey(at.after ?? at.before, fields.length)
  const isBackwards = key !== null && at.after === undefined
  const direction = isBackwards ? reversed(order) : order
  const read = await find(key ? beyond(direction, key) : {})
    .sort(direction)
    .limit(size + 1)
  const hasMore = read.length > size
  const rows = read.slice(0, size)
  if (isBackwards) rows.reverse()
  const [begin, end] = [rows[0], rows.at(-1)]
  return {
    rows,
    newer: begin && (isBackwards ? hasMore : key !== null) ? keyOf(begin, fields) : null,
    older: end && (isBackwards || hasMore) ? keyOf(end, fields) : null,
  }
}

/**
 * Like `readPage`, with the page's position in the whole list. `total` avoids counting a list that has already been
 * counted; `countUpTo` is where counting the rows before the page stops.
 */
export async function readCountedPage<T>(
  records: ListRecords<T>,
  filter: QueryFilter<T>,
  order: SortOrder,
  at: At,
  size: number,
  total?: Promise<number>,
  countUpTo?: number,
): Promise<CountedPage<T>> {
  const page = await readPage<T>(beyond => records.find({ $and: [filter, beyond] }), order, at, size)
  const begin = page.rows[0]
  const before = begin && beyond<T>(reversed(order), valuesOf(begin, Object.keys(order)))
  const [all, earlier] = await Promise.all([
    total ?? records.count(filter),
    before && page.newer ? records.count({ $and: [filter, before] }, countUpTo) : 0,
  ])
  return { ...page, newer: earlier ? page.newer : null, first: begin ? earlier + 1 : 0, total: all }
}

/** Like `readCountedPage`, for rows in memory. */
export function pageOfRows<T>(rows: readonly T[], order: SortOrder, at: At, size: number): CountedPage<T> {
  const fields = Object.keys(order)
  const key = readKey(at.after ?? at.before, fields.length)
  const compare = (a: unknown[], b: unknown[]) => {
    const n = fields.findIndex((_, index) => a[index] !== b[index])
    return n === -1 ? 0 : (a[n] as string) < (b[n] as string) ? -order[fields[n]!]! : order[fields[n]!]!
  }
  const sorted = rows.toSorted((a, b) => compare(valuesOf(a, fields), valuesOf(b, fields)))
  const isBackwards = key !== null && at.after === undefined
  // The number of rows before the key, and with it if the page comes after it.
  const passed = key
    ? sorted.filter(row => compare(valuesOf(row, fields), key) < (isBackwards ? 0 : 1)).length
    : 0
  const start = isBackwards ? Math.max(0, passed - size) : passed
  const end = isBackwards ? passed : Math.min(start + size, sorted.length)
  const shown = sorted.slice(start, end)
  return {
    rows: shown,
    newer: start > 0 && shown[0] ? keyOf(shown[0], fields) : null,
    older: end < sorted.length && shown.length ? keyOf(shown.at(-1)!, fields) : null,
    first: shown.length ? start + 1 : 0,
    total: sorted.length,
  }
}

/** Returns the links to the previous and next pages, for partials/pagination. */
export function pageLinks<T>(
  { newer, older }: KeysetPage<T>,
  href: (at: At) => string,
): { newer: string | null; older: string | null } {
  return { newer: newer && href({ before: newer }), older: older && href({ after: older }) }
}

/**
 * Matches what comes after these values: greater in the first field, or equal in it and greater in the next, and so on.
 * The first field's own condition lets an index skip what comes before.
 */
function beyond<T>(order: SortOrder, values: unknown[]): QueryFilter<T> {
  const fields = Object.keys(order)
  const first = fields[0]!
  return {
    [first]: order[first] === 1 ? { $gte: values[0] } : { $lte: values[0] },
    $or: fields.map((field, index) => ({
      ...Object.fromEntries(fields.slice(0, index).map((each, i) => [each, values[i]])),
      [field]: order[field] === 1 ? { $gt: values[index] } : { $lt: values[index] },
    })),
  } as QueryFilter<T>
}

function reversed(order: SortOrder): SortOrder {
  return Object.fromEntries(Object.entries(order).map(([field, way]) => [field, way === 1 ? -1 : 1]))
}

function valuesOf<T>(row: T, fields: string[]): unknown[] {
  return fields.map(field => (row as Record<string, unknown>)[field])
}

/** The key of a row is the JSON of its values. Mongoose converts dates and ids, which are text in JSON, back. */
function keyOf<T>(row: T, fields: string[]): string {
  return Buffer.from(JSON.stringify(valuesOf(row, fields))).toString('base64url')
}

function readKey(key: string | undefined, length: number): unknown[] | null {
  if (!key) return null
  try {
    const values = JSON.parse(Buffer.from(key, 'base64url').toString()) as unknown
    const fits = Array.isArray(values) && values.length === length
    return fits && values.every(each => typeof each === 'number' || typeof each === 'string') ? values : null
  } catch {
    return null
  }
}
