import { isDoc, type Value } from './value'

/** The field stays as it is. */
export const unchanged = Symbol('unchanged')

/** From the value of a field to its next one; undefined removes the field. */
export type FieldUpdate = (
  value: Value | undefined,
  where: { path: string; id: Value | undefined; now: Date },
) => Value | undefined | typeof unchanged

/** A value in the words of an error message. */
export function formatValue(value: Value | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (isDoc(value))
    return `{ ${[...value].map(([name, item]) => `${name}: ${formatValue(item)}`).join(', ')} }`
  if (Array.isArray(value)) return `[ ${value.map(formatValue).join(', ')} ]`
  if (value !== null && typeof value === 'object' && '_bsontype' in value && value._bsontype === 'ObjectId')
    return `ObjectId('${value.toHexString()}')`
  return String(value)
}
