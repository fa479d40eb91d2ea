import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { People, type Role } from './person'

/** Gives somebody another role. The last administrator keeps theirs (409), or nobody could open the office again. */
export async function changeRole(id: Types.ObjectId | string, role: Role): Promise<void> {
  if (role !== 'admin') await requireAnotherAdmin(id)
  await People.updateOne({ _id: id, erasedAt: null }, { $set: { role } })
}

/** Refuses with 409 when there is no active administrator beside this one. */
export async function requireAnotherAdmin(id: Types.ObjectId | string): Promise<void> {
  const other = await People.exists({ role: 'admin', suspendedAt: null, _id: { $ne: id } })
  if (!other) throw conflict('admin:errors.lastAdmin')
}
