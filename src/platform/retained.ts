import { LRUCache } from 'lru-cache'
import mongoose from 'mongoose'
import { placeOf, stampsOfChange, type StampedField, type Stamps } from '../store/stamps'

/**
 * KEPT WHILE NOTHING IS WRITTEN. What was read from the embedded store stays true until the store has written one of
 * the records that it depends on, which its stamps say without a command. With a MongoDB, whose other clients nobody
 * sees, everything is read each time.
 */
let stamps: Stamps | undefined

/** Has what is read be kept by the stamps of the embedded store; undefined for a MongoDB. */
export function keepBy(storeStamps: Stamps | undefined): void {
  stamps = storeStamps
}

/**
 * Says before a read that it depends on the records of a collection: all of them, or those with a value in a field.
 * Ids are given as such or as text.
 */
export type DependOn = (
  records: { collection: { name: string } },
  field?: StampedField,
  value?: unknown,
) => void

/** For a read whose result nobody keeps. */
export const dependOnNothing: DependOn = () => {}

/** The places of the stamps that a value depends on, and what they added up to before it was read. */
type Entry<Value> = { value: Promise<Value>; places: number[]; sum: number }

/**
 * A read that is kept. `change` runs a write that changes the one record that a key's value is, or none, and keeps the
 * record after it, which the write returns, or else null.
 */
export type Retained<Key, Value> = ((key: Key) => Promise<Value>) & {
  change: (key: Key, write: () => Promise<Value>) => Promise<Value>
}

/**
 * Keeps what `read` returns until a record that it depends on is written; `read` says which, each before it reads it.
 * Concurrent calls share a read, whose result they must not change: its plain objects and arrays are frozen. A read
 * that fails isn't kept.
 *
 * @param options.nameOf returns the name that a value is kept under.
 * @param options.max how many values; the least recently used one is dropped first.
 */
export function retained<Key, Value>(
  read: (key: Key, dependOn: DependOn) => Promise<Value>,
  { max, nameOf = String }: { max: number; nameOf?: (key: Key) => string },
): Retained<Key, Value> {
  let entries: LRUCache<string, Entry<Value>> | undefined
  const readOrKept = (key: Key) => {
    if (!stamps) return read(key, dependOnNothing).then(freeze)
    entries ??= new LRUCache({ max })
    const current = stamps
    const { name: database } = mongoose.connection
    const name = nameOf(key)
    const known = entries.get(name)
    if (known && known.sum === sumOf(current, known.places)) return known.value
    const entry = { places: [] as number[], sum: 0 } as Entry<Value>
    entry.value = read(key, ({ collection }, field, value) => {
      const place = placeOf(database, collection.name, field, field && String(value))
      entry.places.push(place)
      entry.sum += Atomics.load(current, place)
    }).then(freeze)
    entries.set(name, entry)
    entry.value.catch(() => entries?.peek(name) === entry && entries.delete(name))
    return entry.value
  }
  const change = async (key: Key, write: () => Promise<Value>) => {
    const [current, name] = [stamps, nameOf(key)]
    const known = entries?.peek(name)
    const before = current && known && sumOf(current, known.places)
    const value = freeze(await write())
    // When nothing else was written meanwhile, the value is what there is now, and needs no reading.
    if (value && before !== undefined && sumOf(current!, known!.places) === before + stampsOfChange)
      entries!.set(name, { ...known!, value: Promise.resolve(value), sum: before + stampsOfChange })
    return value
  }
  return Object.assign(readOrKept, { change })
}

/** Counts only grow, so the sum of some is the same only while each of them is. */
function sumOf(current: Stamps, places: readonly number[]): number {
  let sum = 0
  for (const place of places) sum += Atomics.load(current, place)
  return sum
}

function freeze<Value>(value: Value): Value {
  if (Array.isArray(value)) value.forEach(freeze)
  else if (isPlain(value)) Object.values(value).forEach(freeze)
  else return value
  return Object.freeze(value)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
