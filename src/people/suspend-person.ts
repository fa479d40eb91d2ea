import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { requireAnotherAdmin } from './change-role'
import { People } from './person'

/** Closes the academy to somebody from their next request on; nothing of theirs is lost. Not for the last administrator (409). */
export async function suspendPerson(id: Types.ObjectId | string): Promise<void> {
  await requireAnotherAdmin(id)
  await People.updateOne({ _id: id, suspendedAt: null }, { $set: { suspendedAt: now() } })
}

/** Opens it again. Who has erased themselves stays out. */
export async function reactivatePerson(id: Types.ObjectId | string): Promise<void> {
  await People.updateOne({ _id: id, erasedAt: null }, { $set: { suspendedAt: null } })
}
