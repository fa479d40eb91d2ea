import { ObjectId } from 'bson'
import type { Collection } from '../catalog'
import { encodeForStorage } from '../encode'
import { changeMany, changeOne } from '../change'
import { isInterruption, isServerError, serverError, type ServerError } from '../errors'
import { parseFilter, type Filter } from '../filter'
import { matchedPosition } from '../positional'
import { compileFindProjection } from '../projection'
import { decodeRow, type Row } from '../row'
import type { StepResult, Stepwise } from '../stepwise'
import { compileUpdate, type Update } from '../update'
import { buildUpsert } from '../upsert'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
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
  type LongWrite,
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
    writeInSteps: insert,
  },
  update: {
    accepts: ['updates', 'ordered', 'bypassDocumentValidation'],
    unsupported: ['let', 'stmtIds', 'stmtId'],
    retryable: true,
    writeInSteps: update,
  },
  delete: {
    accepts: ['deletes', 'ordered'],
    unsupported: ['let', 'stmtIds', 'stmtId'],
    retryable: true,
    writeInSteps: remove,
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
    writeInSteps: findAndModify,
  },
}
writes.findandmodify = writes.findAndModify!

const maxBatchSize = 100_000

function isOrdered(call: Call): boolean {
  return !call.command.has('ordered') || strictBooleanField(call.name, call.command, 'ordered')
}

/** What one operation of a batch did. */
interface Outcome {
  /** How many documents it inserted, found or deleted. */
  n: number
  modified?: number
  upsertedId?: Value
  error?: ServerError
}

/** Runs each operation of a batch. The error of one becomes a write error and ends an ordered batch. */
function runBatch(
  call: Call,
  operations: Value[],
  parts: Value[],
  open: (operation: Value) => Stepwise<Outcome>,
  reply: (outcomes: Outcome[]) => Record<string, Value>,
): LongWrite {
  if (operations.length === 0 || operations.length > maxBatchSize)
    throw serverError(
      16,
      `Write batch sizes must be between 1 and ${maxBatchSize}. Got ${operations.length} operations.`,
    )
  const stops = isOrdered(call)
  const outcomes: Outcome[] = parts.flatMap(part => (part as Doc[]).map(toOutcome))
  let current: Stepwise<Outcome> | undefined
  let failure: ServerError | undefined
  return {
    step: isOver => {
      const done: Outcome[] = []
      let next = current
      let isLast = outcomes.length === operations.length
      let committed: (() => void) | undefined
      while (!isLast) {
        const step = attempt(failure, () => {
          next ??= open(operations[outcomes.length + done.length]!)
          return next.step(isOver)
        })
        committed = step.committed
        if (!step.isDone) break
        next = undefined
        done.push(step.result)
        isLast = outcomes.length + done.length === operations.length || (stops && !!step.result.error)
        if (isOver()) break
      }
      const settle = () => {
        committed?.()
        if (current !== next) current?.end?.()
        current = next
        failure = undefined
        for (const outcome of done) outcomes.push(outcome)
      }
      if (!isLast) return { committed: settle, part: done.map(fromOutcome) }
      const all = [...outcomes, ...done]
      return { committed: settle, isDone: true, result: batchReply(reply(all), all) }
    },
    prepare: async deadline => {
      try {
        await current?.prepare?.(deadline)
      } catch (error) {
        if (!isServerError(error) || isInterruption(error)) throw error
        failure = error
      }
    },
    end: () => current?.end?.(),
  }
}

/** Does a step of an operation. Its error, or the one that preparing it had, is its outcome. */
function attempt(failure: ServerError | undefined, step: () => StepResult<Outcome>): StepResult<Outcome> {
  if (failure) return { isDone: true, result: { n: 0, error: failure } }
  try {
    return step()
  } catch (error) {
    if (!isServerError(error)) throw error
    return { isDone: true, result: { n: 0, error } }
  }
}

/** An outcome as it is stored for a retry. */
function fromOutcome({ n, modified, upsertedId, error }: Outcome): Doc {
  const doc = makeDoc({ n })
  if (modified !== undefined) doc.set('modified', modified)
  if (upsertedId !== undefined) doc.set('upsertedId', upsertedId)
  if (error) doc.set('error', errorFields(error))
  return doc
}

function toOutcome(doc: Doc): Outcome {
  const error = doc.get('error')
  const { code, errmsg, ...extra } = isDoc(error) ? Object.fromEntries(error) : {}
  return {
    n: Number(doc.get('n')),
    ...(doc.has('modified') ? { modified: Number(doc.get('modified')) } : {}),
    upsertedId: doc.get('upsertedId'),
    ...(error ? { error: serverError(Number(code), String(errmsg), extra) } : {}),
  }
}

function errorFields({ code, extra, message }: ServerError): Doc {
  return makeDoc({ code, ...(extra as Record<string, Value> | undefined), errmsg: message })
}

function batchReply(counts: Record<string, Value>, outcomes: Outcome[]): Doc {
  const done = makeDoc(counts)
  const errors = outcomes.flatMap(({ error }, index) =>
    error ? [new Map<string, Value>([['index', index], ...errorFields(error)])] : [],
  )
  if (errors.length > 0) done.set('writeErrors', errors)
  return done
}

function sumOf(outcomes: Outcome[], count: (outcome: Outcome) => number): number {
  return outcomes.reduce((sum, outcome) => sum + count(outcome), 0)
}

function findOrCreateCollection(call: Call): Collection {
  return findCollection(call) ?? call.database.catalog.create(call.db, collectionName(call))
}

function insert(call: Call, parts: Value[]): LongWrite {
  const open = (part: Value): Stepwise<Outcome> => {
    if (!isDoc(part)) throw wrongType('insert', 'documents', part, 'object')
    const doc = withId(part)
    return {
      step: () => {
        call.database.records.insert(findOrCreateCollection(call), doc)
        return { isDone: true, result: { n: 1 } }
      },
    }
  }
  return runBatch(call, arrayField(call, 'documents'), parts, open, outcomes => ({
    n: sumOf(outcomes, ({ n }) => n),
  }))
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

function update(call: Call, parts: Value[]): LongWrite {
  const now = new Date()
  const open = (part: Value): Stepwise<Outcome> => {
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
    if (multi && call.command.has('txnNumber'))
      throw serverError(72, 'Cannot use (or request) retryable writes with multi=true')
    const replace = (collection: Collection, row: Row) => {
      const to = computeUpdate(parsed, row, filter, now)
      if (to) call.database.records.replace(collection, row, to.doc, to.bytes)
      return to !== undefined
    }
    const insertNew = (): Outcome => {
      if (!upsert) return { n: 0, modified: 0 }
      const doc = buildUpsert(parsed, filter, now)
      checkId(doc.get('_id'))
      call.database.records.insert(findOrCreateCollection(call), doc)
      return { n: 1, modified: 0, upsertedId: doc.get('_id')! }
    }
    const target = { store: call.database, find: () => findCollection(call), filter, upsert }
    // As in MongoDB, what was changed before an error remains, but is not counted.
    if (multi) return changeMany(target, replace, (n, modified) => (n === 0 ? insertNew() : { n, modified }))
    return changeOne(target, (collection, row) =>
      row ? { n: 1, modified: Number(replace(collection!, row)) } : insertNew(),
    )
  }
  return runBatch(call, arrayField(call, 'updates'), parts, open, outcomes => {
    const upserted = outcomes.flatMap(({ upsertedId }, index) =>
      upsertedId === undefined ? [] : [makeDoc({ index, _id: upsertedId })],
    )
    return {
      n: sumOf(outcomes, ({ n }) => n),
      nModified: sumOf(outcomes, ({ modified = 0 }) => modified),
      ...(upserted.length > 0 ? { upserted } : {}),
    }
  })
}

function arrayFiltersOf(part: Doc): Value[] {
  const filters = part.get('arrayFilters') ?? []
  if (!Array.isArray(filters)) throw wrongType('update.updates', 'arrayFilters', filters, 'array')
  return filters
}

function remove(call: Call, parts: Value[]): LongWrite {
  const open = (part: Value): Stepwise<Outcome> => {
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
    if (limit === 0 && call.command.has('txnNumber'))
      throw serverError(72, 'Cannot use (or request) retryable writes with limit=0')
    const target = { store: call.database, find: () => findCollection(call), filter: parseFilter(query) }
    const { records } = call.database
    if (limit === 0) return changeMany(target, records.remove, n => ({ n }))
    return changeOne(target, (collection, row) => {
      if (row) records.remove(collection!, row)
      return { n: row ? 1 : 0 }
    })
  }
  return runBatch(call, arrayField(call, 'deletes'), parts, open, outcomes => ({
    n: sumOf(outcomes, ({ n }) => n),
  }))
}

/** MongoDB manual, "findAndModify": https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
function findAndModify(call: Call): LongWrite {
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
  const result = (value: Value, last: Record<string, Value>) =>
    makeDoc({ lastErrorObject: makeDoc(last), value })
  const target = { store: database, find: () => findCollection(call), filter, sort, upsert }
  return changeOne(target, (collection, row) => {
    if (!row) {
      if (!parsed || !upsert) return result(null, isRemove ? { n: 0 } : { n: 0, updatedExisting: false })
      const doc = buildUpsert(parsed, filter, now)
      checkId(doc.get('_id'))
      database.records.insert(findOrCreateCollection(call), doc)
      return result(wantsNew ? project(doc) : null, {
        n: 1,
        updatedExisting: false,
        upserted: doc.get('_id')!,
      })
    }
    const before = decodeRow(row)
    if (!parsed) {
      const shown = project(before)
      database.records.remove(collection!, row)
      return result(shown, { n: 1 })
    }
    const to = computeUpdate(parsed, row, filter, now)
    const shown = wantsNew && to ? project(to.doc) : project(before)
    if (to) database.records.replace(collection!, row, to.doc, to.bytes)
    return result(shown, { n: 1, updatedExisting: true })
  })
}
