import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { Events } from '../events/event'
import { eventId } from '../events/record'
import type { EventName } from '../events/definitions'
import { conflict, HttpError } from '../platform/errors'
import { later, minutes, now, seconds } from '../platform/clock'
import { attempt, claim, complete, defineQueue, doubling, work, type Consumer } from '../platform/queue'
import {
  date,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import {
  acceptLead,
  assignLead,
  belongsToAnother,
  canAccept,
  canAssign,
  canReject,
  canSnooze,
  canAnswerFor,
  rejectLead,
  snoozeLead,
  undoAssignment,
  undoResponse,
  undoSnooze,
} from './change-lead'
import { canOwn } from './assignable-team'
import { Leads, rejectionReasons, type Lead } from './lead'

export const batchActions = ['accept', 'reject', 'reassign', 'snooze'] as const
export type BatchAction = (typeof batchActions)[number]

/** The most leads that are changed together. */
export const maxInBatch = 500

/** What became of a lead: `done`, or why not; after an undo, `undone` or `kept`. Null until its turn comes. */
const outcomes = ['done', 'answered', 'others', 'waitsNot', 'changed', 'undone', 'kept'] as const
export type BatchOutcome = (typeof outcomes)[number]

/**
 * The same answer to several leads. Each is a change of its own, with its own event. The record says which ones, so
 * that what a crash cuts off is continued, and counts what has happened. It is deleted after a day.
 */
export const LeadBatches = defineQueue(
  'LeadBatch',
  'lead_batches',
  {
    _id: objectId(),
    by: objectId(),
    at: date(),
    action: oneOf(batchActions),
    /** Of a rejection. */
    reason: nullable(oneOf(rejectionReasons)),
    text: string(),
    /** Who gets the leads, and until when they are set aside. */
    owner: nullable(string()),
    until: nullable(date()),
    /** What is done with the leads now; null when all are done. */
    step: nullable(oneOf(['do', 'undo'])),
    items: list(
      nested({
        lead: objectId(),
        /** Which change of the lead this is: another one by then has come first. */
        sequence: number(),
        changeCount: number(),
        outcome: withDefault(nullable(oneOf(outcomes)), null),
      }),
    ),
  },
  {
    queue: 'lead-batches',
    indexes: [[{ at: 1 }, { expireAfterSeconds: 24 * 3600 }], [{ by: 1 }], [{ 'items.lead': 1 }]],
    onDiscard: { step: null },
  },
)
export type LeadBatch = RecordOf<typeof LeadBatches>
type Item = LeadBatch['items'][number]
type Teammate = { _id: Types.ObjectId; role: Parameters<typeof canAssign>[1]['role'] }

/** Returns why a teammate can't give a lead this answer together with others; null when they can. */
export function obstacleTo(action: BatchAction, lead: Lead, teammate: Teammate): BatchOutcome | null {
  const isOthers = action === 'accept' ? belongsToAnother(lead, teammate._id) : !canAnswerFor(lead, teammate)
  if (action === 'accept') return canAccept(lead) ? (isOthers ? 'others' : null) : 'answered'
  if (action === 'reject') return canReject(lead) ? (isOthers ? 'others' : null) : 'answered'
  if (action === 'snooze') return canSnooze(lead) ? (isOthers ? 'others' : null) : 'waitsNot'
  return canAssign(lead, teammate) ? null : 'others'
}

/** How long after its first attempt a batch is continued by the worker, when its process has died. */
const graceful = seconds(30)
const policy = { lease: minutes(2), backoff: doubling(seconds(30), minutes(10)), maxAttempts: 10 }

type NewBatch = Pick<LeadBatch, '_id' | 'by' | 'action'> &
  Partial<Pick<LeadBatch, 'reason' | 'text' | 'owner' | 'until'>>

/**
 * Gives several leads the same answer. The same batch twice is one.
 *
 * @param leads at most `maxInBatch`; those that can't have it keep their state, and their outcome says why.
 * @returns the batch, and whether it is new: false for the second time.
 */
export async function runBatch(
  batch: NewBatch,
  leads: Lead[],
  teammate: Teammate,
): Promise<{ batch: LeadBatch; isNew: boolean }> {
  const { _id } = batch
  const isNew = await LeadBatches.insertOnce({
    ...{ reason: null, text: '', owner: null, until: null },
    ...batch,
    at: now(),
    step: 'do',
    dueAt: later(now(), graceful),
    items: leads.slice(0, maxInBatch).map(lead => ({
      lead: lead._id,
      sequence: lead.sequence,
      changeCount: lead.changeCount,
      outcome: obstacleTo(batch.action, lead, teammate),
    })),
  })
  return { batch: await runStep(_id), isNew }
}

/** How long all of a batch can be undone. */
const undoPeriod = minutes(10)

/** True while a teammate can undo a batch of their own. */
export function canUndoBatch({ by, at, step, items }: LeadBatch, teammate: Types.ObjectId): boolean {
  const isDone = step === null && items.some(({ outcome }) => outcome === 'done')
  return isDone && by.equals(teammate) && later(at, undoPeriod) > now()
}

/**
 * Undoes a batch. A lead that has changed since stays as it is.
 *
 * @throws 409 when it's too late.
 */
export async function undoBatch(batch: LeadBatch, teammate: Types.ObjectId): Promise<LeadBatch> {
  // Pressed twice: the first press undoes it at this moment.
  if (batch.step === 'undo') return runStep(batch._id)
  if (!canUndoBatch(batch, teammate)) throw conflict('sales:bulk.tooLate')
  await LeadBatches.updateOne(
    { _id: batch._id, step: null },
    { $set: { step: 'undo', dueAt: later(now(), graceful) } },
  )
  return runStep(batch._id)
}

/** Does at once what the worker would do later; when someone does it already, returns what is done by now. */
async function runStep(_id: Types.ObjectId): Promise<LeadBatch> {
  await LeadBatches.updateOne({ _id, leaseUntil: null, step: { $ne: null } }, { $set: { dueAt: now() } })
  const mine = await claim(LeadBatches, policy.lease, { _id })
  if (mine)
    await attempt(
      LeadBatches,
      policy,
      mine,
      () => workOff(mine),
      (batch, update) => complete(LeadBatches, batch, update),
    )
  return (await LeadBatches.findById(_id))!
}

/** Continues batches whose process has died. */
export const continueBatches: Consumer = work(LeadBatches, policy, workOff)

/** What is done is written after so many leads. */
const savedEvery = 25

async function workOff(batch: LeadBatch): Promise<Partial<LeadBatch>> {
  const { _id, step, items } = batch
  if (!(await canOwn(batch.by))) return { step: null, items: items.map(left) }
  const isNext = ({ outcome }: Item) => outcome === (step === 'undo' ? 'done' : null)
  let unsaved = 0
  for (const item of items) {
    if (!isNext(item)) continue
    item.outcome = step === 'undo' ? await undoItem(batch, item) : await doItem(batch, item)
    if (++unsaved % savedEvery === 0)
      await LeadBatches.updateOne({ _id, leaseToken: batch.leaseToken }, { $set: { items } })
  }
  return { step: null, items }
}

/** What is left of a batch of someone who has left sales: nobody answers for them. */
const left = (item: Item): Item => (item.outcome === null ? { ...item, outcome: 'changed' } : item)

const eventNames: Record<'do' | 'undo', Record<BatchAction, EventName>> = {
  do: {
    accept: 'lead.accepted',
    reject: 'lead.rejected',
    reassign: 'lead.assigned',
    snooze: 'lead.snoozed',
  },
  undo: {
    accept: 'lead.acceptance_undone',
    reject: 'lead.rejection_undone',
    reassign: 'lead.assigned',
    snooze: 'lead.snooze_ended',
  },
}

/** Returns what happened to a lead by the number of the change; null when that wasn't this teammate's own step. */
async function ownChange({ by, action, step }: LeadBatch, { lead, sequence }: Item, number: number) {
  const idempotencyKey = [sequence, number]
  const event = await Events.findById(
    eventId({ name: 'lead.accepted', group: 'lead.changed', person: lead, idempotencyKey }),
  )
  const data = event?.data as { by?: string; owner?: string | null; from?: string | null } | undefined
  return event?.name === eventNames[step ?? 'do'][action] && data?.by === String(by) ? data : null
}

async function doItem(batch: LeadBatch, item: Item): Promise<BatchOutcome> {
  const { by, action } = batch
  const lead = await Leads.findById(item.lead)
  if (!lead?.shared) return 'changed'
  const isSame = lead.changeCount === item.changeCount && lead.sequence === item.sequence
  if (!isSame) return (await ownChange(batch, item, item.changeCount)) ? 'done' : 'changed'
  return unlessRefused('changed', async () => {
    if (action === 'accept') await acceptLead(lead, by)
    if (action === 'reject') await rejectLead(lead, by, batch.reason!, batch.text)
    if (action === 'snooze') await snoozeLead(lead, by, batch.until!, batch.text)
    // A lead that its new owner has already isn't given to them again.
    if (action === 'reassign' && String(lead.owner) === batch.owner) return 'changed'
    if (action === 'reassign') await assignLead(lead, batch.owner!, by)
    return 'done'
  })
}

async function undoItem(batch: LeadBatch, item: Item): Promise<BatchOutcome> {
  const { by, action } = batch
  const lead = await Leads.findById(item.lead)
  const since = lead ? lead.changeCount - item.changeCount : 0
  if (!lead?.shared || lead.sequence !== item.sequence) return 'kept'
  if (since !== 1) {
    const undone = since === 2 && (await ownChange(batch, item, item.changeCount + 1))
    if (!undone || action !== 'reassign') return undone ? 'undone' : 'kept'
    // The teammate may have reassigned it a second time since, which isn't an undo.
    const given = await ownChange(batch, item, item.changeCount)
    return given?.from === undone.owner ? 'undone' : 'kept'
  }
  return unlessRefused('kept', async () => {
    if (action === 'accept') await undoResponse(lead, by, 'acceptance')
    if (action === 'reject') await undoResponse(lead, by, 'rejection')
    if (action === 'snooze') await undoSnooze(lead, by, item.changeCount + 1)
    if (action === 'reassign') await undoAssignment(lead, by, item.changeCount + 1)
    return 'undone'
  })
}

/** A colleague may come first, or the time be over: then a lead stays as it is. */
async function unlessRefused(
  otherwise: BatchOutcome,
  change: () => Promise<BatchOutcome>,
): Promise<BatchOutcome> {
  try {
    return await change()
  } catch (error) {
    if (error instanceof HttpError) return otherwise
    throw error
  }
}

/** Returns a teammate's own batch; null for another id. */
export async function batchOf(teammate: Types.ObjectId, _id: string): Promise<LeadBatch | null> {
  return LeadBatches.findOne({ _id, by: teammate })
}

/** Reaction to `person.erased`: nothing is kept of what they answered, or of what they were answered. */
export async function deleteLeadBatches({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await LeadBatches.deleteMany({ by: person })
  await LeadBatches.updateMany({ 'items.lead': person }, { $pull: { items: { lead: person } } })
}

/** Returns what was answered together about a person, or by a teammate, for the copy of their data. */
export async function batchesAbout(person: Types.ObjectId): Promise<Pick<LeadBatch, 'at' | 'action'>[]> {
  const about = { $or: [{ by: person }, { 'items.lead': person }] }
  return (await LeadBatches.find(about, { at: 1, action: 1 })).map(({ at, action }) => ({ at, action }))
}
