import type { Types } from 'mongoose'
import { shared } from '../platform/batched'
import { People, type Role } from '../people/person'

/** Who may own a lead; an administrator may have accepted one. */
export const ownerRoles: Role[] = ['sales', 'sales-lead', 'admin']

/** Returns everyone who may own a lead, by name: sales reps and sales leads. */
export const assignableTeam = shared(async () => {
  const people = await People.find({ role: { $in: ['sales', 'sales-lead'] }, suspendedAt: null })
  return people.sort((a, b) => a.name.localeCompare(b.name, 'en'))
})

/** True for an active teammate in sales, and for an administrator, who may have accepted a lead. */
export async function canOwn(_id: Types.ObjectId): Promise<boolean> {
  const owner = await People.load(_id)
  return owner !== null && ownerRoles.includes(owner.role) && !owner.suspendedAt
}
