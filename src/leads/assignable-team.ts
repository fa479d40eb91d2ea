import { shared } from '../platform/batched'
import { People } from '../people/person'

/** Returns everyone who may own a lead, by name: sales reps and sales leads. */
export const assignableTeam = shared(async () => {
  const people = await People.find({ role: { $in: ['sales', 'sales-lead'] }, suspendedAt: null })
  return people.sort((a, b) => a.name.localeCompare(b.name, 'en'))
})
