import type { Database } from './commands/command'
import { parseFilter } from './filter'
import { choosePlan } from './plan'
import { scan } from './scan'
import type { Value } from './value'
import { collectSync } from './yielding'

const batchSize = 500

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
      const filter = parseFilter(new Map([['$and', conditions]]))
      const remove = () => {
        const plan = choosePlan(database.storage, collection, filter)
        const rows = collectSync(take(scan(database.source, collection, plan), batchSize))
        for (const row of rows) database.records.remove(collection, row)
        return rows.length === batchSize
      }
      while (
        await database.storage.write(
          () => database.catalog.find(collection.database, collection.name) === collection && remove(),
        )
      );
    }
}

function* take<T>(source: Generator<T, void, undefined>, limit: number): Generator<T, void, undefined> {
  let taken = 0
  for (const item of source) {
    yield item
    if (typeof item !== 'symbol' && ++taken >= limit) return
  }
}
