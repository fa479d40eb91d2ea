import { conflict } from '../platform/errors'
import { Deliveries, type Delivery } from './delivery'

/** Gives up on a delivery that waits, is held or dead. Refuses (409) what is being sent or has arrived. */
export async function cancelDelivery(delivery: Delivery): Promise<void> {
  const written = await Deliveries.updateOne(
    { _id: delivery._id, state: { $in: ['pending', 'held', 'failed'] } },
    { $set: { state: 'cancelled', dueAt: null, reason: 'teammate' } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.notCancellable')
}
