import type { Model, QueryFilter, Types, UpdateQuery } from 'mongoose'
import { isDuplicateKey } from '../errors'

/**
 * Writes what was computed from a ledger as new as `ledger` says, unless a computation from a newer one stands there already: so of two workers
 * that race, the one that saw less changes nothing. False then.
 */
export async function saveNewer<T extends { _id: Types.ObjectId; ledger: number }>(
  records: Model<T>,
  id: Types.ObjectId,
  fields: Partial<T> & { ledger: number },
  whenNew: Partial<T> = {},
): Promise<boolean> {
  try {
    await records.updateOne(
      { _id: id, ledger: { $lte: fields.ledger } } as QueryFilter<T>,
      { $set: fields, $setOnInsert: whenNew } as UpdateQuery<T>,
      { upsert: true },
    )
    return true
  } catch (error) {
    // The filter did not match and the upsert met the newer record.
    if (isDuplicateKey(error)) return false
    throw error
  }
}
