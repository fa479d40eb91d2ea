import type { Types } from 'mongoose'
import type { EndpointInput } from './add-endpoint'
import { Endpoints } from './endpoint'
import { endpointUrl } from './guard-address'

/** Changes name, address, kinds of messages or pace; what waits goes to the new address. Throws `BlockedAddress`. */
export async function changeEndpoint(_id: Types.ObjectId, wish: EndpointInput): Promise<void> {
  await Endpoints.updateOne(
    { _id, removedAt: null },
    { $set: { ...wish, url: endpointUrl(wish.url).href, unanswered: 0, breakerUntil: null } },
  )
}
