import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { OutcomeName } from '../leads/apply-outcome'
import type { MessageType } from './message-types'
import { Endpoints, storedSecret, type Endpoint } from './endpoint'
import { endpointUrl } from '../platform/guard-address'
import { revealAfterDoublePress } from './reveal-secret'

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
 * Adds an active endpoint with a new secret, which `revealSecret` shows once. Adding it again with the same `_id` adds
 * nothing.
 *
 * @returns the stored endpoint, and whether it is new.
 * @throws BlockedAddress when the URL may not be called.
 */
export async function addEndpointOnce(
  _id: Types.ObjectId,
  input: EndpointInput,
): Promise<{ endpoint: Endpoint; isNew: boolean }> {
  const { record: endpoint, isNew } = await Endpoints.createOrFind(
    {
      ...input,
      _id,
      url: endpointUrl(input.url).href,
      secrets: [storedSecret(_id)],
      createdAt: now(),
    },
    { _id },
  )
  // It has been removed since, so it's wanted again.
  if (endpoint.removedAt) return addEndpointOnce(new Types.ObjectId(), input)
  if (!isNew) await revealAfterDoublePress(_id)
  return { endpoint, isNew }
}

/** Adds an active endpoint, as `addEndpointOnce` does, and returns it. */
export async function addEndpoint(input: EndpointInput): Promise<Endpoint> {
  return (await addEndpointOnce(new Types.ObjectId(), input)).endpoint
}
