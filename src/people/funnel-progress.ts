import {
  date,
  defineRecord,
  list,
  mapOf,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { sources } from './source'

/** The steps of the funnel after the visit, in order, with the time each was first reached. */
const stepTimes = {
  signedUp: optional(date()),
  enrolled: optional(date()),
  active: optional(date()),
  completed: optional(date()),
  qualified: optional(date()),
  accepted: optional(date()),
  won: optional(date()),
}
export type Step = keyof typeof stepTimes
export const steps = Object.keys(stepTimes) as Step[]

/**
 * How far one person has got in the funnel, for reports: when each step was first reached, and the deals won. A
 * projection of the ledger, written by `recordFunnelStep` and `recordWonDeals`. It contains no name and no email
 * address.
 */
export const FunnelProgresses = defineRecord(
  'FunnelProgress',
  'funnel_progress',
  {
    /** The person. */
    _id: objectId(),
    signedUpAt: date(),
    source: oneOf(sources),
    /** The brand that the person joined; missing for the default one. */
    brand: optional(string()),
    steps: withDefault(nested(stepTimes), {}),
    /** The learner's steps, by the id of the course. */
    courses: mapOf(
      nested({
        enrolled: stepTimes.enrolled,
        active: stepTimes.active,
        completed: stepTimes.completed,
      }),
    ),
    /** Each deal that is won now, with its latest amount in minor units; see leads/record-won-deals.ts. */
    deals: list(
      nested({
        id: nullable(string()),
        amount: nullable(number()),
        currency: nullable(string()),
        at: date(),
      }),
    ),
    /** Version of the ledger that the deals were read from. */
    dealsVersion: withDefault(number(), 0),
  },
  { indexes: [[{ signedUpAt: 1 }], [{ 'steps.won': -1 }]] },
)
export type FunnelProgress = RecordOf<typeof FunnelProgresses>
