import { EJSON, type Document } from 'bson'
import type { Collection, Db, MongoClient } from 'mongodb'

/** What a dump or a restore processed. */
export interface DumpCounts {
  collections: number
  indexes: number
  documents: number
}

const format = { dump: 'lyceum', version: 1 }

/** Driver options that preserve every BSON type. */
const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

/**
 * Dumps databases as lines of canonical Extended JSON: a header, then for each collection a line with its
 * name and indexes followed by its documents, and finally a line with the counts, which shows that the dump
 * is complete. Works with this store and with MongoDB.
 * https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
 */
export async function* dump(client: MongoClient, databases?: string[]): AsyncGenerator<string> {
  const counts: DumpCounts = { collections: 0, indexes: 0, documents: 0 }
  yield line(format)
  for (const name of databases ?? (await databaseNames(client))) {
    const db = client.db(name)
    const collections = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
    for (const collection of collections
      .map(each => each.name)
      .filter(each => !each.startsWith('system.'))
      .sort()) {
      const indexes = await indexesOf(db.collection(collection))
      counts.collections++
      counts.indexes += indexes.length
      yield line({ collection, database: name, indexes })
      for await (const document of db.collection(collection).find({}, { ...exact, batchSize: 500 })) {
        counts.documents++
        yield line({ document })
      }
    }
  }
  yield line({ end: counts })
}

function line(value: Document): string {
  return `${EJSON.stringify(value, { relaxed: false })}\n`
}

async function databaseNames(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
  return databases.map(({ name }) => name).filter(name => !['admin', 'config', 'local'].includes(name))
}

async function indexesOf(collection: Collection): Promise<Document[]> {
  const indexes = await collection.listIndexes(exact).toArray()
  return indexes.map(({ v: _v, ns: _ns, ...index }) => index).filter(index => index.name !== '_id_')
}

const batchSize = 500

/**
 * Loads a dump.
 *
 * @throws Error when a collection already has documents, the format is unknown, a line is not understood, or
 *   the dump is incomplete
 */
export async function restore(client: MongoClient, lines: AsyncIterable<string>): Promise<DumpCounts> {
  const counts: DumpCounts = { collections: 0, indexes: 0, documents: 0 }
  let target: Collection | undefined
  let batch: Document[] = []
  let ended = false
  let first = true
  const flush = async () => {
    if (batch.length > 0) await target!.insertMany(batch, { forceServerObjectId: true })
    counts.documents += batch.length
    batch = []
  }
  for await (const text of lines) {
    if (text.trim() === '') continue
    const entry = EJSON.parse(text, { relaxed: false }) as Document
    if (first) {
      if (entry.dump !== format.dump || Number(entry.version) !== format.version)
        throw new Error(`This is not a dump of version ${format.version}.`)
      first = false
    } else if (entry.document) {
      batch.push(entry.document as Document)
      if (batch.length >= batchSize) await flush()
    } else if (entry.collection) {
      await flush()
      target = await makeCollection(client.db(entry.database as string), entry)
      counts.collections++
      counts.indexes += (entry.indexes as Document[]).length
    } else if (entry.end) {
      await flush()
      if (Number(entry.end.documents) !== counts.documents)
        throw new Error(
          `The dump lists ${Number(entry.end.documents)} documents but contains ${counts.documents}.`,
        )
      ended = true
    } else throw new Error(`The dump has a line that is not understood: ${text.slice(0, 80)}`)
  }
  if (!ended) throw new Error('The dump is incomplete: its last line is missing.')
  return counts
}

async function makeCollection(db: Db, entry: Document): Promise<Collection> {
  const collection = db.collection(entry.collection as string)
  if (await collection.findOne({}, { projection: { _id: 1 } }))
    throw new Error(`${db.databaseName}.${collection.collectionName} already has documents.`)
  const there = await db.listCollections({ name: collection.collectionName }, { nameOnly: true }).toArray()
  if (there.length === 0) await db.createCollection(collection.collectionName)
  const indexes = entry.indexes as Document[]
  if (indexes.length > 0) await db.command({ createIndexes: collection.collectionName, indexes })
  return collection
}
