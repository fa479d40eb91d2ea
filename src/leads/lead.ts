import {
  boolean,
  date,
  defineRecord,
  free,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Reason } from '../scoring/score'

const statuses = ['new', 'accepted', 'contacted', 'opportunity', 'won', 'lost', 'rejected', 'closed'] as const
export type LeadStatus = (typeof statuses)[number]

/** Why sales rejects a lead: a fixed list, so that CRMs can map it to their own field. */
export const rejectionReasons = [
  'no_budget',
  'no_need',
  'no_authority',
  'timing',
  'competitor',
  'price',
  'unreachable',
  'student',
  'not_a_fit',
  'duplicate',
  'spam',
  'other',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

/**
 * A person who has been handed off to sales. Everything but the owner is a projection of the ledger (`leadState`),
 * computed again after every event that changes it.
 */
export const Leads = defineRecord(
  'Lead',
  'leads',
  {
    /** The person, who is one lead however often they are handed off. */
    _id: objectId(),
    /** Version of the ledger that it was computed from (`ledgerVersionOf`). */
    ledgerVersion: number(),
    status: oneOf(statuses),
    /** Order of the groups in a list: 0 new, 1 working, 2 won, 3 rejected, 4 lost, 5 closed. */
    rank: number(),
    /** False once the person has withdrawn a consent or paused sharing: then sales sees nothing about them. */
    shared: boolean(),
    owner: nullable(objectId()),
    assignedAt: nullable(date()),
    qualifiedAt: date(),
    /** When the first response is due. */
    respondBy: date(),
    trigger: oneOf(['score', 'contact_request']),
    sequence: number(),
    /** Number of responses given and undone, so that each is one event. */
    dispositionCount: withDefault(number(), 0),
    disposition: nullable(
      nested({
        /** Null when it came from the CRM. */
        by: nullable(objectId()),
        at: date(),
        source: oneOf(['sales', 'crm']),
        reason: nullable(string()),
        text: string(),
      }),
    ),
    /** Why it was closed without a response, such as `cooled` or `paused`. */
    closedReason: nullable(string()),
    /** Amount of the deal, in minor units. */
    amount: nullable(number()),
    currency: nullable(string()),
    outcomeAt: nullable(date()),
    lostReason: nullable(string()),
    /** Copied from the score for sorting; a page computes the points as of now. */
    score: withDefault(number(), 0),
    fit: withDefault(number(), 0),
    grade: withDefault(string(), 'C3'),
    reasons: list(free<Reason>()),
    search: list(string()),
  },
  {
    indexes: [
      [{ shared: 1, rank: 1, score: -1, _id: 1 }],
      [{ shared: 1, qualifiedAt: -1 }],
      [{ owner: 1, rank: 1, score: -1, _id: 1 }],
      [{ owner: 1, assignedAt: -1 }],
      [{ search: 1 }],
    ],
  },
)
export type Lead = RecordOf<typeof Leads>
