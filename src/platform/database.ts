import { createHash } from 'node:crypto'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { config, ConfigError } from './config'
import { log } from './log'
import { startStore } from '../store/start'

let closeStore: (() => Promise<void>) | undefined

mongoose.set('strictQuery', true)
mongoose.set('autoIndex', false)
mongoose.set('autoCreate', false)

/** Opens the database and sees to its indexes; the records must have been imported. */
export async function connectDatabase(uri = config.mongodbUri, dbName?: string): Promise<void> {
  await openDatabase(uri, dbName)
  await ensureIndexes()
}

/**
 * Connects to the MongoDB that `MONGODB_URI` names, else to the embedded store under `DATA_DIR`, and says which. Every write
 * waits until it is safe: `w: majority, j: true`.
 */
export async function openDatabase(uri = config.mongodbUri, dbName?: string): Promise<void> {
  let address = uri ?? ''
  if (!uri) {
    const store = await startStore({ folder: join(config.dataDir, 'store') })
    closeStore = store.close
    address = store.uri
    log.info(
      `database: the embedded store in ${join(config.dataDir, 'store')}; one process, flushed before each answer`,
    )
  }
  await mongoose.connect(address, {
    dbName: dbName ?? (uri ? undefined : 'lyceum'),
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    maxPoolSize: 20,
    serverSelectionTimeoutMS: 10_000,
  })
  if (uri) log.info('database: MongoDB by MONGODB_URI, writes with w: majority, j: true')
  await requireCurrentData()
}

/** Goes up when names or shapes of stored data change without a migration. */
const dataVersion = 3

/** Refuses data that an older version of Lyceum has written: its names are others, so it would be read as empty. */
async function requireCurrentData(): Promise<void> {
  const settings = mongoose.connection.collection<{ _id: string; version: number }>('settings')
  const stored = await settings.findOne({ _id: 'data' })
  if (stored?.version === dataVersion) return
  if (stored || (await mongoose.connection.collection('people').findOne({}))) {
    throw new ConfigError([
      `the data of this ${config.mongodbUri ? 'database (MONGODB_URI)' : `folder (${config.dataDir})`} was written by an ` +
        'older version of Lyceum that this one cannot read: start with an empty one, or go back to the older version',
    ])
  }
  await settings.updateOne({ _id: 'data' }, { $set: { version: dataVersion } }, { upsert: true })
}

export async function disconnectDatabase(): Promise<void> {
  await mongoose.disconnect()
  await closeStore?.()
  closeStore = undefined
}

/** Creates the indexes that the records declare, and only asks the database about them when a declaration has changed. */
export async function ensureIndexes(): Promise<void> {
  const models = Object.values(mongoose.models)
  const declared = JSON.stringify(models.map(model => [model.collection.name, model.schema.indexes()]))
  const hash = createHash('sha256').update(declared).digest('hex')
  const settings = mongoose.connection.collection<{ _id: string; hash: string }>('settings')
  const known = await settings.findOne({ _id: 'indexes' })
  if (known?.hash === hash) return
  for (const model of models) await model.createIndexes()
  await settings.updateOne({ _id: 'indexes' }, { $set: { hash } }, { upsert: true })
}
