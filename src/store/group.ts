import { makeAccumulator } from './accumulators'
import { serverError } from './errors'
import { compileInScope, rootScope } from './expression'
import { equalityKey } from './keys'
import { memoryOf, openAccount } from './memory'
import type { Stage } from './stage'
import { isDoc, type Doc, type Value } from './value'
import { withYieldPoints, yieldPoint } from './yielding'

/**
 * Compiles $group. MongoDB manual, "$group (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/
 *
 * @throws 15947, 15955, 40235 or 40236 when the specification is invalid, and what `makeAccumulator` throws
 */
export function makeGroup(argument: Value): Stage {
  if (!isDoc(argument)) throw serverError(15947, "a group's fields must be specified in an object")
  if (!argument.has('_id')) throw serverError(15955, 'a group specification must include an _id')
  const evaluate = compileInScope(argument.get('_id')!)
  const fields = [...argument]
    .filter(([name]) => name !== '_id')
    .map(([name, spec]) => {
      if (name.includes('.')) throw serverError(40235, `The field name '${name}' cannot contain '.'`)
      if (name.startsWith('$'))
        throw serverError(40236, `The field name '${name}' cannot be an operator name`)
      return { name, make: makeAccumulator(name, spec) }
    })
  return function* (source) {
    const account = openAccount('$group')
    try {
      const groups = new Map<
        string,
        { id: Value; values: Array<ReturnType<ReturnType<typeof makeAccumulator>>> }
      >()
      for (const doc of source) {
        if (doc === yieldPoint) {
          yield yieldPoint
          continue
        }
        const scope = rootScope(doc as Doc)
        const id = evaluate(scope) ?? null
        const key = equalityKey(id)
        let group = groups.get(key)
        if (!group) {
          groups.set(key, (group = { id, values: fields.map(({ make }) => make()) }))
          account.add(2 * memoryOf(id) + 200 * (1 + fields.length))
        }
        for (const value of group.values) account.add(value.take(scope))
      }
      for (const group of withYieldPoints(groups.values())) {
        if (group === yieldPoint) {
          yield yieldPoint
          continue
        }
        const { id, values } = group
        const doc: Doc = new Map([['_id', id]])
        for (const [i, { name }] of fields.entries()) {
          const value = values[i]!.result()
          if (value !== undefined) doc.set(name, value)
        }
        yield doc
      }
    } finally {
      account.release()
    }
  }
}
