import {
  date,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { defineQueue } from '../platform/queue'
import { outcomeNames } from '../leads/apply-outcome'
import { rejectionReasons } from '../leads/lead'

export const outcomeStates = ['received', 'applied', 'unmatched'] as const

/** What a CRM reported about a lead: the inbox of `POST /api/crm/outcomes`, and its entry in the queue. */
export const Outcomes = defineQueue(
  'Outcome',
  'outcomes',
  {
    /** `endpoint:webhook-id`, so an outcome that is sent twice is stored once. */
    _id: string(),
    endpoint: objectId(),
    type: oneOf(outcomeNames),
    /** The id of the person as the CRM sent it. */
    externalId: string(),
    /** The lead with that id; null until it is found. */
    person: nullable(objectId()),
    /** The CRM's own id of the deal or lead. */
    crmId: nullable(string()),
    occurredAt: date(),
    receivedAt: date(),
    /** In minor units of `currency`. */
    amount: nullable(number()),
    currency: nullable(string()),
    reason: nullable(oneOf(rejectionReasons)),
    /** The CRM's own code for the reason when it isn't one of ours; `reason` is then `other`. */
    unknownCode: nullable(string()),
    /** The reason in the CRM's words. */
    text: withDefault(string(), ''),
    /** The address of the owner in the CRM; null when it doesn't say. */
    ownerEmail: nullable(string()),
    state: withDefault(oneOf(outcomeStates), 'received'),
  },
  {
    queue: 'outcomes',
    indexes: [
      [{ receivedAt: -1, _id: -1 }],
      [{ state: 1, receivedAt: -1, _id: -1 }],
      [{ type: 1, receivedAt: -1, _id: -1 }],
      [{ endpoint: 1, receivedAt: -1, _id: -1 }],
      [{ person: 1, occurredAt: -1 }],
      [{ externalId: 1 }],
      [{ crmId: 1 }],
    ],
  },
)
export type Outcome = RecordOf<typeof Outcomes>
