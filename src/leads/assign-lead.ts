import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { notFound, HttpError } from '../platform/errors'
import { salesTeam } from './assign-owner'
import { Leads } from './lead'

/**
 * Assigns a lead to another member of the sales team.
 *
 * @param owner the person's id, as it came from the form.
 * @throws 422 when the new owner isn't in sales, 404 when there is no such lead.
 */
export async function assignLead(lead: Types.ObjectId, owner: string): Promise<void> {
  const member = (await salesTeam()).find(person => String(person._id) === owner)
  if (!member) throw new HttpError(422, 'sales:errors.ownerNotInSales')
  const written = await Leads.updateOne({ _id: lead }, { $set: { owner: member._id, assignedAt: now() } })
  if (!written.matchedCount) throw notFound()
}
