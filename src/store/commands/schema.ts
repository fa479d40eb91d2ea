import type { Collection } from '../catalog'
import { refusal } from '../errors'
import { parseFilter } from '../filter'
import { compileFilter } from '../match'
import type { Doc } from '../value'
import { collectionName, docField, findCollection, flag, reply, type Call, type Commands } from './command'
import { collMod, createIndexes, dropIndexes } from './indexes'

/** https://www.mongodb.com/docs/manual/reference/command/nav-administration/ */
export const schema: Commands = {
  create: {
    accepts: [],
    refuses: [
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
      if (findCollection(call)) throw refusal(48, `Collection ${call.db}.${name} already exists.`)
      call.database.catalog.create(call.db, name)
      return reply({})
    },
  },
  drop: {
    accepts: [],
    write: call => {
      const collection = findCollection(call)
      if (!collection) throw refusal(26, 'ns not found')
      call.database.catalog.drop(collection)
      return reply({ nIndexesWas: collection.indexes.length, ns: `${call.db}.${collection.name}` })
    },
  },
  dropDatabase: {
    accepts: [],
    write: call => {
      const { catalog } = call.database
      for (const collection of [...catalog.all()])
        if (collection.database === call.db) catalog.drop(collection)
      return reply({ dropped: call.db })
    },
  },
  listDatabases: {
    accepts: ['nameOnly', 'filter', 'authorizedDatabases'],
    read: call => {
      const names = new Set([...call.database.catalog.all()].map(({ database }) => database))
      const test = compileFilter(parseFilter(docField(call, 'filter')))
      const databases = [...names]
        .sort()
        .map(name =>
          reply({ name, ...(flag(call.command, 'nameOnly') ? {} : { sizeOnDisk: 0n, empty: false }) }),
        )
      return reply({ databases: databases.filter(test), totalSize: 0n })
    },
  },
  listCollections: {
    accepts: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
    read: call => {
      const test = compileFilter(parseFilter(docField(call, 'filter')))
      const found = [...call.database.catalog.all()]
        .filter(({ database }) => database === call.db)
        .map(collection => describe(collection, flag(call.command, 'nameOnly')))
      return list(call, '$cmd.listCollections', found.filter(test))
    },
  },
  createIndexes: { accepts: ['indexes', 'commitQuorum'], write: createIndexes },
  listIndexes: {
    accepts: ['cursor'],
    read: call => {
      const collection = findCollection(call)
      if (!collection) throw refusal(26, `ns does not exist: ${call.db}.${collectionName(call)}`)
      return list(
        call,
        collection.name,
        collection.indexes.map(({ spec }) => spec),
      )
    },
  },
  dropIndexes: { accepts: ['index'], write: dropIndexes },
  collMod: {
    accepts: ['index'],
    refuses: [
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

/** All at once: lists of collections and indexes are short. */
function list(call: Call, name: string, found: Doc[]): Doc {
  const cursor = reply({ id: 0n, ns: `${call.db}.${name}`, firstBatch: found })
  return reply({ cursor })
}

function describe(collection: Collection, nameOnly: boolean): Doc {
  const short = { name: collection.name, type: 'collection' }
  if (nameOnly) return reply(short)
  return reply({
    ...short,
    options: new Map(),
    info: reply({ readOnly: false, uuid: collection.uuid }),
    idIndex: collection.indexes[0]!.spec,
  })
}
