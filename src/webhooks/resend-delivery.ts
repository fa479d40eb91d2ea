import { conflict } from '../platform/errors'
import { applyEndpointState } from './apply-endpoint-state'
import { Deliveries, type Delivery } from './delivery'
import { Endpoints, mappingOf } from './endpoint'
import { Messages } from './message'

/**
 * Makes a delivery due now, with the same `webhook-id`, the endpoint's field mapping of now and a full set of attempts.
 *
 * @throws HttpError 409 while it is being sent, while its endpoint isn't active, or when the message's content is
 * deleted.
 */
export async function resendDelivery(delivery: Delivery): Promise<void> {
  const endpoint = await Endpoints.findById(delivery.endpoint)
  if (!endpoint || !['active', 'listening'].includes(endpoint.state))
    throw conflict('integrations:errors.endpointPaused', { name: endpoint?.name ?? '' })
  if (!(await Messages.exists({ _id: delivery.message, body: { $ne: null } }))) {
    throw conflict('integrations:errors.contentDeleted')
  }
  const written = await Deliveries.updateOne(
    { _id: delivery._id, state: { $ne: 'sending' } },
    { $set: { state: 'held', dueAt: null, failures: 0, reason: null, mapping: mappingOf(endpoint) } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.beingSent')
  await applyEndpointState(delivery.endpoint)
}
