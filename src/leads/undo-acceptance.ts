import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import type { Lead } from './lead'
import { projectLead } from './project-lead'

const undoPeriod = minutes(10)

/** Returns whether a person can still undo their own acceptance: for 10 minutes. */
export function canUndoAcceptance(lead: Lead, by: Types.ObjectId): boolean {
  const { status, disposition } = lead
  return Boolean(
    status === 'accepted' && disposition?.by?.equals(by) && later(disposition.at, undoPeriod) > now(),
  )
}

/**
 * Undoes a person's own acceptance, so that the lead is new again.
 *
 * @returns false for a second click, which changes nothing.
 * @throws 409 when it's too late or someone else accepted the lead.
 */
export async function undoAcceptance(lead: Lead, by: Types.ObjectId): Promise<boolean> {
  if (!canUndoAcceptance(lead, by)) throw conflict('sales:errors.tooLateToUndo')
  const isFirst = await record({
    name: 'lead.acceptance_undone',
    person: lead._id,
    idempotencyKey: [lead.sequence, lead.dispositionCount],
    data: { by: String(by) },
  })
  await projectLead({ person: lead._id })
  return isFirst
}
