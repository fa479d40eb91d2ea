import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { requireAnotherAdmin } from './change-role'
import { People } from './person'

/**
 * Locks a person out from their next request on. Their data stays.
 *
 * @param since when they were told to leave: what was taken from them for it comes after.
 * @throws 409 for the last active administrator
 */
export async function suspendPerson(id: Types.ObjectId | string, since = now()): Promise<void> {
  await requireAnotherAdmin(id)
  await People.updateOne({ _id: id, suspendedAt: null }, { $set: { suspendedAt: since } })
}

/** Lets a suspended person in again. An erased person stays out. */
export async function reactivatePerson(id: Types.ObjectId | string): Promise<void> {
  await People.updateOne({ _id: id, erasedAt: null }, { $set: { suspendedAt: null } })
}
