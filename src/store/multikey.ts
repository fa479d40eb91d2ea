import { parseArrayIndex } from './path'
import { isDoc, type Doc, type Value } from './value'

/** Represents an empty array at the end of a path. It has its own place in the sort order, below null. */
export const emptyArray: Value[] = []

interface PathPosition {
  value: Value | undefined
  parts: string[]
  at: number
}

/**
 * Returns the tuples of values that several paths have in a document, as indexes and sorts see them. An array
 * on a path yields a tuple for each of its elements; paths through the same array share the element. MongoDB
 * manual, "Multikey Indexes": https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/
 *
 * @param parallel makes the error that is thrown when the paths lead through different arrays
 * @param onArray is called with the number of each path that leads through an array
 */
export function keyTuples(
  doc: Doc,
  paths: string[][],
  parallel: (path: string) => Error,
  onArray: (path: number) => void = () => {},
): Array<Array<Value | undefined>> {
  return expand(
    paths.map(parts => ({ value: doc, parts, at: 0 })),
    parallel,
    onArray,
  )
}

function expand(
  walks: PathPosition[],
  parallel: (path: string) => Error,
  onArray: (path: number) => void,
): Array<Array<Value | undefined>> {
  let array: Value[] | undefined
  const here = walks.map(walk => {
    let { value, at } = walk
    const { parts } = walk
    for (;;) {
      while (at < parts.length && isDoc(value)) value = value.get(parts[at++]!)
      const position = at < parts.length && Array.isArray(value) ? parseArrayIndex(parts[at]!) : -1
      if (position < 0 || position >= (value as Value[]).length) break
      value = (value as Value[])[position]
      at++
    }
    if (Array.isArray(value) && !(at > parts.length)) {
      if (array && array !== value) throw parallel(parts.join('.'))
      array = value
    } else if (at < parts.length) {
      value = undefined
      at = parts.length
    }
    return { value, parts, at }
  })
  if (!array) return [here.map(walk => walk.value)]
  const inside = here.map(walk => walk.value === array)
  inside.forEach((is, i) => is && onArray(i))
  if (array.length === 0)
    return [
      here.map((walk, i) =>
        !inside[i] ? walk.value : walk.at === walk.parts.length ? emptyArray : undefined,
      ),
    ]
  return array.flatMap(item =>
    expand(
      here.map((walk, i): PathPosition => {
        if (!inside[i]) return { ...walk, at: walk.parts.length + 1 }
        // An array inside an array is a separate value. Its elements have no keys.
        if (walk.at === walk.parts.length)
          return { value: item, parts: walk.parts, at: walk.parts.length + 1 }
        return { value: Array.isArray(item) ? undefined : item, parts: walk.parts, at: walk.at }
      }),
      parallel,
      onArray,
    ),
  )
}
