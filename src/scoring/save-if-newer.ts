import type { QueryFilter, Types, UpdateQuery } from 'mongoose'

type Versioned = { _id: Types.ObjectId; ledgerVersion: number }
type VersionedRecords<T> = {
  findOneAndUpdate(filter: QueryFilter<T>, change: UpdateQuery<T>): PromiseLike<T | null>
  upsertIfMatching(filter: QueryFilter<T>, change: UpdateQuery<T>): Promise<boolean>
}

/**
 * Saves what was computed from a ledger of this version, unless a computation from a newer one is stored already: of two workers that
 * race, the newer one always stays.
 *
 * @returns the record before, null for a new one; undefined when the newer one was left as it is.
 */
export async function saveIfNewer<T extends Versioned>(
  records: VersionedRecords<T>,
  id: Types.ObjectId,
  fields: Partial<T> & { ledgerVersion: number },
): Promise<T | null | undefined> {
  const filter = { _id: id, ledgerVersion: { $lte: fields.ledgerVersion } } as QueryFilter<T>
  const change = { $set: fields } as UpdateQuery<T>
  const before = await records.findOneAndUpdate(filter, change)
  if (before) return before
  if (await records.upsertIfMatching(filter, change)) return null
  // Another computation was inserted just now: it is the newer one only if it still does not fit.
  return (await records.findOneAndUpdate(filter, change)) ?? undefined
}
