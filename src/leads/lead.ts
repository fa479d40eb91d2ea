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
  optional,
  string,
  withDefault,
  type ReadOf,
  type RecordOf,
} from '../platform/record'
import { holdOutGroups } from '../scoring/hold-out'
import { dealFields } from '../scoring/deals'
import type { Reason } from '../scoring/evidence'
import type { AssignmentReason } from './routing-reason'
import { alertKinds, type ResponseClock } from './response-clock'

/** Where a lead stands with sales, deals aside. */
const stages = ['new', 'accepted', 'contacted', 'rejected', 'returned', 'lost'] as const
/** What sales pages and CRMs show; see `leadState`. */
export const leadStatuses = [...stages, 'opportunity', 'won', 'closed'] as const
export type LeadStatus = (typeof leadStatuses)[number]

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

const snoozeTimes = { until: date(), by: objectId(), at: date(), text: string() }
/** A new lead that a teammate has set aside; it comes back by itself at `until`. An undo restores `before`. */
const snoozeFields = { ...snoozeTimes, before: withDefault(nullable(nested(snoozeTimes)), null) }

/** What sales does next. `due` is a day, `YYYY-MM-DD`. */
const nextStepFields = { text: string(), due: nullable(string()), by: objectId(), at: date() }

/** The latest response from sales or the CRM, and what to restore when it is undone. */
const dispositionFields = {
  kind: oneOf(['accepted', 'contacted', 'rejected', 'returned']),
  /** Null when it came from the CRM. */
  by: nullable(objectId()),
  at: date(),
  source: oneOf(['sales', 'crm']),
  reason: nullable(string()),
  text: string(),
  before: nested({
    stage: oneOf(stages),
    owner: nullable(objectId()),
    ownerTimeZone: withDefault(string(), 'UTC'),
    ownerClock: withDefault(nullable(free<ResponseClock>()), null),
    assignedWhy: withDefault(nullable(free<AssignmentReason>()), null),
    assignedAt: nullable(date()),
    snooze: withDefault(nullable(nested(snoozeFields)), null),
  }),
}
export type Disposition = ReadOf<typeof dispositionFields>

const closedFields = {
  reason: string(),
  at: date(),
  /** True when the lead was open before, so that it reopens when the reason ends. */
  wasOpen: boolean(),
}

/**
 * A person who has been handed off to sales. The record is a projection of the ledger (`leadState`), computed again
 * after every event that changes it.
 */
export const Leads = defineRecord(
  'Lead',
  'leads',
  {
    /** The person, who is one lead however often they are handed off. */
    _id: objectId(),
    /** Version of the ledger that it was computed from (`ledgerVersionOf`). */
    ledgerVersion: number(),
    status: oneOf(leadStatuses),
    stage: oneOf(stages),
    /** Order of the groups in a list: 0 new, 1 working, 2 won, 3 rejected, 4 lost or returned, 5 closed. */
    rank: number(),
    /** False once the person has withdrawn a consent or paused sharing: then sales sees nothing about them. */
    shared: boolean(),
    owner: nullable(objectId()),
    /** As of the moment when they became the owner. */
    ownerTimeZone: withDefault(string(), 'UTC'),
    /** When they work and how long they have to respond, as of then; null for the standard. */
    ownerClock: withDefault(nullable(free<ResponseClock>()), null),
    /** Why they are the owner; null for a teammate's own choice, and before routing said why. */
    assignedWhy: withDefault(nullable(free<AssignmentReason>()), null),
    /** The teammate whom a CRM named last as the owner, and when; null for none. */
    crmOwner: withDefault(nullable(nested({ teammate: string(), at: date() })), null),
    assignedAt: nullable(date()),
    qualifiedAt: date(),
    /** When the wait for a first response started. */
    awaitedSince: nullable(date()),
    /** When the first response is due: some of the owner's office hours later, or when a snooze ends. */
    respondBy: date(),
    /** What happens next while nobody responds; `alertsDone` has happened in this wait. */
    alert: withDefault(nullable(nested({ what: oneOf(alertKinds), at: date() })), null),
    alertsDone: list(oneOf(alertKinds)),
    snooze: withDefault(nullable(nested(snoozeFields)), null),
    nextStep: withDefault(nullable(nested(nextStepFields)), null),
    trigger: oneOf(['score', 'contact_request']),
    sequence: number(),
    /** The group in which the lead is measured, and since when; null for one that isn't (scoring/hold-out.ts). */
    holdOut: withDefault(nullable(nested({ group: oneOf(holdOutGroups), at: date() })), null),
    /** Number of changes by teammates, each an event with this number in its id. */
    changeCount: withDefault(number(), 0),
    disposition: nullable(nested(dispositionFields)),
    /** Why it was closed without a decision by sales, such as `cooled` or `paused`; null while it is open. */
    closed: nullable(nested(closedFields)),
    deals: list(nested(dealFields)),
    /** The place in lists: the score, or chance for who is held out. Pages compute the points as of now. */
    score: withDefault(number(), 0),
    /** The score where the place isn't; null where it is. */
    shownScore: withDefault(nullable(number()), null),
    fit: withDefault(number(), 0),
    grade: withDefault(string(), 'C3'),
    reasons: list(free<Reason>()),
    /** What makes this lead different, for a line in the queue; below `sales:highlight.`. */
    highlights: list(free<Reason>()),
    search: list(string()),
    /** What lists are narrowed by, such as `grade:A1`; empty for one that isn't shared. See lead-facets.ts. */
    facets: list(string()),
    /** Folded, for sorting; empty for one that isn't shared, or that has none. */
    sortName: withDefault(string(), ''),
    sortCompany: withDefault(string(), ''),
    sortOwner: withDefault(string(), ''),
    /** When the person last did something themselves. */
    lastActivityAt: withDefault(date(), new Date(0)),
    /** The brand that the person joined; missing for the default one. */
    brand: optional(string()),
  },
  {
    indexes: [
      // Any filter with any order reads about as many keys as a page shows.
      [{ facets: 1, rank: 1, score: -1, _id: 1 }],
      [{ facets: 1, rank: 1, sortName: 1, _id: 1 }],
      [{ facets: 1, rank: 1, sortCompany: 1, _id: 1 }],
      [{ facets: 1, rank: 1, sortOwner: 1, _id: 1 }],
      [{ facets: 1, rank: 1, respondBy: 1, _id: 1 }],
      [{ facets: 1, rank: 1, qualifiedAt: -1, _id: 1 }],
      [{ facets: 1, rank: 1, lastActivityAt: -1, _id: 1 }],
      [{ shared: 1, qualifiedAt: -1, _id: 1 }],
      [{ shared: 1, 'snooze.until': 1 }],
      [{ owner: 1, 'snooze.until': 1 }],
      [{ owner: 1, rank: 1, score: -1, _id: 1 }],
      [{ owner: 1, rank: 1, respondBy: 1, _id: 1 }],
      [{ shared: 1, rank: 1, respondBy: 1, _id: 1 }],
      [{ owner: 1, assignedAt: -1 }],
      [{ search: 1 }],
      [{ 'alert.at': 1 }],
      [{ 'holdOut.at': 1 }, { partialFilterExpression: { 'holdOut.at': { $type: 'date' } } }],
    ],
    onWrite: () => void leadWrites.count++,
  },
)
/** How often this process has written leads: what was counted before counts no more. */
export const leadWrites = { count: 0 }
export type Lead = RecordOf<typeof Leads>
