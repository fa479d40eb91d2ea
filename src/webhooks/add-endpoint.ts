import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { MessageType } from './message-types'
import { Endpoints, storedSecret, type Endpoint } from './endpoint'
import { endpointUrl } from './guard-address'

export type EndpointInput = { name: string; url: string; types: MessageType[]; perSecond?: number }

/** Adds a receiver with a secret of its own (see show-secret.ts). Throws `BlockedAddress` for an address that may not be called. */
export async function addEndpoint(wish: EndpointInput): Promise<Endpoint> {
  const _id = new Types.ObjectId()
  const endpoint = await Endpoints.create({
    ...wish,
    _id,
    url: endpointUrl(wish.url).href,
    secrets: [storedSecret(_id)],
    createdAt: now(),
  })
  return endpoint.toObject()
}
