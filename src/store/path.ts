import { isDoc, type Value } from './value'

/** A dotted path in parts; `index` is the part as a position in an array, or -1. */
export interface Path {
  text: string
  parts: string[]
  indexes: number[]
}

export function parsePath(text: string): Path {
  const parts = text.split('.')
  return { text, parts, indexes: parts.map(parseArrayIndex) }
}

/** `0`, `1`, `10`, but not `01`: what MongoDB takes for a position in an array. */
export function parseArrayIndex(part: string): number {
  return /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1
}

export type Visit = (value: Value | undefined) => boolean

/**
 * Visits every value that a filter on `path` compares with, until `visit` returns true: arrays on the way are entered
 * element by element and by position, and an array at the end counts both through its elements (when `expand`) and as
 * a whole. A path that leads nowhere is one missing value, but not inside an array.
 * https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
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
