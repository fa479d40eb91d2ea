import type { Types } from 'mongoose'
import { batched, outcomesOf, type KeyOutcome } from '../platform/batched'
import { now } from '../platform/clock'
import { oneAtATime } from '../platform/one-at-a-time'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, timeZoneOf, type Person, type Role } from '../people/person'
import { assignableTeam } from './assignable-team'
import { DemoBookings, endDemosOf } from './demo-booking'
import { Leads } from './lead'
import type { LeadState } from './lead-state'
import { projectLead } from './project-lead'

/**
 * Reaction to `lead.qualified` and to everything that reopens a lead: updates the lead and assigns an owner, unless it
 * has one who is still in sales. The owner is whoever gives the demo that the person has booked, or else the team
 * member with the fewest open leads; on a tie, the one who has waited longest for a lead.
 */
export async function assignOwner(event: Pick<Event, 'person'>): Promise<void> {
  const lead = await projectLead(event)
  if (!lead) return
  if (lead.owner && (await mayOwn(lead.owner))) return
  const rep = await bookedRep(event.person)
  if (rep) await assignTo(rep, { person: event.person, lead })
  else await assign({ person: event.person, lead })
}

/** Returns the teammate whom the person has a demo with, while that is ahead; null for none. */
async function bookedRep(person: Types.ObjectId): Promise<Person | null> {
  const booking = await DemoBookings.load(person)
  if (!booking || booking.endsAt <= now() || !(await mayOwn(booking.rep))) return null
  return People.load(booking.rep)
}

type Assignment = { person: Types.ObjectId; lead: LeadState }

/** Leads that come together are assigned together, and one batch after another: each counts the leads before it. */
const assign = batched((assignments: Assignment[]) => inTurn(() => assignAll(assignments)))
const inTurn = oneAtATime()

async function assignAll(assignments: Assignment[]): Promise<KeyOutcome<void>[]> {
  const reps = await workloadOf(repsAmong(await assignableTeam()))
  const assigned = assignments.map(async assignment => {
    const [next] = reps.sort(byWorkload)
    if (!next) return
    next.open++
    next.assignedAt = now().getTime()
    await assignTo(next.teammate, assignment)
  })
  return outcomesOf(await Promise.allSettled(assigned))
}

async function assignTo(next: Person, { person, lead }: Assignment): Promise<void> {
  // Another worker, or a sales lead who has just assigned it, may come first; the number of this event is then taken.
  await record({
    name: 'lead.assigned',
    person,
    idempotencyKey: [lead.sequence, lead.changeCount],
    data: {
      owner: String(next._id),
      from: lead.owner && String(lead.owner),
      by: null,
      timeZone: timeZoneOf(next),
    },
  })
  await projectLead({ person })
}

/** True for an active teammate in sales, and for an administrator, who may have accepted a lead. */
async function mayOwn(_id: Types.ObjectId): Promise<boolean> {
  const owner = await People.load(_id)
  return owner !== null && owner.role !== null && owners.includes(owner.role) && !owner.suspendedAt
}
const owners: Role[] = ['sales', 'sales-lead', 'admin']

/** Returns who gets leads by the rule: the people with the role sales or, when there are none, the sales leads. */
function repsAmong(people: Person[]): Person[] {
  const reps = people.filter(person => person.role === 'sales')
  return reps.length ? reps : people
}

/** Reaction to `person.erased`: the open leads of a teammate who deleted their account go to others. */
export async function reassignLeadsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await reassignByRule(person)
}

/** Assigns the open leads of someone who is no longer in sales to the others by the rule, and cancels their demos. */
export async function reassignByRule(owner: Types.ObjectId): Promise<void> {
  await endDemosOf(owner)
  const leads = await Leads.find({ owner, rank: { $in: [0, 1] } }, { _id: 1 })
  for (const { _id } of leads) await assignOwner({ person: _id })
}

type Workload = { teammate: Person; open: number; assignedAt: number }

/** Returns how many open leads each of the team has, and when each was last given one. */
async function workloadOf(team: Person[]): Promise<Workload[]> {
  return Promise.all(
    team.map(async teammate => {
      const owner = teammate._id
      const [open, last] = await Promise.all([
        Leads.count({ owner, rank: { $in: [0, 1] } }),
        Leads.findOne({ owner }, { assignedAt: 1 }).sort({ assignedAt: -1 }),
      ])
      return { teammate, open, assignedAt: last?.assignedAt?.getTime() ?? 0 }
    }),
  )
}

/** Orders by the fewest open leads, then by who has waited longest for one. */
function byWorkload(a: Workload, b: Workload): number {
  const [one, other] = [String(a.teammate._id), String(b.teammate._id)]
  return a.open - b.open || a.assignedAt - b.assignedAt || (one < other ? -1 : 1)
}
