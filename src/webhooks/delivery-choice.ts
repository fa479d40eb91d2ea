import type { QueryFilter, Types } from 'mongoose'
import { date, list, nullable, objectId, oneOf, string, type ReadOf } from '../platform/record'
import { deliveryStates, type Delivery } from './delivery'
import { basisOf, messageTypes } from './message-types'

/** A delivery that has failed and is tried again is both pending and retrying; `open` is all that may still arrive. */
export const chosenStates = [...deliveryStates, 'retrying', 'open'] as const
export type ChosenState = (typeof chosenStates)[number]

/** A choice among deliveries, as a recovery stores it. What is null or empty isn't asked for. */
export const choiceFields = {
  state: nullable(oneOf(chosenStates)),
  /** Any type when empty. */
  types: list(oneOf(messageTypes)),
  /** When they were queued, both ends included. */
  since: nullable(date()),
  until: nullable(date()),
  /** A `webhook-id`. */
  message: nullable(string()),
  /** The people whom a search found: null without a search. */
  people: nullable(list(objectId())),
  /** Those that it found, and whom sales may only see as buyers. */
  buyers: list(objectId()),
}
export type DeliveryChoice = ReadOf<typeof choiceFields>

/** The types about an order, which sales may read whether or not its buyer shares anything else. */
const orderTypes = messageTypes.filter(type => basisOf(type) === 'contract')

/** Returns the filter for the deliveries that a choice matches: to an endpoint, or to all of them for null. */
export function chosenDeliveries(
  endpoint: Types.ObjectId | null,
  choice: DeliveryChoice,
): QueryFilter<Delivery> {
  const { types, since, until, message, people, buyers } = choice
  const createdAt = { ...(since && { $gte: since }), ...(until && { $lte: until }) }
  return {
    ...(endpoint && { endpoint }),
    ...stateFilter(choice.state),
    ...(types.length && { type: { $in: types } }),
    ...((since || until) && { createdAt }),
    ...(message && { message }),
    ...(people && peopleFilter(people, buyers)),
  }
}

/** Without buyers it needs no alternative, so an index finds the people. */
function peopleFilter(people: Types.ObjectId[], buyers: Types.ObjectId[]): QueryFilter<Delivery> {
  const sharing = { person: { $in: people } }
  return buyers.length ? { $or: [sharing, { person: { $in: buyers }, type: { $in: orderTypes } }] } : sharing
}

function stateFilter(state: ChosenState | null): QueryFilter<Delivery> {
  if (state === 'retrying') return { state: 'pending', failures: { $gt: 0 } }
  if (state === 'open') return { state: { $in: ['pending', 'sending', 'held', 'failed'] } }
  return state ? { state } : {}
}
