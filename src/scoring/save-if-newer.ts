import type { QueryFilter, Types, UpdateQuery } from 'mongoose'

type Versioned = { _id: Types.ObjectId; ledgerVersion: number }
type VersionedRecords<T> = {
  load(id: unknown): Promise<T | null>
  upsertIfMatching(filter: QueryFilter<T>, change: UpdateQuery<T>): Promise<boolean>
}

/**
 * Saves what was computed from the ledger at this version, unless a result from a newer version is already stored, so
 * the newer one wins when two workers race.
 *
 * @returns the previous record, null for a new one, or undefined when a newer one was left in place.
 */
export async function saveIfNewer<T extends Versioned>(
  records: VersionedRecords<T>,
  id: Types.ObjectId,
  fields: Partial<T> & { ledgerVersion: number },
): Promise<T | null | undefined> {
  const filter = { _id: id, ledgerVersion: { $lte: fields.ledgerVersion } } as QueryFilter<T>
  const change = { $set: fields } as UpdateQuery<T>
  const before = await records.load(id)
  if (before && before.ledgerVersion > fields.ledgerVersion) return undefined
  const save = () => records.upsertIfMatching(filter, change)
  // When another result was inserted just now, it is newer only if it still doesn't match.
  return (await save()) || (await save()) ? before : undefined
}
