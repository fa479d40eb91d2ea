import type { Model, QueryFilter, Types, UpdateQuery } from 'mongoose'
import { isDuplicateKey } from '../platform/errors'

/**
 * Writes what was computed from a ledger as new as `ledger` says, unless a computation from a newer one stands there already: so of two workers
 * that race, the one that saw less changes nothing.
 *
 * @returns what stood there before, null for a new record; undefined when the newer one was left.
 */
export async function saveIfNewer<T extends { _id: Types.ObjectId; ledgerVersion: number }>(
  records: Model<T>,
  id: Types.ObjectId,
  fields: Partial<T> & { ledgerVersion: number },
): Promise<T | null | undefined> {
  try {
    return await records
      .findOneAndUpdate(
        { _id: id, ledgerVersion: { $lte: fields.ledgerVersion } } as QueryFilter<T>,
        { $set: fields } as UpdateQuery<T>,
        { upsert: true, returnDocument: 'before' },
      )
  } catch (error) {
    // The filter did not match and the upsert met the newer record.
    if (isDuplicateKey(error)) return undefined
    throw error
  }
}
