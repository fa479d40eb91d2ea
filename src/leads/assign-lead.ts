import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { notFound, HttpError } from '../platform/errors'
import { salesTeam } from './assign-owner'
import { Leads } from './lead'

/** Hands a lead to somebody else of the sales team. Refuses whoever does not sell (422). */
export async function assignLead(lead: Types.ObjectId, owner: string): Promise<void> {
  const chosen = (await salesTeam()).find(person => String(person._id) === owner)
  if (!chosen) throw new HttpError(422, 'sales:errors.ownerNotInSales')
  const changed = await Leads.updateOne({ _id: lead }, { $set: { owner: chosen._id, assignedAt: now() } })
  if (!changed.matchedCount) throw notFound()
}
