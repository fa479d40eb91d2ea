import { makeAccumulator } from './accumulators'
import type { Stage } from './aggregate'
import { refusal } from './errors'
import { compileIn, scopeOf } from './expression'
import { identity } from './keys'
import { paced, pause } from './pause'
import { isDoc, type Doc, type Value } from './value'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/ */
export function makeGroup(argument: Value): Stage {
  if (!isDoc(argument)) throw refusal(15947, "a group's fields must be specified in an object")
  if (!argument.has('_id')) throw refusal(15955, 'a group specification must include an _id')
  const evaluate = compileIn(argument.get('_id')!)
  const fields = [...argument]
    .filter(([name]) => name !== '_id')
    .map(([name, spec]) => {
      if (name.includes('.')) throw refusal(40235, `The field name '${name}' cannot contain '.'`)
      if (name.startsWith('$')) throw refusal(40236, `The field name '${name}' cannot be an operator name`)
      return { name, make: makeAccumulator(name, spec) }
    })
  return function* (source) {
    const groups = new Map<
      string,
      { id: Value; values: Array<ReturnType<ReturnType<typeof makeAccumulator>>> }
    >()
    for (const doc of source) {
      if (doc === pause) {
        yield pause
        continue
      }
      const scope = scopeOf(doc as Doc)
      const id = evaluate(scope) ?? null
      const key = identity(id)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { id, values: fields.map(({ make }) => make()) }))
      for (const value of group.values) value.take(scope)
    }
    for (const group of paced(groups.values())) {
      if (group === pause) {
        yield pause
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
  }
}
