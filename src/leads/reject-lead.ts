import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import type { Lead, RejectionReason } from './lead'
import { projectLead } from './project-lead'

/**
 * A person in sales gives the lead back, with a reason that the authors of its lessons read too. A second click changes
 * nothing, and is answered false; a lead that is won, lost or closed is refused (409).
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
