import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, timeZoneOf, type Person } from '../people/person'
import { Leads } from './lead'
import { projectLead } from './project-lead'

/**
 * Reaction to `lead.qualified` and to everything that reopens a lead: updates the lead and assigns an owner, unless it
 * has one who is still in sales. The owner is the team member with the fewest open leads; on a tie, the one who has
 * waited longest for a lead.
 */
export async function assignOwner(event: Pick<Event, 'person'>): Promise<void> {
  await projectLead(event)
  const lead = await Leads.findById(event.person)
  if (!lead) return
  if (lead.owner && (await mayOwn(lead.owner))) return
  const workloads = await Promise.all(repsAmong(await assignableTeam()).map(workloadOf))
  const [next] = workloads.sort(
    (a, b) =>
      a.open - b.open ||
      a.lastAssignedAt - b.lastAssignedAt ||
      (String(a.person) < String(b.person) ? -1 : 1),
  )
  if (!next) return
  // Another worker, or a sales lead who has just assigned it, may come first; the number of this event is then taken.
  await record({
    name: 'lead.assigned',
    person: lead._id,
    idempotencyKey: [lead.sequence, lead.changeCount],
    data: {
      owner: String(next.person),
      from: lead.owner && String(lead.owner),
      by: null,
      timeZone: next.timeZone,
    },
  })
  await projectLead(event)
}

/** True for an active teammate in sales, and for an administrator, who may have accepted a lead. */
function mayOwn(_id: Types.ObjectId): Promise<boolean> {
  return People.exists({ _id, role: { $in: ['sales', 'sales-lead', 'admin'] }, suspendedAt: null })
}

/** Returns who gets leads by the rule: the people with the role sales or, when there are none, the sales leads. */
function repsAmong(people: Person[]): Person[] {
  const reps = people.filter(person => person.role === 'sales')
  return reps.length ? reps : people
}

/** Returns everyone who may own a lead, by name: sales reps and sales leads. */
export async function assignableTeam(): Promise<Person[]> {
  const people = await People.find({ role: { $in: ['sales', 'sales-lead'] }, suspendedAt: null })
  return people.sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** Reaction to `person.erased`: the open leads of a teammate who deleted their account go to others. */
export async function reassignLeadsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await reassignByRule(person)
}

/** Assigns the open leads of someone who is no longer in sales to the others by the rule. */
export async function reassignByRule(owner: Types.ObjectId): Promise<void> {
  const leads = await Leads.find({ owner, rank: { $in: [0, 1] } }, { _id: 1 })
  for (const { _id } of leads) await assignOwner({ person: _id })
}

async function workloadOf({ _id: person, ...teammate }: Person) {
  const [open, last] = await Promise.all([
    Leads.count({ owner: person, rank: { $in: [0, 1] } }),
    Leads.findOne({ owner: person }, { assignedAt: 1 }).sort({ assignedAt: -1 }),
  ])
  return { person, timeZone: timeZoneOf(teammate), open, lastAssignedAt: last?.assignedAt?.getTime() ?? 0 }
}
