import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { requireAnotherAdmin } from './change-role'
import { People } from './person'

/**
 * Locks a person out from their next request on. Their data stays.
 *
 * @throws 409 for the last active administrator
 */
export async function suspendPerson(id: Types.ObjectId | string): Promise<void> {
  await requireAnotherAdmin(id)
  await People.updateOne({ _id: id, suspendedAt: null }, { $set: { suspendedAt: now() } })
}

/** Lets a suspended person in again. An erased person stays out. */
export async function reactivatePerson(id: Types.ObjectId | string): Promise<void> {
  await People.updateOne({ _id: id, erasedAt: null }, { $set: { suspendedAt: null } })
}
