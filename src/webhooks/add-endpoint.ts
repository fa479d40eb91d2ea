import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { MessageType } from './message-types'
import { Endpoints, sealedSecret, type Endpoint } from './endpoint'
import { receiverUrl } from './guard-address'

export type EndpointWish = { name: string; url: string; types: MessageType[]; perSecond?: number }

/** Adds a receiver with a secret of its own (see show-secret.ts). Throws `BlockedAddress` for an address that may not be called. */
export async function addEndpoint(wish: EndpointWish): Promise<Endpoint> {
  const _id = new Types.ObjectId()
  const endpoint = await Endpoints.create({
    ...wish,
    _id,
    url: receiverUrl(wish.url).href,
    secrets: [sealedSecret(_id)],
    createdAt: now(),
  })
  return endpoint.toObject()
}
