import { existsSync, statSync } from 'node:fs'
import { writeSnapshot } from '../backup'
import type { Collection } from '../catalog'
import { serverError } from '../errors'
import { parseFilter } from '../filter'
import { compileFilter } from '../match'
import { stampAll } from '../stamps'
import type { Doc } from '../value'
import {
  booleanField,
  collectionName,
  docField,
  findCollection,
  makeDoc,
  type Call,
  type Commands,
} from './command'
import { collMod, createIndexes, dropIndexes } from './indexes'

/**
 * Commands for databases, collections and indexes. MongoDB manual, "Administration Commands":
 * https://www.mongodb.com/docs/manual/reference/command/nav-administration/
 */
export const administration: Commands = {
  create: {
    accepts: [],
    unsupported: [
      'capped',
      'autoIndexId',
      'size',
      'max',
      'storageEngine',
      'validator',
      'validationLevel',
      'validationAction',
      'indexOptionDefaults',
      'viewOn',
      'pipeline',
      'collation',
      'timeseries',
      'expireAfterSeconds',
      'clusteredIndex',
      'changeStreamPreAndPostImages',
      'encryptedFields',
    ],
    write: call => {
      const name = collectionName(call)
      if (findCollection(call)) throw serverError(48, `Collection ${call.db}.${name} already exists.`)
      call.database.catalog.create(call.db, name)
      return makeDoc({})
    },
  },
  drop: {
    accepts: [],
    write: call => {
      const collection = findCollection(call)
      if (!collection) throw serverError(26, 'ns not found')
      call.database.catalog.drop(collection)
      stampAll(call.database.stamps)
      return makeDoc({ nIndexesWas: collection.indexes.length, ns: `${call.db}.${collection.name}` })
    },
  },
  dropDatabase: {
    accepts: [],
    write: call => {
      const { catalog, stamps } = call.database
      for (const collection of [...catalog.all()])
        if (collection.database === call.db) catalog.drop(collection)
      stampAll(stamps)
      return makeDoc({ dropped: call.db })
    },
  },
  /**
   * Compacts the whole file, since all collections are in it. Unlike MongoDB's, it leaves nothing in the file of what
   * was deleted or overwritten. MongoDB manual, "compact":
   * https://www.mongodb.com/docs/manual/reference/command/compact/
   */
  compact: {
    accepts: ['force'],
    unsupported: ['dryRun', 'freeSpaceTargetMB'],
    read: async call => {
      if (!findCollection(call)) throw serverError(26, 'collection does not exist')
      const bytesFreed = await call.database.storage.replaceWithCompact()
      return makeDoc({ bytesFreed: BigInt(Math.max(bytesFreed, 0)) })
    },
  },
  /**
   * Writes what all databases contain at this moment to the file `to`, which exists and is empty. MongoDB has no such
   * command: its own backups copy files beside it.
   */
  backup: {
    accepts: ['to'],
    read: async call => {
      const to = call.command.get('to')
      if (typeof to !== 'string' || !existsSync(to) || statSync(to).size > 0)
        throw serverError(2, `BSON field 'backup.to' is not the path of an empty file`)
      await writeSnapshot(call.database.storage, to, () => call.connection?.destroyed === true)
      return makeDoc({})
    },
  },
  listDatabases: {
    accepts: ['nameOnly', 'filter', 'authorizedDatabases'],
    read: call => {
      const names = new Set([...call.database.catalog.all()].map(({ database }) => database))
      const test = compileFilter(parseFilter(docField(call, 'filter')))
      const databases = [...names].sort().map(name =>
        makeDoc({
          name,
          ...(booleanField(call.command, 'nameOnly') ? {} : { sizeOnDisk: 0n, empty: false }),
        }),
      )
      return makeDoc({ databases: databases.filter(test), totalSize: 0n })
    },
  },
  listCollections: {
    accepts: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
    read: call => {
      const test = compileFilter(parseFilter(docField(call, 'filter')))
      const found = [...call.database.catalog.all()]
        .filter(({ database }) => database === call.db)
        .map(collection => describeCollection(collection, booleanField(call.command, 'nameOnly')))
      return listReply(call, '$cmd.listCollections', found.filter(test))
    },
  },
  createIndexes: { accepts: ['indexes', 'commitQuorum'], writeInSteps: createIndexes },
  listIndexes: {
    accepts: ['cursor'],
    read: call => {
      const collection = findCollection(call)
      if (!collection) throw serverError(26, `ns does not exist: ${call.db}.${collectionName(call)}`)
      return listReply(
        call,
        collection.name,
        collection.indexes.map(({ spec }) => spec),
      )
    },
  },
  dropIndexes: { accepts: ['index'], write: dropIndexes },
  collMod: {
    accepts: ['index'],
    unsupported: [
      'validator',
      'validationLevel',
      'validationAction',
      'viewOn',
      'pipeline',
      'expireAfterSeconds',
      'cappedSize',
      'cappedMax',
      'changeStreamPreAndPostImages',
      'dryRun',
    ],
    write: collMod,
  },
}

/** Returns everything in the first batch. Lists of collections and indexes are short. */
function listReply(call: Call, name: string, found: Doc[]): Doc {
  const cursor = makeDoc({ id: 0n, ns: `${call.db}.${name}`, firstBatch: found })
  return makeDoc({ cursor })
}

function describeCollection(collection: Collection, nameOnly: boolean): Doc {
  const short = { name: collection.name, type: 'collection' }
  if (nameOnly) return makeDoc(short)
  return makeDoc({
    ...short,
    options: new Map(),
    info: makeDoc({ readOnly: false, uuid: collection.uuid }),
    idIndex: collection.indexes[0]!.spec,
  })
}
