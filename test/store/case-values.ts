import { deserialize, EJSON, serialize, type Document } from 'bson'
import { decode } from '../../src/store/decode'
import { encode } from '../../src/store/encode'
import { isServerError } from '../../src/store/errors'
import type { Doc, Value } from '../../src/store/value'

/** Converts a document of the driver to one of the store. Whole numbers are ints; `new Double(1)` is a double. */
export function doc(plain: Document): Doc {
  return decode(Buffer.from(serialize(plain, { ignoreUndefined: true })))
}

/** Converts a value of the driver to one of the store. */
export function value(plain: unknown): Value {
  return doc({ v: plain }).get('v')!
}

/** Returns canonical Extended JSON, which shows every type and the order of fields. */
function text(made: Value | undefined): string {
  if (made === undefined) return 'missing'
  const bytes = encode(new Map([['v', made]]))
  const plain = deserialize(bytes, { promoteValues: false, bsonRegExp: true })
  return EJSON.stringify((plain as { v: unknown }).v, { relaxed: false })
}

/** Runs something and returns its result as text, or the code of the error it throws. */
export function outcomeOf(run: () => Value | undefined): string {
  try {
    return text(run())
  } catch (error) {
    if (!isServerError(error)) throw error
    return `fails with ${error.code}`
  }
}

/** Expected results are a plain value, `missing` or `fails(code)`. */
export const missing = Symbol('missing')

/** Expects an error with this code. */
export function fails(code: number): { failsWith: number } {
  return { failsWith: code }
}

/** Returns an expected result as `outcomeOf` would show it. */
export function expectedOutcome(expected: unknown): string {
  if (expected === missing) return 'missing'
  if (typeof expected === 'object' && expected !== null && 'failsWith' in expected)
    return `fails with ${String(expected.failsWith)}`
  return text(value(expected))
}
