import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { Leads } from '../leads/lead'
import { Outcomes, type Outcome } from './outcome'

/**
 * Matches an unmatched outcome to a lead by hand, together with the other unmatched outcomes that its CRM reported for
 * the same id. They go through the queue again, which applies them.
 *
 * @returns how many outcomes were matched: 0 when someone else was first.
 * @throws 422 when the person isn't a lead who shares with sales.
 */
export async function matchOutcome(
  { endpoint, externalId }: Pick<Outcome, 'endpoint' | 'externalId'>,
  person: Types.ObjectId,
): Promise<number> {
  if (!(await Leads.exists({ _id: person, shared: true }))) {
    throw new HttpError(422, 'integrations:errors.notALead')
  }
  const { modifiedCount } = await Outcomes.updateMany(
    { state: 'unmatched', endpoint, externalId },
    { $set: { state: 'received', person, dueAt: now(), attempts: 0, lastError: null } },
  )
  if (modifiedCount) wakeWorker.emit('due', 'outcomes')
  return modifiedCount
}
