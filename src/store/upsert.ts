import { ObjectId } from 'bson'
import { serverError } from './errors'
import type { Filter } from './filter'
import { idFirst, type Update } from './update'
import { isDoc, type Doc, type Value } from './value'
import { deepCopy } from './value'

/** Returns the document that an upsert starts from: the fields that the filter compares for equality. */
function upsertBase(filter: Filter): Doc {
  const doc: Doc = new Map()
  const seen: string[] = []
  for (const { path, value } of equalities(filter)) {
    if (seen.some(other => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`)))
      throw serverError(54, `cannot infer query fields to set, path '${path}' is matched twice`)
    seen.push(path)
    let here = doc
    const parts = path.split('.')
    for (const part of parts.slice(0, -1)) {
      const inner = here.get(part)
      const next: Doc = isDoc(inner) ? inner : new Map()
      here.set(part, next)
      here = next
    }
    here.set(parts.at(-1)!, deepCopy(value))
  }
  return doc
}

function equalities(filter: Filter): Array<{ path: string; value: Value }> {
  if (filter.op === '$and') return filter.filters.flatMap(equalities)
  if (filter.op === '$or' && filter.filters.length === 1) return equalities(filter.filters[0]!)
  if (filter.op === '$eq') return [{ path: filter.path.text, value: filter.value }]
  if (filter.op === '$in' && filter.values.length === 1)
    return [{ path: filter.path.text, value: filter.values[0]! }]
  return []
}

/**
 * Returns the document that an upsert inserts, with `_id` first. It gets a new ObjectId if nothing else sets
 * one. MongoDB manual, "db.collection.updateOne()", upsert:
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#upsert
 *
 * @throws 54 when the filter sets a path twice, and what applying the update throws
 */
export function buildUpsert(update: Update, filter: Filter, now: Date): Doc {
  const base = update.kind === 'replacement' ? baseId(filter) : upsertBase(filter)
  const doc = update.apply(base, { insert: true, now })
  if (doc.has('_id')) return idFirst(doc)
  return new Map<string, Value>([['_id', new ObjectId()], ...doc])
}

function baseId(filter: Filter): Doc {
  const [id, ...more] = equalities(filter).filter(({ path }) => path === '_id')
  if (more.length > 0) throw serverError(54, "cannot infer query fields to set, path '_id' is matched twice")
  return id ? new Map([['_id', id.value]]) : new Map()
}
