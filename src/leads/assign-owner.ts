import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { People, type Person } from '../people/person'
import { Leads, type Lead } from './lead'
import { projectLead } from './project-lead'

/**
 * Reaction to `lead.qualified`: makes the lead and gives it an owner, unless it has one who still sells. In turn among the
 * sales people: whoever has the fewest open leads, and of these whoever has waited longest for one.
 */
export async function assignOwner(event: Pick<Event, 'person'>): Promise<void> {
  await projectLead(event)
  const lead = await Leads.findById(event.person).lean<Lead>()
  if (!lead) return
  const team = await salesTeam()
  if (team.some(person => person._id.equals(lead.owner ?? undefined))) return
  const turns = await Promise.all(team.map(workloadOf))
  const next = turns.sort(
    (a, b) => a.open - b.open || a.servedAt - b.servedAt || (String(a.person) < String(b.person) ? -1 : 1),
  )[0]
  if (!next) return
  // Only from the owner that was seen: another worker, or a sales lead, may have been quicker.
  await Leads.updateOne(
    { _id: lead._id, owner: lead.owner },
    { $set: { owner: next.person, assignedAt: now() } },
  )
}

/** Who may own a lead: everybody in sales, or the sales leads where there is nobody else. By name. */
export async function salesTeam(): Promise<Person[]> {
  const sellers = await People.find({ role: { $in: ['sales', 'sales-lead'] }, suspendedAt: null }).lean<
    Person[]
  >()
  const reps = sellers.filter(person => person.role === 'sales')
  return (reps.length ? reps : sellers).sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

async function workloadOf({ _id: person }: Person) {
  const [open, last] = await Promise.all([
    Leads.countDocuments({ owner: person, rank: { $in: [0, 1] } }),
    Leads.findOne({ owner: person }, { assignedAt: 1 })
      .sort({ assignedAt: -1 })
      .lean<Pick<Lead, 'assignedAt'>>(),
  ])
  return { person, open, servedAt: last?.assignedAt?.getTime() ?? 0 }
}
