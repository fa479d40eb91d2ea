import { createHash } from 'node:crypto'
import { join } from 'node:path'
import mongoose, { type Model } from 'mongoose'
import { clearCaches } from './cached'
import { followClock, isSimulated, seconds } from './clock'
import { config } from './config'
import { StartError } from './errors'
import { keepBy } from './retained'
import { log } from './log'
import { migrations } from './migrations'
import { startStore } from '../store/start'

let clockTimer: NodeJS.Timeout | undefined
let closeStore: (() => Promise<void>) | undefined

mongoose.set('strictQuery', true)
mongoose.set('autoIndex', false)
mongoose.set('autoCreate', false)

/** Opens the database and updates its indexes. The records must have been imported. */
export async function connectDatabase(uri = config.mongodbUri, dbName?: string): Promise<void> {
  await openDatabase(uri, dbName)
  await completeRecords()
  await ensureIndexes()
}

/**
 * Connects to the MongoDB at `MONGODB_URI`, or to the embedded store under `DATA_DIR`, and logs which one. Every write
 * waits until it is durable: `w: majority, j: true`.
 *
 * @throws StartError for a folder or a database that can't be opened, and for data in a format that this version can't
 * read; nothing is written then.
 */
export async function openDatabase(uri = config.mongodbUri, dbName?: string): Promise<void> {
  let address = uri ?? ''
  if (!uri) {
    const folder = join(config.dataDir, 'store')
    const store = await startStore({ folder }).catch((error: Error) => {
      throw new StartError(`The data folder ${folder} can't be opened: ${error.message}`)
    })
    closeStore = store.close
    keepBy(store.stamps)
    address = store.uri
    log.info(`database: embedded store in ${join(config.dataDir, 'store')}`)
  }
  const options = {
    dbName: dbName ?? (uri ? undefined : 'lyceum'),
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    maxPoolSize: 20,
    serverSelectionTimeoutMS: 10_000,
  } as const
  await mongoose.connect(address, options).catch((error: Error) => {
    throw new StartError(
      `The database at ${uri ? 'MONGODB_URI' : address} can't be reached: ${error.message}`,
    )
  })
  if (uri) {
    log.info('database: MongoDB of MONGODB_URI')
    await readDatabaseClock()
    clockTimer = setInterval(() => void readDatabaseClock().catch(() => {}), seconds(30)).unref()
  }
  await requireCurrentData()
}

/** The clocks of a machine and its database differ by less when both are set by NTP. */
const clockTolerance = seconds(1)
let clockDifference = 0

/** Follows the database's clock, so that processes on machines whose clocks differ agree about what is due. */
async function readDatabaseClock(): Promise<void> {
  if (isSimulated()) return
  const askedAt = Date.now()
  const { localTime } = (await mongoose.connection.db!.admin().command({ hello: 1 })) as { localTime: Date }
  const difference = localTime.getTime() - (askedAt + Date.now()) / 2
  const ahead = Math.abs(difference) > clockTolerance ? Math.round(difference) : 0
  followClock(ahead)
  if (Math.abs(ahead - clockDifference) > clockTolerance) {
    log.warn({ seconds: ahead / 1000 }, "this machine's clock differs from the database's, which is used")
  }
  clockDifference = ahead
}

/** Increased when the stored data changes; `migrations` has what brings the data of an earlier version here. */
const dataVersion = 11

/**
 * Brings the data to this version. Refuses data from a version without a migration, which has other names and would
 * look empty, and from a later one.
 */
async function requireCurrentData(): Promise<void> {
  const settings = mongoose.connection.collection<{ _id: string; version: number }>('settings')
  const stored = await settings.findOne({ _id: 'data' })
  let version = stored?.version ?? dataVersion
  const isRefused = stored
    ? version > dataVersion || !canMigrate(version)
    : await mongoose.connection.collection('people').findOne({})
  if (isRefused) {
    const place = config.mongodbUri ? 'database at MONGODB_URI' : `folder ${config.dataDir}`
    throw new StartError(
      `The ${place} contains data from another version of Lyceum, which this version can't read: ` +
        'start with an empty one, or go back to that version.',
    )
  }
  for (; version < dataVersion; version++) {
    await migrations[version]!(mongoose.connection)
    await settings.updateOne({ _id: 'data' }, { $set: { version: version + 1 } })
    log.info({ version: version + 1 }, 'database: data brought to this version')
  }
  if (!stored) await settings.updateOne({ _id: 'data' }, { $set: { version } }, { upsert: true })
}

/** Whether there is a migration from this version, and from each one after it. */
function canMigrate(version: number): boolean {
  return version === dataVersion || (version in migrations && canMigrate(version + 1))
}

/**
 * Completes records from before there were several brands: their versions are of the first one. Runs at each start,
 * before the indexes that need it, and may be interrupted.
 */
export async function completeRecords(): Promise<void> {
  const versions = mongoose.connection.collection<{ _id: number }>('brand_versions')
  for await (const { _id } of versions.find({ brandId: { $exists: false } })) {
    await versions.updateOne({ _id }, { $set: { brandId: 'academy', number: _id } })
  }
}

/**
 * Leaves nothing of deleted or overwritten data in the file of the embedded store. A MongoDB has its own ways, so with
 * one, this does nothing.
 */
export async function compactStore(): Promise<void> {
  if (!config.mongodbUri) await mongoose.connection.db!.command({ compact: 'settings' })
}

export async function disconnectDatabase(): Promise<void> {
  clearInterval(clockTimer)
  await mongoose.disconnect()
  clearCaches()
  keepBy(undefined)
  await closeStore?.()
  closeStore = undefined
}

/**
 * Creates the indexes that the records declare, and drops unique ones that they no longer declare, which would refuse
 * records. Does nothing unless a declaration has changed since the last start.
 */
export async function ensureIndexes(): Promise<void> {
  const models = Object.values(mongoose.models)
  const declared = JSON.stringify(models.map(model => [model.collection.name, model.schema.indexes()]))
  const hash = createHash('sha256').update(declared).digest('hex')
  const settings = mongoose.connection.collection<{ _id: string; hash: string }>('settings')
  const known = await settings.findOne({ _id: 'indexes' })
  if (known?.hash === hash) return
  const existing = await mongoose.connection.listCollections()
  const names = new Set(existing.map(({ name }) => name))
  await Promise.all(
    models.map(async model => {
      if (names.has(model.collection.name)) await dropFormerUniqueIndexes(model)
      const indexes = model.schema.indexes().map(([key, options]) => ({ ...options, key }))
      if (indexes.length) await model.collection.createIndexes(indexes as mongoose.mongo.IndexDescription[])
    }),
  )
  await settings.updateOne({ _id: 'indexes' }, { $set: { hash } }, { upsert: true })
}

async function dropFormerUniqueIndexes(model: Model<unknown>): Promise<void> {
  const { toDrop } = await model.diffIndexes()
  if (!toDrop.length) return
  for (const { name, unique } of await model.collection.listIndexes().toArray()) {
    if (unique && toDrop.includes(name)) await model.collection.dropIndex(name)
  }
}
