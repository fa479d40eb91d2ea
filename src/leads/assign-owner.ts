import type { Types } from 'mongoose'
import { batched, outcomesOf, type KeyOutcome } from '../platform/batched'
import { now } from '../platform/clock'
import { oneAtATime } from '../platform/one-at-a-time'
import { withLock } from '../platform/lock'
import type { EventData } from '../events/definitions'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { canOwn } from './assignable-team'
import { DemoBookings, endDemosOf } from './demo-booking'
import { Leads } from './lead'
import type { LeadState } from './lead-state'
import { projectLead } from './project-lead'
import { chooseOwner, type RoutingChoice } from './routing-choice'
import { routingLeads } from './routing-facts'
import type { AssignmentReason } from './routing-reason'
import { activeRouting, type ActiveRouting } from './routing-rules'
import { ownerFields, routingTeam } from './routing-team'

/**
 * Reaction to `lead.qualified` and to everything that reopens a lead: updates the lead and assigns an owner, unless it
 * has one who is still in sales. A lead with a demo ahead goes to the teammate who gives it; otherwise the routing
 * rules decide (`chooseOwner`).
 */
export async function assignOwner(event: Pick<Event, 'person'>): Promise<void> {
  const lead = await projectLead(event)
  if (!lead) return
  if (lead.owner && (await canOwn(lead.owner))) return
  const { person } = event
  const rep = await bookedRep(person)
  if (rep) return assignToBooked(rep, { person, lead })
  await assign({ person, lead, cause: lead.owner ? 'left' : 'new', by: null })
}

/** Returns the teammate whom the person has a demo with, while that is ahead; null for none. */
async function bookedRep(person: Types.ObjectId): Promise<Person | null> {
  const booking = await DemoBookings.load(person)
  if (!booking || booking.endsAt <= now() || !(await canOwn(booking.rep))) return null
  return People.load(booking.rep)
}

async function assignToBooked(rep: Person, { person, lead }: Pick<Assignment, 'person' | 'lead'>) {
  const routing = await activeRouting()
  const cause = lead.owner ? 'left' : 'new'
  const why = { kind: 'demo', rule: '', name: '', version: routing.number, cause, passed: [] } as const
  const chosen = { owner: String(rep._id), rule: null, why: { ...why, passed: [] } }
  await give({ person, lead, cause, by: null }, chosen, routing)
}

type Assignment = {
  person: Types.ObjectId
  lead: LeadState
  cause: AssignmentReason['cause']
  /** The teammate who hands it over; null for the rules alone. */
  by: Types.ObjectId | null
}

/**
 * Gives a lead by the rules. Leads that come together are given together, and one batch after another: each counts the
 * leads before it, in all processes.
 *
 * @returns the id of the new owner; null when nobody else is in sales.
 */
const assign = batched((assignments: Assignment[]) =>
  inTurn(() => withLock('routing', () => assignAll(assignments))),
)
const inTurn = oneAtATime()

async function assignAll(assignments: Assignment[]): Promise<KeyOutcome<string | null>[]> {
  const at = now()
  const routing = await activeRouting()
  const people = await Promise.all(assignments.map(({ person }) => People.load(person)))
  const subjects = people.flatMap(person => (person ? { person, at } : []))
  const [team, leads] = await Promise.all([
    routingTeam(routing.content, at),
    routingLeads(subjects, routing.content),
  ])
  const given = assignments.map(async (assignment, n) => {
    const {
      cause,
      lead: { owner },
    } = assignment
    const lead = leads.get(String(assignment.person))
    if (!lead) return null
    const choice = chooseOwner(routing, lead, team, { cause, except: owner && String(owner) })
    const rep = team.find(({ id }) => id === choice.owner)
    if (rep)
      Object.assign(rep, { open: rep.open + 1, recent: rep.recent + 1, lastAt: at.getTime() + n / 1000 })
    const former = team.find(({ id }) => id === String(owner))
    if (rep && former) former.open--
    if (choice.owner === null && cause !== 'overdue') return null
    await give(assignment, choice, routing)
    return choice.owner
  })
  return outcomesOf(await Promise.allSettled(given))
}

async function give(
  { person, lead, by, cause }: Assignment,
  { owner, rule, why }: RoutingChoice,
  routing: ActiveRouting,
): Promise<void> {
  const from = lead.owner && String(lead.owner)
  const teammate = await People.load(owner ?? from)
  const data: EventData['lead.assigned'] = {
    ...{ owner: owner ?? from, from, by: by && String(by) },
    ...(teammate && ownerFields(routing, teammate, now(), rule)),
    why: owner === null ? { ...why, kind: 'stays', cause } : why,
  }
  // Another worker, or a sales lead who has just assigned it, may come first; the number of this event is then taken.
  const idempotencyKey = [lead.sequence, lead.changeCount]
  // What a teammate does shares its numbers with what others do, and can be undone.
  await record({ name: 'lead.assigned', ...(by && { group: 'lead.changed' }), person, idempotencyKey, data })
  await projectLead({ person })
}

/** Reaction to `person.erased`: the open leads of a teammate who deleted their account go to others. */
export async function reassignLeadsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await reassignByRule(person)
}

/**
 * Assigns the open leads of someone who is no longer in sales to the others by the rules, and cancels their demos. If
 * it is interrupted, calling it again does the rest.
 *
 * @returns how many leads each new owner got, by id.
 */
export async function reassignByRule(owner: Types.ObjectId): Promise<Map<string, number>> {
  await endDemosOf(owner)
  const leads = await Leads.find({ owner, rank: { $in: [0, 1] } }, { _id: 1 })
  await Promise.all(leads.map(({ _id }) => assignOwner({ person: _id })))
  return ownersOfLeads(leads, owner)
}

/**
 * Takes leads from an owner who stays in sales and gives them to others by the rules.
 *
 * @returns how many leads each new owner got, by id.
 */
export async function takeFromOwner(
  leads: readonly Types.ObjectId[],
  owner: Types.ObjectId,
  cause: 'absence' | 'overdue',
  by: Types.ObjectId | null,
): Promise<Map<string, number>> {
  await Promise.all(
    leads.map(async person => {
      const lead = await projectLead({ person })
      if (lead?.owner?.equals(owner) && lead.rank <= 1) await assign({ person, lead, cause, by })
    }),
  )
  return ownersOfLeads(
    leads.map(_id => ({ _id })),
    owner,
  )
}

async function ownersOfLeads(leads: readonly { _id: Types.ObjectId }[], former: Types.ObjectId) {
  const now = await Leads.find({ _id: { $in: leads.map(({ _id }) => _id) } }, { owner: 1 })
  const counts = new Map<string, number>()
  for (const { owner } of now) {
    if (owner && !owner.equals(former)) counts.set(String(owner), (counts.get(String(owner)) ?? 0) + 1)
  }
  return counts
}
