import type { QueryFilter } from 'mongoose'

/** The fields and directions that a list is sorted by; the last field must be unique. */
export type SortOrder = Record<string, 1 | -1>

/** The records that a list is read from. */
type ListRecords<T> = {
  find(filter: QueryFilter<T>): {
    sort(order: SortOrder): { limit(count: number): PromiseLike<T[]> }
  }
  count(filter: QueryFilter<T>): Promise<number>
}

/** A page of a list, and the keys of the previous and next page; null at either end. */
export type KeysetPage<T> = {
  rows: T[]
  /** Position of the first row in the whole list, from 1; 0 for an empty list. */
  first: number
  total: number
  newer: string | null
  older: string | null
}

/**
 * Reads one page of a list by key (keyset pagination): pages don't shift when rows are added or removed, and page 1,000
 * costs as much as page 1. An invalid key returns the first page. Pass `total` if it has been counted already.
 */
export async function readPage<T>(
  records: ListRecords<T>,
  filter: QueryFilter<T>,
  order: SortOrder,
  at: { after?: string; before?: string },
  size: number,
  total?: Promise<number>,
): Promise<KeysetPage<T>> {
  const fields = Object.keys(order)
  const key = readKey(at.after ?? at.before, fields.length)
  const backwards = key !== null && at.after === undefined
  const direction = backwards ? reversed(order) : order
  const read = await records
    .find(key ? { $and: [filter, beyond(direction, key)] } : filter)
    .sort(direction)
    .limit(size + 1)
  const more = read.length > size
  const rows = read.slice(0, size)
  if (backwards) rows.reverse()
  const [begin, end] = [rows[0], rows.at(-1)]
  const keyOf = (row: T) => writeKey(fields.map(field => (row as Record<string, unknown>)[field]))
  const [all, earlier] = await Promise.all([
    total ?? records.count(filter),
    key && begin ? records.count({ $and: [filter, beyond(reversed(order), valuesOf(begin, fields))] }) : 0,
  ])
  return {
    rows,
    first: rows.length ? earlier + 1 : 0,
    total: all,
    newer: begin && earlier ? keyOf(begin) : null,
    older: end && (backwards || more) ? keyOf(end) : null,
  }
}

/** Matches rows after these values: beyond in the first field, or equal there and beyond in the next, and so on. */
function beyond<T>(order: SortOrder, values: unknown[]): QueryFilter<T> {
  const fields = Object.keys(order)
  return {
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

function writeKey(values: unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
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
