import type { Types } from 'mongoose'
import { days, later, minutes, now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import type { EventData } from '../events/definitions'
import { Events, isNamed } from '../events/event'
import { eventId, record } from '../events/record'
import { People, timeZoneOf, type Person } from '../people/person'
import { assignableTeam } from './assignable-team'
import { Leads, type Disposition, type Lead, type RejectionReason } from './lead'
import { projectLead } from './project-lead'
import { activeRouting } from './routing-rules'
import { ownerFields } from './routing-team'

/*
 * What teammates do with a lead. Each change is one event whose id is the number of changes before it: a second click
 * is the same event, and when two teammates change a lead at the same moment, the second gets an error.
 */

/** How long a teammate can undo their own response. */
const undoPeriod = minutes(10)

type ChangeName =
  | 'lead.accepted'
  | 'lead.rejected'
  | 'lead.returned'
  | 'lead.acceptance_undone'
  | 'lead.rejection_undone'
  | 'lead.snoozed'
  | 'lead.snooze_ended'
  | 'lead.assigned'

async function change<N extends ChangeName>(
  { _id, sequence, changeCount }: Lead,
  name: N,
  data: EventData[N],
): Promise<boolean> {
  const group = 'lead.changed'
  const isFirst = await record({ name, group, person: _id, idempotencyKey: [sequence, changeCount], data })
  await projectLead({ person: _id })
  return isFirst
}

/** Returns the error for a response that came too late: who has responded, and how. */
async function tooLate({ _id }: Lead): Promise<HttpError> {
  const current = await Leads.findById(_id)
  const { kind, by } = current?.disposition ?? { kind: null, by: null }
  const teammate = by && (await People.findById(by, { name: 1 }))
  if (!kind || !teammate) return conflict('sales:errors.alreadyResponded')
  return conflict(`sales:respondedBy.${kind}`, { name: teammate.name })
}

/**
 * Returns whether a change has happened: false for a second click of the same teammate.
 *
 * @throws 409 when a colleague has changed the lead at the same moment.
 */
async function settle(
  isFirst: boolean,
  lead: Lead,
  by: Types.ObjectId,
  kind: Disposition['kind'],
): Promise<boolean> {
  if (isFirst) return true
  const current = await Leads.findById(lead._id)
  const isOwn = current?.disposition?.kind === kind && current.disposition.by?.equals(by)
  if (!isOwn) throw await tooLate(lead)
  return false
}

/** True for a lead that belongs to someone else, who should be asked before a teammate responds. */
export function belongsToAnother({ owner }: Lead, teammate: Types.ObjectId): boolean {
  return owner !== null && !owner.equals(teammate)
}

/** True for a teammate who may decide about a lead for its owner: the owner, and who leads the team. */
export function canAnswerFor(lead: Lead, { _id, role }: Pick<Person, '_id' | 'role'>): boolean {
  return !belongsToAnother(lead, _id) || role === 'sales-lead' || role === 'admin'
}

/**
 * True when a teammate may respond without being asked first: to a lead of their own, or to a colleague's whose owner
 * is the one that the form named.
 */
export function isConfirmed(lead: Lead, teammate: Types.ObjectId, namedOwner: unknown): boolean {
  return !belongsToAnother(lead, teammate) || namedOwner === String(lead.owner)
}

/** True for a lead that a teammate can accept: new, or given up earlier. */
export function canAccept({ status }: Pick<Lead, 'status'>): boolean {
  return ['new', 'rejected', 'returned', 'lost'].includes(status)
}

/** True for a lead that a teammate can reject: without a response, or with one but no deal. */
export function canReject({ status }: Pick<Lead, 'status'>): boolean {
  return ['new', 'accepted', 'contacted'].includes(status)
}

/** True for a lead that a teammate can return to marketing: sales works on it, and there is no deal. */
export function canReturn({ status }: Pick<Lead, 'status'>): boolean {
  return status === 'accepted' || status === 'contacted'
}

/**
 * Accepts a lead for a teammate, who becomes its owner.
 *
 * @returns false for a second click of the same teammate, which changes nothing.
 * @throws 409 when the lead already has another response, including when a colleague accepts it at the same moment.
 */
export async function acceptLead(lead: Lead, by: Types.ObjectId): Promise<boolean> {
  if (lead.status === 'accepted' && lead.disposition?.by?.equals(by)) return false
  if (!canAccept(lead)) throw await tooLate(lead)
  const timeZone = await readTimeZone(by)
  const isFirst = await change(lead, 'lead.accepted', { by: String(by), source: 'sales', timeZone })
  return settle(isFirst, lead, by, 'accepted')
}

async function readTimeZone(teammate: Types.ObjectId): Promise<string> {
  const person = await People.findById(teammate, { timeZone: 1 })
  return timeZoneOf(person ?? { timeZone: null })
}

/**
 * Rejects a lead for a teammate, with a reason that everyone in sales can see.
 *
 * @returns false for a second click of the same teammate, which changes nothing.
 * @throws 409 when the lead can no longer be rejected: an open deal, won, lost, closed, or rejected by someone else.
 */
export async function rejectLead(
  lead: Lead,
  by: Types.ObjectId,
  reason: RejectionReason,
  text: string,
): Promise<boolean> {
  if (lead.status === 'rejected' && lead.disposition?.by?.equals(by)) return false
  if (!canReject(lead)) throw await tooLate(lead)
  const isFirst = await change(lead, 'lead.rejected', { by: String(by), source: 'sales', reason, text })
  return settle(isFirst, lead, by, 'rejected')
}

/**
 * Returns a lead that sales works on to marketing: not now, but perhaps later.
 *
 * @returns false for a second click, which changes nothing.
 * @throws 409 unless the lead is accepted or contacted, without an open deal.
 */
export async function returnLead(lead: Lead, by: Types.ObjectId, text: string): Promise<boolean> {
  if (lead.status === 'returned' && lead.disposition?.by?.equals(by)) return false
  if (!canReturn(lead)) throw await tooLate(lead)
  const isFirst = await change(lead, 'lead.returned', { by: String(by), source: 'sales', text })
  return settle(isFirst, lead, by, 'returned')
}

/**
 * Returns which response of their own a teammate can still undo; null when there is none, or its 10 minutes are over.
 */
export function undoableResponse(lead: Lead, by: Types.ObjectId): 'acceptance' | 'rejection' | null {
  const { status, disposition } = lead
  if (!disposition?.by?.equals(by) || later(disposition.at, undoPeriod) <= now()) return null
  if (status === 'accepted' && disposition.kind === 'accepted') return 'acceptance'
  return status === 'rejected' && disposition.kind === 'rejected' ? 'rejection' : null
}

/**
 * Undoes a teammate's own response: the lead is as it was before, with the owner it had.
 *
 * @returns false for a second click, which changes nothing.
 * @throws 409 when it's too late, or the last response is of another kind or by someone else.
 */
export async function undoResponse(
  lead: Lead,
  by: Types.ObjectId,
  response: 'acceptance' | 'rejection',
): Promise<boolean> {
  if (undoableResponse(lead, by) !== response) throw conflict('sales:errors.tooLateToUndo')
  const name = response === 'acceptance' ? 'lead.acceptance_undone' : 'lead.rejection_undone'
  return change(lead, name, { by: String(by) })
}

/**
 * Assigns a lead to a teammate.
 *
 * @param owner the teammate's id, as it came from the form.
 * @returns the new owner's name.
 * @throws 422 when the new owner isn't in sales, 409 when a colleague has changed the lead at the same moment.
 */
export async function assignLead(lead: Lead, owner: string, by: Types.ObjectId): Promise<string> {
  const teammate = (await assignableTeam()).find(person => String(person._id) === owner)
  if (!teammate) throw new HttpError(422, 'sales:errors.ownerNotInSales')
  if (!lead.owner?.equals(teammate._id)) {
    const isFirst = await change(lead, 'lead.assigned', {
      owner,
      from: lead.owner && String(lead.owner),
      by: String(by),
      ...(await fieldsOf(teammate)),
    })
    const current = isFirst ? null : await Leads.findById(lead._id)
    if (current && !current.owner?.equals(teammate._id)) throw conflict('sales:errors.changedMeanwhile')
  }
  return teammate.name
}

/** What an assignment records of its owner. */
async function fieldsOf(owner: Person | null | undefined) {
  return owner ? ownerFields(await activeRouting(), owner, now()) : {}
}

/** True for a teammate who may give a lead to someone else: its owner and, for any lead, who leads the team. */
export function canAssign(
  { owner }: Pick<Lead, 'owner'>,
  { _id, role }: Pick<Person, '_id' | 'role'>,
): boolean {
  return role === 'sales-lead' || role === 'admin' || (role === 'sales' && !!owner?.equals(_id))
}

/**
 * Gives a lead back to the owner it had before a teammate's own reassignment, for 10 minutes.
 *
 * @param changeCount the lead's number of changes right after the reassignment, as it came from the form.
 * @returns the name of the owner it has again; empty for none.
 * @throws 409 when it's too late, or the lead has changed since.
 */
export async function undoAssignment(lead: Lead, by: Types.ObjectId, changeCount: number): Promise<string> {
  const idempotencyKey = [lead.sequence, changeCount - 1]
  const _id = eventId({ name: 'lead.assigned', group: 'lead.changed', person: lead._id, idempotencyKey })
  const last = lead.changeCount === changeCount ? await Events.findById(_id) : null
  const isOwn =
    last &&
    isNamed('lead.assigned')(last) &&
    last.data.by === String(by) &&
    later(last.at, undoPeriod) > now()
  if (!isOwn) throw conflict('sales:errors.tooLateToUndo')
  const { owner, from } = last.data
  const teammate = from ? await People.findById(from) : null
  const data = {
    owner: from,
    from: owner,
    by: String(by),
    ...(await fieldsOf(teammate)),
  }
  if (!(await change(lead, 'lead.assigned', data))) throw conflict('sales:errors.changedMeanwhile')
  return teammate?.name ?? ''
}

/**
 * Gives a teammate who is in sales again the open leads that went to others when they left, for 10 minutes. A lead that
 * has changed since stays where it is, as does one that they gave away themselves. If it is interrupted, calling it
 * again does the rest.
 *
 * @param leftAt when they were told to leave.
 * @returns how many leads came back.
 */
export async function returnLeads(teammate: Person, by: Types.ObjectId, leftAt: Date): Promise<number> {
  if (later(leftAt, undoPeriod) <= now()) return 0
  const taken = (await Events.find({ name: 'lead.assigned', at: { $gte: leftAt } }))
    .filter(isNamed('lead.assigned'))
    .filter(({ data }) => data.from === String(teammate._id) && data.by !== String(teammate._id))
  const leads = await Leads.find({ _id: { $in: taken.map(({ person }) => person) } })
  const fields = await fieldsOf(teammate)
  const returned = await Promise.all(
    leads.map(async lead => {
      const about = { name: 'lead.assigned', person: lead._id } as const
      const last = { ...about, idempotencyKey: [lead.sequence, lead.changeCount - 1] }
      // What the rules did is numbered alike, in a group of its own.
      const ids = [eventId(last), eventId({ ...last, group: 'lead.changed' })]
      if (lead.rank > 1 || !taken.some(({ _id }) => ids.includes(_id))) return false
      const data = { owner: String(teammate._id), from: lead.owner && String(lead.owner), by: String(by) }
      return change(lead, 'lead.assigned', { ...data, ...fields })
    }),
  )
  return returned.filter(Boolean).length
}

/** The longest time that a lead can be set aside. */
const maxSnooze = days(180)

/** True for a lead that a teammate can set aside: one that waits for a response. */
export function canSnooze({ status }: Pick<Lead, 'status'>): boolean {
  return status === 'new'
}

/**
 * Sets a new lead aside until a moment, when it comes back to the queue by itself and its response is due.
 *
 * @param text why, for colleagues and the CRM; may be empty.
 * @throws 422 for a moment that has passed or is more than 180 days away, 409 for a lead that has a response, or that a
 *   colleague has changed at the same moment.
 */
export async function snoozeLead(lead: Lead, by: Types.ObjectId, until: Date, text: string): Promise<void> {
  if (!canSnooze(lead)) throw await tooLate(lead)
  if (until <= now() || until > later(now(), maxSnooze)) throw new HttpError(422, 'sales:errors.snoozeUntil')
  const data = { by: String(by), until: until.toISOString(), text }
  if (await change(lead, 'lead.snoozed', data)) return
  const current = await Leads.findById(lead._id)
  if (current?.snooze?.until.getTime() !== until.getTime()) throw conflict('sales:errors.changedMeanwhile')
}

/** Brings a lead that was set aside back to the queue; does nothing for one that is there. */
export async function endSnooze(lead: Lead, by: Types.ObjectId): Promise<void> {
  if (lead.snooze) await change(lead, 'lead.snooze_ended', { by: String(by) })
}

/**
 * Undoes a snooze: the lead is in the queue again, or set aside as long as it was before.
 *
 * @param changeCount the lead's number of changes right after the snooze.
 * @throws 409 when the lead has changed since.
 */
export async function undoSnooze(lead: Lead, by: Types.ObjectId, changeCount: number): Promise<void> {
  const isLast = lead.snooze && lead.changeCount === changeCount
  const isFirst = isLast && (await change(lead, 'lead.snooze_ended', { by: String(by), isUndo: true }))
  if (!isFirst) throw conflict('sales:errors.tooLateToUndo')
}

/** The filter for a teammate's open leads: new ones and those that sales works on. */
export const openLeadsOf = (owner: Types.ObjectId) => ({ owner, rank: { $in: [0, 1] } })

/**
 * Assigns all open leads of one teammate to another, including those that change at the same moment. If it is
 * interrupted, calling it again does the rest.
 *
 * @param to the id of the new owner; null for none, when nobody else is in sales.
 * @returns how many leads changed hands.
 * @throws 422 when the new owner isn't in sales, or is the same teammate.
 */
export async function reassignLeads(
  from: Types.ObjectId,
  to: string | null,
  by: Types.ObjectId,
): Promise<number> {
  const others = await successorsOf(from)
  const successor = others.find(({ _id }) => String(_id) === to)
  const isAllowed = to === null ? !others.length : successor
  if (!isAllowed) throw new HttpError(422, 'sales:errors.ownerNotInSales')
  const data = { owner: to, from: String(from), by: String(by), ...(await fieldsOf(successor)) }
  const reassigned = new Set<string>()
  for (let round = 0; round < maxRounds; round++) {
    const leads = await Leads.find(openLeadsOf(from))
    if (!leads.length) break
    for (const lead of leads) if (await change(lead, 'lead.assigned', data)) reassigned.add(String(lead._id))
  }
  return reassigned.size
}

/** A change to a lead at the same moment takes its number; the lead is then reassigned in the next round. */
const maxRounds = 5

/** Returns who can take over a teammate's leads, by name. */
export async function successorsOf(teammate: Types.ObjectId): Promise<Person[]> {
  return (await assignableTeam()).filter(({ _id }) => !_id.equals(teammate))
}

/** Returns how many open leads a teammate owns. */
export function countOpenLeads(owner: Types.ObjectId): Promise<number> {
  return Leads.count(openLeadsOf(owner))
}

/**
 * Takes a teammate out of sales without leaving a lead behind: their open leads go to a successor first, followed by
 * those that arrived in the meantime.
 *
 * @param leave suspends the teammate or changes their role.
 * @returns how many leads changed hands.
 * @throws 422 when the successor isn't in sales.
 */
export async function leaveSales(
  teammate: Types.ObjectId,
  successor: string | null,
  by: Types.ObjectId,
  leave: () => Promise<void>,
): Promise<number> {
  const before = await reassignLeads(teammate, successor, by)
  await leave()
  return before + (await reassignLeads(teammate, successor, by))
}
