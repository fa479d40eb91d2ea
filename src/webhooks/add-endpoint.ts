import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { OutcomeName } from '../leads/apply-outcome'
import type { MessageType } from './message-types'
import { Endpoints, storedSecret, type Endpoint } from './endpoint'
import { endpointUrl } from '../platform/guard-address'

export type EndpointInput = {
  name: string
  url: string
  recordUrl?: string | null
  types: MessageType[]
  /** None by default: reporting outcomes is granted. */
  inbound?: OutcomeName[]
  perSecond?: number
}

/**
 * Adds an active endpoint with a new secret, which `revealSecret` shows once.
 *
 * @returns the stored endpoint.
 * @throws BlockedAddress when the URL may not be called.
 */
export async function addEndpoint(input: EndpointInput): Promise<Endpoint> {
  const _id = new Types.ObjectId()
  return Endpoints.create({
    ...input,
    _id,
    url: endpointUrl(input.url).href,
    secrets: [storedSecret(_id)],
    createdAt: now(),
  })
}
