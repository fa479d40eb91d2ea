import { deserialize, EJSON, serialize, type Document } from 'bson'
import { decode } from '../../src/store/decode'
import { encode } from '../../src/store/encode'
import { isServerError } from '../../src/store/errors'
import type { Doc, Value } from '../../src/store/value'

/** A document as the store has it, from one as the driver has it: whole numbers are ints, `new Double(1)` is a double. */
export function doc(plain: Document): Doc {
  return decode(Buffer.from(serialize(plain, { ignoreUndefined: true })))
}

export function value(plain: unknown): Value {
  return doc({ v: plain }).get('v')!
}

/** In canonical Extended JSON, which tells every type and the order of the fields. */
function text(made: Value | undefined): string {
  if (made === undefined) return 'missing'
  const bytes = encode(new Map([['v', made]]))
  const plain = deserialize(bytes, { promoteValues: false, bsonRegExp: true })
  return EJSON.stringify((plain as { v: unknown }).v, { relaxed: false })
}

/** The answer in words, or the code that refuses it. */
export function answer(run: () => Value | undefined): string {
  try {
    return text(run())
  } catch (error) {
    if (!isServerError(error)) throw error
    return `refused ${error.code}`
  }
}

/** What is expected: a plain value, `missing`, or `refused(code)`. */
export const missing = Symbol('missing')

export function refused(code: number): { refused: number } {
  return { refused: code }
}

export function wanted(expected: unknown): string {
  if (expected === missing) return 'missing'
  if (typeof expected === 'object' && expected !== null && 'refused' in expected)
    return `refused ${String(expected.refused)}`
  return text(value(expected))
}
