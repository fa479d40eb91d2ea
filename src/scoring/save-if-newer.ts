import type { Model, QueryFilter, Types, UpdateQuery } from 'mongoose'
import { isDuplicateKey } from '../platform/errors'

/**
 * Saves the result of a computation unless a result from a newer ledger is already stored. When two workers race, the
 * one that read less changes nothing.
 *
 * @returns the record before the update, null when it is new, undefined when a newer one is stored.
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
    // The filter matched nothing, and the upsert ran into the newer record.
    if (isDuplicateKey(error)) return undefined
    throw error
  }
}
