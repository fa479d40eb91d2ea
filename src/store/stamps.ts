import { isDoc, type Doc, type Value } from './value'

/**
 * Memory that the store's thread shares with the main thread: counters that say what was written. Each place of the
 * table counts the writes of the documents whose name falls on it, so a place that has not changed says for certain
 * that none of them has, and one that has changed says that one of them may have. A reader that keeps a result
 * looks here whether it is still true, without a command.
 */
export type Stamps = Int32Array<SharedArrayBuffer>

const places = 1 << 16

/** The fields by whose values documents are counted, besides their collection as a whole. */
const stampedFields = ['_id', 'person', 'role', 'company.domain'] as const
export type StampedField = (typeof stampedFields)[number]

export function makeStamps(): Stamps {
  return new Int32Array(new SharedArrayBuffer(4 * places))
}

/**
 * Returns the place of the documents of a collection, or only of those with a value in a field.
 *
 * @param value as text: an ObjectId as its 24 hex digits
 */
export function placeOf(database: string, collection: string, field = '', value = ''): number {
  // FNV-1a.
  let hash = 0x811c9dc5
  for (const part of [database, collection, field, value]) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ 0xffff, 0x01000193)
  }
  return (hash ^ (hash >>> 16)) & (places - 1)
}

/** A change of a document counts it as it was and as it is. */
export const stampsOfChange = 2

/**
 * Counts a write of a document, inside its transaction: a reader that sees the new count sees the new document too,
 * since nothing is read before the transaction ends.
 */
export function stampDocument(
  stamps: Stamps,
  { database, name }: { database: string; name: string },
  doc: Doc,
): void {
  Atomics.add(stamps, placeOf(database, name), 1)
  for (const field of stampedFields) {
    const value = valueAt(doc, field)
    if (value !== undefined) Atomics.add(stamps, placeOf(database, name, field, String(value)), 1)
  }
}

/** Counts a write of everything, such as a collection that is dropped. */
export function stampAll(stamps: Stamps): void {
  for (let place = 0; place < places; place++) Atomics.add(stamps, place, 1)
}

function valueAt(doc: Doc, path: string): Value | undefined {
  let here: Value | undefined = doc
  for (const part of path.split('.')) here = isDoc(here) ? here.get(part) : undefined
  return here
}
