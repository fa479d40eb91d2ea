import type { Types } from 'mongoose'
import type { EndpointInput } from './add-endpoint'
import { Endpoints } from './endpoint'
import { endpointUrl } from '../platform/guard-address'

/**
 * Changes an endpoint's name, URL, events or rate limit, and closes its circuit breaker. Pending messages go to the
 * new URL.
 *
 * @throws BlockedAddress when the URL may not be called.
 */
export async function changeEndpoint(_id: Types.ObjectId, input: EndpointInput): Promise<void> {
  await Endpoints.updateOne(
    { _id, removedAt: null, state: { $ne: 'listening' } },
    { $set: { ...input, url: endpointUrl(input.url).href, unanswered: 0, breakerUntil: null } },
  )
}
