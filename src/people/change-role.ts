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

/** True when someone, of those who match, can administer the academy: with the role, and not suspended. */
export function hasAdministrator(among: { _id?: { $ne: Types.ObjectId | string } } = {}): Promise<boolean> {
  return People.exists({ role: 'admin', suspendedAt: null, ...among })
}

/** @throws 409 when there is no other active administrator */
export async function requireAnotherAdmin(id: Types.ObjectId | string): Promise<void> {
  if (!(await hasAdministrator({ _id: { $ne: id } }))) throw conflict('admin:errors.lastAdmin')
}
