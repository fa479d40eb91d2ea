import { isDoc, type Value } from './value'

/** Returned by a field update that leaves the field as it is. */
export const unchanged = Symbol('unchanged')

/** Computes the new value of a field. Undefined removes the field. */
export type FieldUpdate = (
  value: Value | undefined,
  where: { path: string; id: Value | undefined; now: Date },
) => Value | undefined | typeof unchanged

/** Formats a value for an error message. */
export function formatValue(value: Value | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (isDoc(value))
    return `{ ${[...value].map(([name, item]) => `${name}: ${formatValue(item)}`).join(', ')} }`
  if (Array.isArray(value)) return `[ ${value.map(formatValue).join(', ')} ]`
  if (value !== null && typeof value === 'object' && '_bsontype' in value && value._bsontype === 'ObjectId')
    return `ObjectId('${value.toHexString()}')`
  return String(value)
}
