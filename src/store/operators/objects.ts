import { serverError } from '../errors'
import { isDoc, typeName, type Doc, type Value } from '../value'
import { isNullish, namedArguments, withArity, type Operators } from './operator'

/**
 * MongoDB manual, "Aggregation Operators", object expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#object-expression-operators
 */
export const objects: Operators = {
  $arrayToObject: withArity(1, 1, ([list]) => arrayToObject(list)),
  $objectToArray: withArity(1, 1, ([doc]) => {
    if (isNullish(doc)) return null
    if (!isDoc(doc))
      throw serverError(40390, `$objectToArray requires a document input, found: ${typeName(doc)}`)
    return [...doc].map(
      ([k, v]): Value =>
        new Map([
          ['k', k as Value],
          ['v', v],
        ]),
    )
  }),
  $mergeObjects: withArity(0, Infinity, docs => {
    const merged: Doc = new Map()
    const list = docs.length === 1 && Array.isArray(docs[0]) ? docs[0] : docs
    for (const doc of list) {
      if (isNullish(doc)) continue
      if (!isDoc(doc))
        throw serverError(
          40400,
          `$mergeObjects requires object inputs, but input ${String(doc)} is of type ${typeName(doc)}`,
        )
      for (const [name, value] of doc) merged.set(name, value)
    }
    return merged
  }),
  $getField: (argument, compile, name) => {
    const parts =
      isDoc(argument) && (argument.has('field') || argument.has('input'))
        ? namedArguments(name, argument, ['field', 'input'], [], {
            object: 3041701,
            unknown: 3041701,
            missing: { field: 3041702, input: 3041703 },
          })
        : new Map<string, Value>([
            ['field', argument],
            ['input', '$$CURRENT'],
          ])
    const [field, input] = [compile(parts.get('field')!), compile(parts.get('input')!)]
    return scope => {
      const key = field(scope)
      if (typeof key !== 'string')
        throw serverError(
          3041704,
          `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`,
        )
      const doc = input(scope)
      return isNullish(doc) ? (doc === null ? null : undefined) : isDoc(doc) ? doc.get(key) : undefined
    }
  },
}

/**
 * MongoDB manual, "$arrayToObject (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/arrayToObject/
 */
function arrayToObject(list: Value | undefined): Value {
  if (isNullish(list)) return null
  if (!Array.isArray(list))
    throw serverError(40386, `$arrayToObject requires an array input, found: ${typeName(list)}`)
  const doc: Doc = new Map()
  const pairs = Array.isArray(list[0])
  for (const item of list) {
    if (pairs) {
      if (!Array.isArray(item))
        throw serverError(
          40396,
          '$arrayToObject requires a consistent input format. Elements must all be arrays or all be ' +
            `objects. Array was detected, now found: ${typeName(item)}`,
        )
      if (item.length !== 2)
        throw serverError(
          40397,
          `$arrayToObject requires an array of size 2 arrays, found array of size: ${item.length}`,
        )
      if (typeof item[0] !== 'string')
        throw serverError(
          40395,
          '$arrayToObject requires an array of key-value pairs, where the key must be of type string. ' +
            `Found key type: ${typeName(item[0])}`,
        )
      if (item[0].includes('\0')) throw serverError(4940400, 'Key field cannot contain an embedded null byte')
      doc.set(item[0], item[1]!)
      continue
    }
    if (!isDoc(item))
      throw Array.isArray(item)
        ? serverError(
            40391,
            'Elements must all be arrays or all be objects. Object was detected, now found: array',
          )
        : serverError(
            list.indexOf(item) === 0 ? 40398 : 40391,
            `Unrecognised input type format for $arrayToObject: ${typeName(item)}`,
          )
    if (item.size !== 2)
      throw serverError(
        40392,
        `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`,
      )
    if (!item.has('k') || !item.has('v'))
      throw serverError(
        40393,
        "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from object",
      )
    const key = item.get('k')
    if (typeof key !== 'string')
      throw serverError(
        40394,
        "$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type " +
          `string. Found type: ${typeName(key)}`,
      )
    if (key.includes('\0')) throw serverError(4940401, 'Key field cannot contain an embedded null byte')
    doc.set(key, item.get('v')!)
  }
  return doc
}
