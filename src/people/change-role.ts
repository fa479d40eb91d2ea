import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { People, type Role } from './person'

/**
 * Changes a person's role.
 *
 * @throws 409 for the last active administrator, because nobody could manage people any more
 */
export async function changeRole(id: Types.ObjectId | string, role: Role): Promise<void> {
  if (role !== 'admin') await requireAnotherAdmin(id)
  await People.updateOne({ _id: id, erasedAt: null }, { $set: { role } })
}

/** @throws 409 when there is no other active administrator */
export async function requireAnotherAdmin(id: Types.ObjectId | string): Promise<void> {
  const other = await People.exists({ role: 'admin', suspendedAt: null, _id: { $ne: id } })
  if (!other) throw conflict('admin:errors.lastAdmin')
}
