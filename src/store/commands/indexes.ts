import type { Collection } from '../catalog'
import { serverError } from '../errors'
import { parseFilter, type Filter } from '../filter'
import { buildIndexes } from '../index-build'
import { makeIndex, type Index } from '../secondary-index'
import { equal, isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
import {
  arrayField,
  checkNames,
  collectionName,
  docField,
  findCollection,
  makeDoc,
  wrongType,
  type Call,
  type LongWrite,
} from './command'

const supportedOptions = [
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'v',
  'background',
]
const unsupportedOptions = [
  'collation',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'hidden',
  'storageEngine',
  'wildcardProjection',
  'prepareUnique',
  'clustered',
  'dropDups',
  'ns',
]

/**
 * Creates indexes and builds them from the existing documents. MongoDB manual, "createIndexes":
 * https://www.mongodb.com/docs/manual/reference/command/createIndexes/
 *
 * @throws 67 for an index kind that is not supported, 85 or 86 for a conflict with an existing index, 11000 when a
 *   unique index would have duplicates, and other codes for invalid specifications
 */
export function createIndexes(call: Call): LongWrite {
  const { catalog } = call.database
  const specs = arrayField(call, 'indexes').map(spec => {
    if (!isDoc(spec)) throw wrongType('createIndexes', 'indexes', spec, 'object')
    return validateIndexSpec(spec)
  })
  if (specs.length === 0) throw serverError(2, 'Must specify at least one index to create')
  let isNew = false
  return buildIndexes({
    store: call.database,
    find: () => findCollection(call),
    begin: () => {
      const existing = findCollection(call)
      isNew = !existing
      const collection = existing ?? catalog.create(call.db, collectionName(call))
      return { collection, specs: missing(collection, specs) }
    },
    end: (collection, built) => {
      const after = collection.indexes.length
      return makeDoc({
        numIndexesBefore: after - built,
        numIndexesAfter: after,
        createdCollectionAutomatically: isNew,
        ...(built === 0 ? { note: 'all indexes already exist' } : {}),
      })
    },
  })
}

/**
 * Returns the specifications of the indexes that do not exist.
 *
 * @throws 85 or 86 for a conflict with an index, or among the specifications
 */
function missing(collection: Collection, specs: Doc[]): Doc[] {
  const added: Index[] = []
  return specs.filter(spec => {
    if (alreadyExists([...collection.indexes, ...added], spec)) return false
    added.push(makeIndex(0, spec))
    return true
  })
}

function validateIndexSpec(spec: Doc): Doc {
  checkNames('createIndexes.indexes', spec, supportedOptions, unsupportedOptions)
  const key = spec.get('key')
  const name = spec.get('name')
  if (!isDoc(key)) throw serverError(9, "The 'key' field is a required property of an index specification")
  if (key.size === 0) throw serverError(67, 'Index keys cannot be an empty object')
  if (key.size > 32) throw serverError(67, 'too many fields in the index key')
  for (const [path, direction] of key) {
    if (path === '' || path.split('.').includes(''))
      throw serverError(67, 'Index keys cannot contain an empty field')
    if (path.split('.').some(part => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
      throw serverError(67, 'Index key contains an illegal field name: field name starts with "$"')
    if (path.split('.').some(part => /^\d+$/.test(part)) || path.includes('$**'))
      throw serverError(67, `Index on '${path}' is not implemented by the embedded store`)
    if (!isNumber(direction))
      throw serverError(67, `Index type '${String(direction)}' is not implemented by the embedded store`)
    if (!(toFloat(direction) !== 0)) throw serverError(67, 'Values in the index key pattern cannot be 0.')
  }
  if (typeof name !== 'string' || name === '')
    throw serverError(9, "The 'name' field is a required property of an index specification")
  for (const field of ['unique', 'sparse', 'background'])
    if (spec.has(field) && typeof spec.get(field) !== 'boolean' && !isNumber(spec.get(field)))
      throw serverError(14, `The field '${field}' has value of the wrong type`)
  const expire = spec.get('expireAfterSeconds')
  if (expire !== undefined && (!isNumber(expire) || toFloat(expire) < 0 || toFloat(expire) > 2147483647))
    throw serverError(67, 'TTL index expireAfterSeconds must be a number between 0 and 2147483647')
  if (expire !== undefined && key.size > 1)
    throw serverError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.')
  const partial = spec.get('partialFilterExpression')
  if (partial !== undefined) {
    if (!isDoc(partial)) throw serverError(14, "The field 'partialFilterExpression' must be an object")
    if (spec.get('sparse') === true)
      throw serverError(67, "cannot mix 'partialFilterExpression' and 'sparse' options")
    validatePartialFilter(parseFilter(partial))
  }
  const stored: Doc = new Map<string, Value>([
    ['v', 2],
    ['key', key],
    ['name', name],
  ])
  for (const field of ['unique', 'sparse'])
    if (spec.has(field) && (spec.get(field) === true || (isNumber(spec.get(field)) && spec.get(field) !== 0)))
      stored.set(field, true)
  if (partial !== undefined) stored.set('partialFilterExpression', partial)
  if (expire !== undefined) stored.set('expireAfterSeconds', expire)
  return stored
}

/**
 * MongoDB manual, "Partial Indexes", restrictions:
 * https://www.mongodb.com/docs/manual/core/index-partial/#restrictions
 *
 * @throws 67 for an operator that partial indexes do not allow
 */
function validatePartialFilter(filter: Filter): void {
  if (filter.op === '$and') return filter.filters.forEach(validatePartialFilter)
  if (!['$eq', '$gt', '$gte', '$lt', '$lte', '$exists', '$type', '$in'].includes(filter.op))
    throw serverError(67, `Expression not supported in partial index: ${filter.op}`)
}

/**
 * Returns true when the same index already exists.
 *
 * @throws 85 or 86 when a different index has the same name or the same keys
 */
function alreadyExists(indexes: Index[], spec: Doc): boolean {
  for (const index of indexes) {
    const sameKey = equalInOrder(index.spec.get('key'), spec.get('key'))
    const sameName = index.name === spec.get('name')
    const sameFilter = equal(index.spec.get('partialFilterExpression'), spec.get('partialFilterExpression'))
    if (sameKey && index.name === '_id_') return true
    if (!sameName && !(sameKey && sameFilter)) continue
    const sameOptions =
      sameFilter &&
      index.unique === (spec.get('unique') === true) &&
      index.sparse === (spec.get('sparse') === true) &&
      equal(index.spec.get('expireAfterSeconds'), spec.get('expireAfterSeconds'))
    if (sameName && sameKey && sameOptions) return true
    if (sameName && !sameKey)
      throw serverError(
        86,
        'An existing index has the same name as the requested index. When index names are not specified, ' +
          `they are auto generated and can cause conflicts. Requested index: ${index.name}`,
      )
    throw serverError(
      85,
      sameOptions
        ? `Index already exists with a different name: ${index.name}`
        : 'An equivalent index already exists with the same name but different options. Requested index: ' +
            `${String(spec.get('name'))}, existing index: ${index.name}`,
    )
  }
  return false
}

function equalInOrder(a: Value | undefined, b: Value | undefined): boolean {
  return (
    isDoc(a) &&
    isDoc(b) &&
    [...a.keys()].join('\0') === [...b.keys()].join('\0') &&
    [...a.keys()].every(name => Math.sign(Number(a.get(name))) === Math.sign(Number(b.get(name))))
  )
}

/**
 * Drops indexes by name, by key or all but `_id`. MongoDB manual, "dropIndexes":
 * https://www.mongodb.com/docs/manual/reference/command/dropIndexes/
 *
 * @throws 26 when the collection does not exist, 27 when an index does not, 72 for the index on `_id`
 */
export function dropIndexes(call: Call): Doc {
  const collection = findCollection(call)
  if (!collection) throw serverError(26, `ns not found ${call.db}.${collectionName(call)}`)
  const wanted = call.command.get('index')
  const before = collection.indexes.length
  const names = Array.isArray(wanted) ? wanted : [wanted ?? null]
  for (const name of names) {
    const found = indexesOf(collection, name)
    for (const index of found) {
      if (index.name === '_id_') throw serverError(72, 'cannot drop _id index')
      call.database.catalog.removeIndex(collection, index)
    }
  }
  return makeDoc({ nIndexesWas: before })
}

function indexesOf(collection: Collection, wanted: Value): Index[] {
  const all = [...collection.indexes, ...collection.building]
  if (wanted === '*') return all.filter(({ name }) => name !== '_id_')
  const found = all.find(({ name, spec }) =>
    isDoc(wanted) ? equalInOrder(spec.get('key'), wanted) : name === wanted,
  )
  if (!found)
    throw serverError(
      27,
      `index not found with name [${isDoc(wanted) ? [...wanted.keys()].join(', ') : String(wanted)}]`,
    )
  return [found]
}

/**
 * Changes the expiry of a TTL index, the only modification that is supported. MongoDB manual, "collMod":
 * https://www.mongodb.com/docs/manual/reference/command/collMod/
 *
 * @throws 26 when the collection does not exist, 27 when the index does not, 14 for an expiry that is not a
 *   number
 */
export function collMod(call: Call): Doc {
  const collection = findCollection(call)
  if (!collection) throw serverError(26, `ns does not exist: ${call.db}.${collectionName(call)}`)
  const change = docField(call, 'index')
  checkNames(
    'collMod.index',
    change,
    ['name', 'keyPattern', 'expireAfterSeconds'],
    ['hidden', 'unique', 'prepareUnique', 'forceNonUnique'],
  )
  const [index] = indexesOf(collection, change.get('name') ?? change.get('keyPattern') ?? null)
  const seconds = change.get('expireAfterSeconds')
  if (!isNumber(seconds) || toFloat(seconds) < 0)
    throw serverError(14, `expireAfterSeconds must be a number, not ${typeName(seconds)}`)
  const before = index!.expireAfterSeconds
  index!.spec = new Map([...index!.spec, ['expireAfterSeconds', seconds]])
  index!.expireAfterSeconds = toFloat(seconds)
  call.database.catalog.save(collection)
  return makeDoc({
    ...(before === undefined ? {} : { expireAfterSeconds_old: BigInt(before) }),
    expireAfterSeconds_new: BigInt(toFloat(seconds)),
  })
}
