import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import type { Lead, RejectionReason } from './lead'
import { projectLead } from './project-lead'

/**
 * Rejects a lead for a person in sales, with a reason that everyone in sales can see.
 *
 * @returns false for a second click of the same person, which changes nothing.
 * @throws 409 when the lead can no longer be rejected: an open deal, won, lost, closed, or rejected by someone else.
 */
export async function rejectLead(
  lead: Lead,
  by: Types.ObjectId,
  reason: RejectionReason,
  text: string,
): Promise<boolean> {
  if (lead.status === 'rejected' && lead.disposition?.by?.equals(by)) return false
  if (!['new', 'accepted', 'contacted'].includes(lead.status)) throw conflict('sales:errors.alreadyResponded')
  const isFirst = await record({
    name: 'lead.rejected',
    person: lead._id,
    idempotencyKey: [lead.sequence, lead.dispositionCount],
    data: { by: String(by), source: 'sales', reason, text },
  })
  await projectLead({ person: lead._id })
  return isFirst
}
