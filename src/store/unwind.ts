import { serverError } from './errors'
import { compileInScope } from './expression'
import type { Stage } from './stage'
import { isDoc, type Doc, type Value } from './value'
import { makeYieldTimer, yieldPoint, type Yielding } from './yielding'

/**
 * Compiles $unwind. MongoDB manual, "$unwind (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/unwind/
 *
 * @throws 15981, 28808 to 28812, 28818 or 28822 when the specification is invalid
 */
export function makeUnwind(argument: Value): Stage {
  const spec: Doc = isDoc(argument) ? argument : new Map([['path', argument]])
  if (!isDoc(argument) && typeof argument !== 'string')
    throw serverError(15981, 'expected either a string or an object as specification for $unwind stage')
  for (const name of spec.keys())
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(name))
      throw serverError(28811, `unrecognized option to $unwind stage: ${name}`)
  const path = spec.get('path')
  if (path === undefined) throw serverError(28812, 'no path specified to $unwind stage')
  if (typeof path !== 'string') throw serverError(28808, 'expected a string as the path for $unwind stage')
  if (!path.startsWith('$'))
    throw serverError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`)
  const preserve = spec.get('preserveNullAndEmptyArrays') ?? false
  if (typeof preserve !== 'boolean')
    throw serverError(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage')
  const position = spec.get('includeArrayIndex')
  if (position !== undefined && (typeof position !== 'string' || position === ''))
    throw serverError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage')
  if (typeof position === 'string' && position.startsWith('$'))
    throw serverError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${position}`,
    )
  compileInScope(path)
  const parts = path.slice(1).split('.')
  return source => unwind(source, parts, preserve, position as string | undefined)
}

function* unwind(
  source: Yielding<Doc>,
  parts: string[],
  preserve: boolean,
  position: string | undefined,
): Yielding<Doc> {
  const due = makeYieldTimer()
  for (const doc of source) {
    if (doc === yieldPoint) {
      yield yieldPoint
      continue
    }
    let value: Value | undefined = doc as Doc
    for (const part of parts) value = isDoc(value) ? value.get(part) : undefined
    const number = (result: Doc, at: bigint | null) =>
      position ? setPath(result, position.split('.'), at) : result
    if (Array.isArray(value) && value.length > 0) {
      for (const [i, item] of value.entries()) {
        yield number(setPath(doc as Doc, parts, item), BigInt(i))
        if (due()) yield yieldPoint
      }
    } else if (Array.isArray(value)) {
      if (preserve) yield number(setPath(doc as Doc, parts, undefined), null)
    } else if (value === undefined || value === null) {
      if (preserve) yield number(doc as Doc, null)
    } else yield number(doc as Doc, null)
  }
}

function setPath(doc: Doc, parts: string[], value: Value | undefined): Doc {
  const changed: Doc = new Map(doc)
  const [name, ...rest] = parts as [string, ...string[]]
  const inner = doc.get(name)
  if (rest.length > 0) changed.set(name, setPath(isDoc(inner) ? inner : new Map(), rest, value))
  else if (value === undefined) changed.delete(name)
  else changed.set(name, value)
  return changed
}
