import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { record } from '../events/record'
import { Leads, type Lead } from './lead'
import { projectLead } from './project-lead'

/**
 * Accepts a lead for a person in sales.
 *
 * @returns false for a second click of the same person, which changes nothing.
 * @throws 409 when the lead already has another response, also when a colleague accepts it at the same moment.
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
  const current = await Leads.findById(lead._id)
  if (!current?.disposition?.by?.equals(by)) throw conflict('sales:errors.alreadyResponded')
  return false
}
