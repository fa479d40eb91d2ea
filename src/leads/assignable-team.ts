import type { Types } from 'mongoose'
import { retained } from '../platform/retained'
import { People, type Person, type Role } from '../people/person'

/** Who may own a lead; an administrator may have accepted one. */
export const ownerRoles: Role[] = ['sales', 'sales-lead', 'admin']

const teamRoles: Role[] = ['sales', 'sales-lead']

/** Returns everyone who may own a lead, by name: sales reps and sales leads. */
export const assignableTeam: () => Promise<Person[]> = retained(
  async (_: void, dependOn) => {
    for (const role of teamRoles) dependOn(People, 'role', role)
    const people = await People.find({ role: { $in: teamRoles }, suspendedAt: null })
    return people.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  },
  { max: 1 },
)

/** True for an active teammate in sales, and for an administrator, who may have accepted a lead. */
export async function canOwn(_id: Types.ObjectId): Promise<boolean> {
  const owner = await People.load(_id)
  return owner !== null && ownerRoles.includes(owner.role) && !owner.suspendedAt
}
