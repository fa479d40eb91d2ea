import { changeMany } from './change'
import type { Database } from './commands/command'
import { isServerError } from './errors'
import { parseFilter } from './filter'
import { runSteps } from './stepwise'
import type { Value } from './value'

/**
 * Deletes the documents that have expired according to a TTL index. Only dates count; in an array, the earliest one.
 * MongoDB manual, "TTL Indexes": https://www.mongodb.com/docs/manual/core/index-ttl/
 */
export async function deleteExpired(database: Database, now: Date): Promise<void> {
  for (const collection of [...database.catalog.all()])
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined) continue
      const before = new Date(now.getTime() - index.expireAfterSeconds * 1000)
      const conditions = [
        new Map([[index.fields[0]!.path, new Map<string, Value>([['$lte', before]])]]),
        ...(index.partial ? [index.partial.filter] : []),
      ]
      const find = () => {
        const found = database.catalog.find(collection.database, collection.name)
        return found?.id === collection.id ? found : undefined
      }
      const filter = parseFilter(new Map([['$and', conditions]]))
      const deletion = changeMany({ store: database, find, filter }, database.records.remove, () => undefined)
      await runSteps(database.storage, deletion).catch((error: unknown) => {
        // The collection or the index was dropped meanwhile.
        if (!isServerError(error) || error.code !== 175) throw error
      })
    }
}
