import { conflict } from '../platform/errors'
import { Deliveries, cancellableStates, type Delivery } from './delivery'

/**
 * Cancels a delivery that is pending, held or failed.
 *
 * @throws HttpError 409 when it is being sent or has been delivered.
 */
export async function cancelDelivery(delivery: Delivery): Promise<void> {
  const written = await Deliveries.updateOne(
    { _id: delivery._id, state: { $in: cancellableStates } },
    { $set: { state: 'cancelled', dueAt: null, reason: 'teammate' } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.notCancellable')
}
