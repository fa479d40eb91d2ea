import { isDoc, type Value } from './value'

/** A dotted path, split. `indexes` has each part as an array index, or -1. */
export interface Path {
  text: string
  parts: string[]
  indexes: number[]
}

/** Splits a dotted path. */
export function parsePath(text: string): Path {
  const parts = text.split('.')
  return { text, parts, indexes: parts.map(parseArrayIndex) }
}

/** Returns the part of a path as an array index, or -1. `0`, `1` and `10` are indexes, but `01` is a field name. */
export function parseArrayIndex(part: string): number {
  return /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1
}

/** Returns true to stop the visit. */
export type Visit = (value: Value | undefined) => boolean

/**
 * Visits every value that a filter on `path` is compared with, until `visit` returns true. Arrays on the way
 * are searched element by element and by index. An array at the end of the path counts as a whole and, with
 * `expand`, through its elements. A path that does not exist counts as one missing value, except inside an
 * array. MongoDB manual, "Query an Array of Embedded Documents":
 * https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
 *
 * @returns true when `visit` returned true
 */
export function visitPath(
  value: Value | undefined,
  path: Path,
  expand: boolean,
  visit: Visit,
  from = 0,
): boolean {
  const { parts } = path
  let at = from
  let here: Value | undefined = value
  while (at < parts.length && isDoc(here)) here = here.get(parts[at++]!)
  if (!Array.isArray(here)) return visit(at === parts.length ? here : undefined)
  if (at === parts.length) {
    if (expand) for (const item of here) if (visit(item)) return true
    return visit(here)
  }
  const position = path.indexes[at]!
  for (let i = 0; i < here.length; i++) {
    const item = here[i]!
    if (isDoc(item) && visitPath(item, path, expand, visit, at)) return true
    if (i !== position) continue
    if (at + 1 === parts.length) {
      if (visit(item)) return true
    } else if ((isDoc(item) || Array.isArray(item)) && visitPath(item, path, expand, visit, at + 1))
      return true
  }
  return false
}
