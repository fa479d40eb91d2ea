import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import type { Lead } from './lead'
import { projectLead } from './project-lead'

/** An acceptance can be taken back this long. */
const undoPeriod = minutes(10)

export function canUndoAcceptance(lead: Lead, by: Types.ObjectId): boolean {
  const { status, disposition } = lead
  return Boolean(
    status === 'accepted' && disposition?.by?.equals(by) && later(disposition.at, undoPeriod) > now(),
  )
}

/** Takes an own acceptance back within ten minutes: the lead waits again. False for a second click; later it is refused (409). */
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
