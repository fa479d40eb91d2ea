import type { Types } from 'mongoose'
import type { EndpointWish } from './add-endpoint'
import { Endpoints } from './endpoint'
import { receiverUrl } from './guard-address'

/** Changes name, address, kinds of messages or pace; what waits goes to the new address. Throws `BlockedAddress`. */
export async function changeEndpoint(_id: Types.ObjectId, wish: EndpointWish): Promise<void> {
  await Endpoints.updateOne(
    { _id, removedAt: null },
    { $set: { ...wish, url: receiverUrl(wish.url).href, unanswered: 0, breakerUntil: null } },
  )
}
