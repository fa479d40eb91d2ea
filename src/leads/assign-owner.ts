import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { People, type Person } from '../people/person'
import { Leads } from './lead'
import { projectLead } from './project-lead'

/**
 * Reaction to `lead.qualified`: creates the lead and assigns an owner, unless it has one who is still in sales. The
 * owner is the team member with the fewest open leads; among equals, the one who has waited longest for a lead.
 */
export async function assignOwner(event: Pick<Event, 'person'>): Promise<void> {
  await projectLead(event)
  const lead = await Leads.findById(event.person)
  if (!lead) return
  const team = await salesTeam()
  if (team.some(person => person._id.equals(lead.owner ?? undefined))) return
  const workloads = await Promise.all(team.map(workloadOf))
  const [next] = workloads.sort(
    (a, b) =>
      a.open - b.open ||
      a.lastAssignedAt - b.lastAssignedAt ||
      (String(a.person) < String(b.person) ? -1 : 1),
  )
  if (!next) return
  // The filter on the owner makes this safe when another worker or a sales lead has assigned it meanwhile.
  await Leads.updateOne(
    { _id: lead._id, owner: lead.owner },
    { $set: { owner: next.person, assignedAt: now() } },
  )
}

/** Returns who may own a lead, by name: the people with the role sales or, when there are none, the sales leads. */
export async function salesTeam(): Promise<Person[]> {
  const people = await People.find({ role: { $in: ['sales', 'sales-lead'] }, suspendedAt: null })
  const reps = people.filter(person => person.role === 'sales')
  return (reps.length ? reps : people).sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

async function workloadOf({ _id: person }: Person) {
  const [open, last] = await Promise.all([
    Leads.count({ owner: person, rank: { $in: [0, 1] } }),
    Leads.findOne({ owner: person }, { assignedAt: 1 }).sort({ assignedAt: -1 }),
  ])
  return { person, open, lastAssignedAt: last?.assignedAt?.getTime() ?? 0 }
}
