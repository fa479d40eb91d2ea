import { encode, maxDocumentSize, type Reply } from '../encode'
import { serverError } from '../errors'
import { parseFilter } from '../filter'
import { equalityKey } from '../keys'
import { memoryOf, openAccount } from '../memory'
import { toSafeInteger } from '../number'
import { parsePath, visitPath } from '../path'
import { choosePlan, watchPlan } from '../plan'
import { explain, planFind, planPipeline, type Query } from '../query'
import { decodeRow, type Row } from '../row'
import { countRows, scan } from '../scan'
import { isDoc, type Doc, type Value } from '../value'
import { collect, finish, yieldPoint, yieldToEventLoop, type Yielding } from '../yielding'
import {
  arrayField,
  booleanField,
  checkFields,
  checkNames,
  collectionName,
  countField,
  deadlineOf,
  docField,
  findCollection,
  makeDoc,
  wrongType,
  type Call,
  type Commands,
} from './command'

/**
 * Commands that read documents. MongoDB manual, "Query and Write Operation Commands" and "Aggregation
 * Commands":
 * https://www.mongodb.com/docs/manual/reference/command/nav-crud/
 * https://www.mongodb.com/docs/manual/reference/command/nav-aggregation/
 */
export const reads: Commands = {
  find: {
    accepts: [
      'filter',
      'sort',
      'projection',
      'skip',
      'limit',
      'batchSize',
      'singleBatch',
      'allowDiskUse',
      'allowPartialResults',
    ],
    unsupported: [
      'collation',
      'hint',
      'let',
      'max',
      'min',
      'returnKey',
      'showRecordId',
      'tailable',
      'awaitData',
      'oplogReplay',
      'noCursorTimeout',
    ],
    read: find,
  },
  getMore: {
    accepts: ['collection', 'batchSize'],
    read: call => {
      const id = call.command.get('getMore')
      if (typeof id !== 'bigint') throw wrongType('getMore', 'getMore', id, 'long')
      const name = call.command.get('collection')
      if (typeof name !== 'string') throw wrongType('getMore', 'collection', name, 'string')
      const size = countField(call, 'batchSize') || Infinity
      return call.database.cursors.next(id, `${call.db}.${name}`, size, call.connection)
    },
  },
  killCursors: {
    accepts: ['cursors'],
    read: call =>
      call.database.cursors.kill(arrayField(call, 'cursors').filter(id => typeof id === 'bigint')),
  },
  count: {
    accepts: ['query', 'limit', 'skip'],
    unsupported: ['collation', 'hint'],
    read: count,
  },
  distinct: {
    accepts: ['key', 'query'],
    unsupported: ['collation', 'hint'],
    read: distinct,
  },
  aggregate: {
    accepts: ['pipeline', 'cursor', 'allowDiskUse', 'bypassDocumentValidation', 'explain'],
    unsupported: ['collation', 'hint', 'let'],
    read: aggregate,
  },
  explain: {
    accepts: ['verbosity'],
    read: explainCommand,
  },
}

const defaultBatchSize = 101

function find(call: Call): Promise<Reply> {
  const query = findQuery(call)
  const size = countField(call, 'batchSize') ?? defaultBatchSize
  const { db, database } = call
  return database.cursors.open(`${db}.${collectionName(call)}`, query.run(), size, {
    single: booleanField(call.command, 'singleBatch'),
    deadline: deadlineOf(call),
    whyDead: watchPlan(database.catalog, findCollection(call), query.plan),
    connection: call.connection,
  })
}

function findQuery(call: Call): Query {
  return planFind(call.database.source, findCollection(call), {
    filter: docField(call, 'filter'),
    sort: docField(call, 'sort'),
    projection: docField(call, 'projection'),
    skip: countField(call, 'skip') ?? 0,
    limit: countField(call, 'limit') ?? 0,
  })
}

async function count(call: Call): Promise<Doc> {
  const { source, storage } = call.database
  const collection = findCollection(call)
  const plan = choosePlan(storage, collection, parseFilter(docField(call, 'query')))
  const skip = countField(call, 'skip') ?? 0
  const limit = Math.abs(toSafeInteger(call.command.get('limit')) ?? 0)
  const deadline = deadlineOf(call)
  const most = limit > 0 ? skip + limit : Infinity
  const n = plan.isExact
    ? await finish(countRows(source, collection, plan, most), deadline)
    : await countMatches(scan(source, collection, plan), most, deadline)
  return makeDoc({ n: Math.max(0, Math.min(n, most) - skip) })
}

async function countMatches(rows: Yielding<Row>, most: number, deadline: number): Promise<number> {
  let n = 0
  for (const row of rows) {
    if (row === yieldPoint) await yieldToEventLoop(deadline)
    else if (++n === most) break
  }
  return n
}

async function distinct(call: Call): Promise<Doc> {
  const key = call.command.get('key')
  if (typeof key !== 'string') throw wrongType('distinct', 'key', key, 'string')
  const path = parsePath(key)
  const collection = findCollection(call)
  const plan = choosePlan(call.database.storage, collection, parseFilter(docField(call, 'query')))
  const deadline = deadlineOf(call)
  const found = new Map<string, Value>()
  const account = openAccount('distinct')
  try {
    for (const row of scan(call.database.source, collection, plan)) {
      if (row === yieldPoint) {
        await yieldToEventLoop(deadline)
        continue
      }
      const doc = decodeRow(row as Exclude<typeof row, symbol>)
      visitPath(doc, path, false, value => {
        for (const each of Array.isArray(value) ? value : [value]) {
          const identity = equalityKey(each)
          if (each === undefined || found.has(identity)) continue
          found.set(identity, each)
          account.add(2 * memoryOf(each))
        }
        return false
      })
    }
  } finally {
    account.release()
  }
  const values = [...found.values()]
  if (encode(makeDoc({ values })).length > maxDocumentSize)
    throw serverError(17217, 'distinct too big, 16mb cap')
  return makeDoc({ values })
}

function aggregate(call: Call): Promise<Reply> | Reply {
  const { command, database, db } = call
  const query = aggregateQuery(call)
  if (booleanField(command, 'explain')) return explainPipeline(call, query)
  const cursor = command.get('cursor')
  if (!isDoc(cursor))
    throw serverError(9, "The 'cursor' option is required, except for aggregate with the explain argument")
  checkNames('cursor', cursor, ['batchSize'])
  const size = toSafeInteger(cursor.get('batchSize')) ?? defaultBatchSize
  return database.cursors.open(`${db}.${collectionName(call)}`, query.run(), size, {
    single: false,
    deadline: deadlineOf(call),
    whyDead: watchPlan(database.catalog, findCollection(call), query.plan),
    connection: call.connection,
  })
}

function aggregateQuery(call: Call): Query {
  if (typeof call.command.get('aggregate') !== 'string')
    throw serverError(73, 'aggregate of a database is not implemented by the embedded store')
  return planPipeline(call.database.source, findCollection(call), arrayField(call, 'pipeline'))
}

function explainPipeline(call: Call, query: Query): Doc {
  const planner = explain(`${call.db}.${collectionName(call)}`, query)
  if (query.laterStages.length === 0) return makeDoc({ queryPlanner: planner })
  const cursor = makeDoc({ $cursor: makeDoc({ queryPlanner: planner }) })
  return makeDoc({ stages: [cursor, ...query.laterStages.map(name => makeDoc({ [name]: new Map() }))] })
}

/** Explains find, aggregate, count, distinct, update, delete and findAndModify without changing anything. */
async function explainCommand(call: Call): Promise<Doc> {
  const command = call.command.get('explain')
  if (!isDoc(command)) throw wrongType('explain', 'explain', command, 'object')
  const verbosity = call.command.get('verbosity') ?? 'allPlansExecution'
  if (!['queryPlanner', 'executionStats', 'allPlansExecution'].includes(verbosity as string))
    throw serverError(2, 'verbosity string must be one of {queryPlanner, executionStats, allPlansExecution}')
  const name = command.keys().next().value!
  const inner: Call = { ...call, command, name }
  const known = reads[name]
  if (known) checkFields(inner, known)
  if (name === 'aggregate') return explainPipeline(inner, aggregateQuery(inner))
  const query = name === 'find' ? findQuery(inner) : filterQuery(inner)
  const result = makeDoc({ queryPlanner: explain(`${call.db}.${collectionName(inner)}`, query) })
  if (verbosity !== 'queryPlanner' && name === 'find') {
    const rows = await collect(query.run())
    result.set(
      'executionStats',
      makeDoc({
        executionSuccess: true,
        nReturned: rows.length,
        totalKeysExamined: query.examined.keys,
        totalDocsExamined: query.examined.documents,
      }),
    )
  }
  return result
}

function filterQuery(call: Call): Query {
  const { name, command } = call
  let filter: Value | undefined = command.get('query') ?? new Map()
  let sort: Value | undefined
  if (name === 'update' || name === 'delete') {
    const [first, ...more] = arrayField(call, name === 'update' ? 'updates' : 'deletes')
    if (!isDoc(first) || more.length > 0) throw serverError(9, 'explained write batches must be of size 1')
    filter = first.get('q')
  } else if (name === 'findAndModify' || name === 'findandmodify') sort = command.get('sort')
  else if (name !== 'count' && name !== 'distinct')
    throw serverError(59, `Explain failed due to unknown command: ${name}`)
  const none = new Map<string, Value>()
  return planFind(call.database.source, findCollection(call), {
    filter: isDoc(filter) ? filter : none,
    sort: isDoc(sort) ? sort : none,
    projection: none,
    skip: 0,
    limit: name.toLowerCase() === 'findandmodify' ? 1 : 0,
  })
}
