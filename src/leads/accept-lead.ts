import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import { Leads, type Lead } from './lead'
import { projectLead } from './project-lead'

/**
 * A person in sales takes the lead. A second click changes nothing, and is answered false; a lead that was answered otherwise, or that a
 * colleague took in the same moment, is refused (409).
 */
export async function acceptLead(lead: Lead, by: Types.ObjectId): Promise<boolean> {
  if (lead.status === 'accepted' && lead.disposition?.by?.equals(by)) return false
  if (lead.status !== 'new' && lead.status !== 'rejected') throw conflict('sales:errors.alreadyResponded')
  const isFirst = await record({
    name: 'lead.accepted',
    person: lead._id,
    idempotencyKey: [lead.sequence, lead.dispositionCount],
    data: { by: String(by), source: 'sales' },
  })
  await projectLead({ person: lead._id })
  if (isFirst) return true
  const taken = await Leads.findById(lead._id).lean<Lead>()
  if (!taken?.disposition?.by?.equals(by)) throw conflict('sales:errors.alreadyResponded')
  return false
}
