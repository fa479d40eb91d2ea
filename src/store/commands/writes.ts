import { ObjectId } from 'bson'
import type { Collection } from '../catalog'
import { encodeForStorage } from '../encode'
import { isServerError, serverError } from '../errors'
import { parseFilter, type Filter } from '../filter'
import { choosePlan } from '../plan'
import { matchedPosition } from '../positional'
import { compileFindProjection } from '../projection'
import { decodeRow, type Row } from '../row'
import { rowsInOrder } from '../scan'
import { parseSort } from '../sort'
import { compileUpdate, type Update } from '../update'
import { buildUpsert } from '../upsert'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
import { collectSync } from '../yielding'
import {
  arrayField,
  booleanField,
  checkNames,
  collectionName,
  docField,
  findCollection,
  makeDoc,
  strictBooleanField,
  wrongType,
  type Call,
  type Commands,
} from './command'

/**
 * Commands that change documents. MongoDB manual, "Query and Write Operation Commands":
 * https://www.mongodb.com/docs/manual/reference/command/nav-crud/
 */
export const writes: Commands = {
  insert: {
    accepts: ['documents', 'ordered', 'bypassDocumentValidation'],
    unsupported: ['stmtIds', 'stmtId'],
    retryable: true,
    write: insert,
  },
  update: {
    accepts: ['updates', 'ordered', 'bypassDocumentValidation'],
    unsupported: ['let', 'stmtIds', 'stmtId'],
    retryable: true,
    write: update,
  },
  delete: {
    accepts: ['deletes', 'ordered'],
    unsupported: ['let', 'stmtIds', 'stmtId'],
    retryable: true,
    write: remove,
  },
  findAndModify: {
    accepts: [
      'query',
      'sort',
      'remove',
      'update',
      'new',
      'fields',
      'upsert',
      'arrayFilters',
      'bypassDocumentValidation',
    ],
    unsupported: ['collation', 'hint', 'let'],
    retryable: true,
    write: findAndModify,
  },
}
writes.findandmodify = writes.findAndModify!

const maxBatchSize = 100_000

function isOrdered(call: Call): boolean {
  return !call.command.has('ordered') || strictBooleanField(call.name, call.command, 'ordered')
}

/** Runs each operation of a batch. The error of one becomes a write error and ends an ordered batch. */
function forEachOperation(call: Call, parts: Value[], run: (part: Value, index: number) => void): Value[] {
  if (parts.length === 0 || parts.length > maxBatchSize)
    throw serverError(
      16,
      `Write batch sizes must be between 1 and ${maxBatchSize}. Got ${parts.length} operations.`,
    )
  const stops = isOrdered(call)
  const errors: Value[] = []
  for (const [index, part] of parts.entries()) {
    try {
      run(part, index)
    } catch (error) {
      if (!isServerError(error)) throw error
      errors.push(
        new Map<string, Value>([
          ['index', index],
          ['code', error.code],
          ...(Object.entries(error.extra ?? {}) as Array<[string, Value]>),
          ['errmsg', error.message],
        ]),
      )
      if (stops) break
    }
  }
  return errors
}

function findOrCreateCollection(call: Call): Collection {
  return findCollection(call) ?? call.database.catalog.create(call.db, collectionName(call))
}

function insert(call: Call): Doc {
  let n = 0
  let collection: Collection | undefined
  const errors = forEachOperation(call, arrayField(call, 'documents'), part => {
    if (!isDoc(part)) throw wrongType('insert', 'documents', part, 'object')
    const doc = withId(part)
    collection ??= findOrCreateCollection(call)
    call.database.records.insert(collection, doc)
    n++
  })
  return writeResult({ n }, errors)
}

/** Returns the document with `_id` first, and with a new ObjectId if the client did not send one. */
function withId(doc: Doc): Doc {
  const id = doc.get('_id')
  if (id === undefined) return new Map<string, Value>([['_id', new ObjectId()], ...doc])
  checkId(id)
  return doc.keys().next().value === '_id' ? doc : new Map([['_id', id], ...doc])
}

function checkId(id: Value | undefined): void {
  if (Array.isArray(id)) throw serverError(53, "The '_id' value cannot be of type array")
  if (typeName(id) === 'regex') throw serverError(53, "The '_id' value cannot be of type regex")
  if (isDoc(id))
    for (const name of id.keys())
      if (name.startsWith('$') && !['$ref', '$id', '$db'].includes(name))
        throw serverError(
          52,
          `The dollar ($) prefixed field '${name}' in '_id.${name}' is not valid for storage.`,
        )
}

function writeResult(counts: Record<string, Value>, errors: Value[]): Doc {
  const done = makeDoc(counts)
  if (errors.length > 0) done.set('writeErrors', errors)
  return done
}

/** Returns the documents that match, before any of them is changed. */
function matchingRows(call: Call, filter: Filter, { limit = Infinity, sort = new Map() as Doc } = {}): Row[] {
  const collection = findCollection(call)
  const order = parseSort(sort)
  const { source, storage } = call.database
  const plan = choosePlan(storage, collection, filter, { sort: order, limit })
  const found = rowsInOrder(source, collection, plan, order, limit)
  if (limit === Infinity) return collectSync(found)
  const rows: Row[] = []
  for (const row of found) {
    if (typeof row === 'symbol') continue
    rows.push(row as Row)
    if (rows.length >= limit) break
  }
  return rows
}

/** Returns the updated document, or undefined when the update changes nothing. */
function computeUpdate(
  update: Update,
  row: Row,
  filter: Filter,
  now: Date,
): { doc: Doc; bytes: Buffer } | undefined {
  const before = decodeRow(row)
  const doc = update.apply(before, {
    insert: false,
    now,
    positionOf: (matched, path) => matchedPosition(filter, matched, path),
  })
  const bytes = encodeForStorage(doc)
  return bytes.equals(row.bytes) ? undefined : { doc, bytes }
}

function update(call: Call): Doc {
  const now = new Date()
  const counts = { n: 0, nModified: 0 }
  const upsertedIds: Value[] = []
  const errors = forEachOperation(call, arrayField(call, 'updates'), (part, index) => {
    if (!isDoc(part)) throw wrongType('update', 'updates', part, 'object')
    checkNames(
      'update.updates',
      part,
      ['q', 'u', 'multi', 'upsert', 'arrayFilters'],
      ['c', 'collation', 'hint', 'sort'],
    )
    const [query, change] = [part.get('q'), part.get('u')]
    if (query === undefined)
      throw serverError(40414, "BSON field 'update.updates.q' is missing but a required field")
    if (!isDoc(query)) throw wrongType('update.updates', 'q', query, 'object')
    if (change === undefined)
      throw serverError(40414, "BSON field 'update.updates.u' is missing but a required field")
    const filter = parseFilter(query)
    const parsed = compileUpdate(change, arrayFiltersOf(part))
    const multi = strictBooleanField('update.updates', part, 'multi')
    const upsert = strictBooleanField('update.updates', part, 'upsert')
    if (multi && parsed.kind === 'replacement')
      throw serverError(9, 'multi update is not supported for replacement-style update')
    const rows = matchingRows(call, filter, multi ? {} : { limit: 1 })
    if (rows.length === 0 && upsert) {
      const doc = buildUpsert(parsed, filter, now)
      checkId(doc.get('_id'))
      call.database.records.insert(findOrCreateCollection(call), doc)
      counts.n++
      upsertedIds.push(makeDoc({ index, _id: doc.get('_id')! }))
      return
    }
    // As in MongoDB, what was changed before an error remains, but is not counted.
    let modified = 0
    for (const row of rows) {
      const to = computeUpdate(parsed, row, filter, now)
      if (to) call.database.records.replace(findCollection(call)!, row, to.doc, to.bytes)
      if (to) modified++
    }
    counts.n += rows.length
    counts.nModified += modified
  })
  const done: Record<string, Value> = { n: counts.n, nModified: counts.nModified }
  if (upsertedIds.length > 0) done.upserted = upsertedIds
  return writeResult(done, errors)
}

function arrayFiltersOf(part: Doc): Value[] {
  const filters = part.get('arrayFilters') ?? []
  if (!Array.isArray(filters)) throw wrongType('update.updates', 'arrayFilters', filters, 'array')
  return filters
}

function remove(call: Call): Doc {
  let n = 0
  const errors = forEachOperation(call, arrayField(call, 'deletes'), part => {
    if (!isDoc(part)) throw wrongType('delete', 'deletes', part, 'object')
    checkNames('delete.deletes', part, ['q', 'limit'], ['collation', 'hint'])
    const query = part.get('q')
    if (query === undefined)
      throw serverError(40414, "BSON field 'delete.deletes.q' is missing but a required field")
    if (!isDoc(query)) throw wrongType('delete.deletes', 'q', query, 'object')
    if (!part.has('limit'))
      throw serverError(40414, "BSON field 'delete.deletes.limit' is missing but a required field")
    const given = part.get('limit')
    if (!isNumber(given)) throw wrongType('delete.deletes', 'limit', given, 'number')
    const limit = toFloat(given)
    if (limit !== 0 && limit !== 1)
      throw serverError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`)
    for (const row of matchingRows(call, parseFilter(query), limit === 1 ? { limit: 1 } : {})) {
      call.database.records.remove(findCollection(call)!, row)
      n++
    }
  })
  return writeResult({ n }, errors)
}

/** MongoDB manual, "findAndModify": https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
function findAndModify(call: Call): Doc {
  const { command, database } = call
  const now = new Date()
  const isRemove = booleanField(command, 'remove')
  const change = command.get('update')
  const wantsNew = booleanField(command, 'new')
  const upsert = booleanField(command, 'upsert')
  const [query, sort, fields] = [docField(call, 'query'), docField(call, 'sort'), docField(call, 'fields')]
  const arrayFilters = arrayFiltersOf(command)
  if (isRemove && change !== undefined) throw serverError(9, 'Cannot specify both an update and remove=true')
  if (!isRemove && change === undefined)
    throw serverError(9, 'Either an update or remove=true must be specified')
  if (isRemove && wantsNew)
    throw serverError(
      9,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    )
  if (isRemove && upsert) throw serverError(9, 'Cannot specify both upsert=true and remove=true')
  const filter = parseFilter(query)
  const project = compileFindProjection(fields, (doc, path) => matchedPosition(filter, doc, path))
  const parsed = isRemove ? undefined : compileUpdate(change!, arrayFilters)
  const [row] = matchingRows(call, filter, { limit: 1, sort })
  const result = (value: Value, last: Record<string, Value>) =>
    makeDoc({ lastErrorObject: makeDoc(last), value })
  if (!row) {
    if (!parsed || !upsert) return result(null, isRemove ? { n: 0 } : { n: 0, updatedExisting: false })
    const doc = buildUpsert(parsed, filter, now)
    checkId(doc.get('_id'))
    database.records.insert(findOrCreateCollection(call), doc)
    return result(wantsNew ? project(doc) : null, { n: 1, updatedExisting: false, upserted: doc.get('_id')! })
  }
  const collection = findCollection(call)!
  const before = decodeRow(row)
  if (!parsed) {
    const shown = project(before)
    database.records.remove(collection, row)
    return result(shown, { n: 1 })
  }
  const to = computeUpdate(parsed, row, filter, now)
  const shown = wantsNew && to ? project(to.doc) : project(before)
  if (to) database.records.replace(collection, row, to.doc, to.bytes)
  return result(shown, { n: 1, updatedExisting: true })
}
