import type { Catalog, Collection } from '../catalog'
import type { Cursors } from '../cursor'
import type { Reply } from '../encode'
import { notImplemented, serverError } from '../errors'
import { toSafeInteger } from '../number'
import type { Records } from '../records'
import type { Source } from '../scan'
import type { Sessions } from '../session'
import type { Stamps } from '../stamps'
import type { StepResult, Stepwise } from '../stepwise'
import type { Storage } from '../storage'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'

/** Everything that commands work with. */
export interface Database {
  storage: Storage
  catalog: Catalog
  records: Records
  stamps: Stamps
  source: Source
  cursors: Cursors
  sessions: Sessions
  /** The address that clients connect to. `hello` must repeat it. */
  address: string
}

/** The connection on which a command came: an object to tell it from others. */
export interface Connection {
  destroyed: boolean
}

/** A command as it was received. `db` is the name of the database. */
export interface Call {
  database: Database
  db: string
  command: Doc
  name: string
  /** Identifies the connection on which it came. */
  connection?: Connection
}

/** A write that is done in steps. */
export interface LongWrite extends Stepwise<Doc> {
  /** What the next step does, as it is stored for a retry, which is given all that was stored before. */
  step(isOver: () => boolean): StepResult<Doc> & { part?: Value }
}

/**
 * A command and the fields it accepts. `unsupported` are fields that MongoDB has and this store refuses by
 * name; any other field is unknown. `write` runs inside one write transaction and never waits; `writeInSteps` returns
 * what may take several.
 */
export interface Command {
  accepts: string[]
  unsupported?: string[]
  /** Whether the command may be retried with the same transaction number. */
  retryable?: boolean
  read?(call: Call): Promise<Reply> | Reply
  write?(call: Call): Doc
  /** @param parts what was stored of the steps of an earlier try */
  writeInSteps?(call: Call, parts: Value[]): LongWrite
}

/** Commands by name. */
export type Commands = Record<string, Command>

/**
 * Fields that every command accepts. MongoDB manual, "Database Commands":
 * https://www.mongodb.com/docs/manual/reference/command/
 */
const common = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
])
const transaction = new Set(['startTransaction', 'autocommit', 'coordinator'])

/**
 * Checks the fields of a command against the ones it accepts.
 *
 * @throws 40415 for an unknown field, 238 for an unsupported field or read concern, 263 for a transaction, 20
 *   for a transaction number on a command that cannot be retried
 */
export function checkFields(
  { name, command }: Call,
  { accepts, unsupported = [], retryable }: Command,
): void {
  for (const field of command.keys()) {
    if (field === name || accepts.includes(field) || common.has(field)) continue
    if (field === 'txnNumber' && retryable) continue
    if (transaction.has(field))
      throw serverError(263, 'Multi-document transactions are not implemented by the embedded store')
    if (field === 'txnNumber') throw serverError(20, `Transaction numbers are not allowed with ${name}`)
    if (unsupported.includes(field)) throw notImplemented(`'${name}.${field}'`)
    throw serverError(40415, `BSON field '${name}.${field}' is an unknown field.`)
  }
  checkWriteConcern(command.get('writeConcern'))
  const concern = command.get('readConcern')
  const level = isDoc(concern) ? concern.get('level') : undefined
  if (level !== undefined && !['local', 'majority', 'available', 'linearizable'].includes(level as string))
    throw notImplemented(`read concern ${String(level)}`)
}

function checkWriteConcern(concern: Value | undefined): void {
  if (concern === undefined) return
  if (!isDoc(concern))
    throw serverError(14, `'writeConcern' is of type ${typeName(concern)}, and not an object`)
  const w = concern.get('w')
  if (w === undefined || typeof w === 'string') return
  if (!isNumber(w)) throw serverError(9, `w has to be a number, string, or object; found: ${typeName(w)}`)
  if (!(toFloat(w) >= 0 && toFloat(w) <= 50))
    throw serverError(
      9,
      'w has to be a non-negative number and not greater than 50; found: ' + String(toFloat(w)),
    )
}

/**
 * Returns the error of a write concern that a single machine cannot satisfy, or undefined. The write is done all the
 * same. MongoDB manual, "Write Concern": https://www.mongodb.com/docs/manual/reference/write-concern/
 */
export function writeConcernError(command: Doc): Doc | undefined {
  const concern = command.get('writeConcern')
  const w = isDoc(concern) ? concern.get('w') : undefined
  const name = typeof w === 'string' && w !== 'majority' ? w : undefined
  if (name === undefined && !(isNumber(w) && toFloat(w) > 1)) return undefined
  const { code, codeName, message } =
    name === undefined
      ? serverError(100, 'Not enough data-bearing nodes')
      : serverError(79, `No write concern mode named '${name}' found in replica set configuration`)
  return makeDoc({ code, codeName, errmsg: message })
}

/**
 * Checks the Stable API that a client asks for. MongoDB manual, "Stable API":
 * https://www.mongodb.com/docs/manual/reference/stable-api/
 *
 * @throws 322 for another version than 1, 323 for a command that is not in it, 72 for apiStrict without a version
 */
export function checkApi(name: string, command: Doc): void {
  const version = command.get('apiVersion')
  const isStrict = command.get('apiStrict') === true
  if (version === undefined) {
    if (isStrict) throw serverError(72, 'Provided apiStrict without passing apiVersion')
    return
  }
  if (version !== '1') throw serverError(322, 'API version must be "1"')
  if (isStrict && !stable.has(name))
    throw serverError(323, `Provided apiStrict:true, but the command ${name} is not in API Version 1`)
}

const stable = new Set([
  'aggregate',
  'collMod',
  'count',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'endSessions',
  'explain',
  'find',
  'findAndModify',
  'getMore',
  'hello',
  'insert',
  'killCursors',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'ping',
  'update',
])

/**
 * Checks the fields of an argument, such as an element of `updates`.
 *
 * @throws 40415 for an unknown field, 238 for an unsupported one
 */
export function checkNames(where: string, doc: Doc, accepts: string[], unsupported: string[] = []): void {
  for (const field of doc.keys()) {
    if (accepts.includes(field)) continue
    if (unsupported.includes(field)) throw notImplemented(`'${where}.${field}'`)
    throw serverError(40415, `BSON field '${where}.${field}' is an unknown field.`)
  }
}

/**
 * Returns the collection's name.
 *
 * @throws 73 when it is not a non-empty string
 */
export function collectionName({ command, name, db }: Call): string {
  const value = command.get(name)
  if (typeof value !== 'string') throw serverError(73, `collection name has invalid type ${typeName(value)}`)
  if (value === '') throw serverError(73, `Invalid namespace specified '${db}.'`)
  return value
}

/** Returns the collection that a command names, or undefined if it does not exist. */
export function findCollection(call: Call): Collection | undefined {
  return call.database.catalog.find(call.db, collectionName(call))
}

/**
 * Returns a document argument; an empty document when it is missing or null.
 *
 * @throws 14 for another type
 */
export function docField(call: Call, field: string): Doc {
  const value = call.command.get(field)
  if (value === undefined || value === null) return new Map()
  if (!isDoc(value)) throw wrongType(call.name, field, value, 'object')
  return value
}

/**
 * Returns an array argument.
 *
 * @throws 40414 when it is missing, 14 for another type
 */
export function arrayField(call: Call, field: string): Value[] {
  const value = call.command.get(field)
  if (value === undefined)
    throw serverError(40414, `BSON field '${call.name}.${field}' is missing but a required field`)
  if (!Array.isArray(value)) throw wrongType(call.name, field, value, 'array')
  return value
}

/** Creates the error for an argument of the wrong type (14). */
export function wrongType(where: string, field: string, value: Value | undefined, wanted: string): Error {
  return serverError(
    14,
    `BSON field '${where}.${field}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  )
}

/**
 * Returns a non-negative number, or undefined when the field is missing.
 *
 * @throws 14 when it is not a number, 51024 when it is negative
 */
export function countField(call: Call, field: string): number | undefined {
  const value = call.command.get(field)
  if (value === undefined || value === null) return undefined
  if (!isNumber(value)) throw wrongType(call.name, field, value, 'long')
  const count = toSafeInteger(value) ?? Math.trunc(toFloat(value))
  if (!(count >= 0))
    throw serverError(51024, `BSON field '${field}' value must be >= 0, actual value '${count}'`)
  return count
}

/** Returns when `maxTimeMS` runs out, on the clock of `performance.now()`. */
export function deadlineOf(call: Call): number {
  const limit = countField(call, 'maxTimeMS')
  return limit ? performance.now() + limit : Infinity
}

/**
 * Returns a boolean that must not be a number; false when it is missing.
 *
 * @throws 14 for another type
 */
export function strictBooleanField(where: string, doc: Doc, field: string): boolean {
  const value = doc.get(field)
  if (value === undefined) return false
  if (typeof value !== 'boolean') throw wrongType(where, field, value, 'bool')
  return value
}

/**
 * Returns a boolean. MongoDB also accepts numbers here. False when it is missing or null.
 *
 * @throws 14 for another type
 */
export function booleanField(doc: Doc, field: string): boolean {
  const value = doc.get(field)
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  if (isNumber(value)) return toFloat(value) !== 0
  throw serverError(
    14,
    `BSON field '${field}' is the wrong type '${typeName(value)}', expected types '[bool, long, int, decimal, double]'`,
  )
}

/** Creates a document from an object. */
export function makeDoc(fields: Record<string, Value>): Doc {
  return new Map(Object.entries(fields))
}
