import { days, hours, later } from '../platform/clock'
import type { EventData } from '../events/definitions'
import { ownDecisions, type IneligibleReason } from './eligibility'
import { inTime, ruleCounts, type ScoredEvent } from './rules'
import type { ModelContent } from './model-content'

type LedgerEvent = ScoredEvent

/** Whether a person is qualified and when that changed, according to the ledger. */
export type QualificationState = {
  /** Handed off, and not disqualified since. */
  isQualified: boolean
  /** Number of hand-offs, 0 before the first. Webhook endpoints ignore messages with a lower number. */
  sequence: number
  lastChangedAt: Date | null
  /** When the person was last handed off. */
  qualifiedAt: Date | null
  /** When a contact request was last handed off. */
  contactRequestQualifiedAt: Date | null
  /** Why and when the last hand-off ended, such as `paused` or `cooled`; null while qualified or before the first. */
  ended: { reason: string; at: Date } | null
  /** Number of changes, so that the next one is a separate event. */
  changes: number
}

/** The state before anything has happened. */
export const neverQualified: Readonly<QualificationState> = {
  isQualified: false,
  sequence: 0,
  lastChangedAt: null,
  qualifiedAt: null,
  contactRequestQualifiedAt: null,
  ended: null,
  changes: 0,
}

/**
 * Returns the state from a person's ledger, in any order. It is never stored: two workers that read the same ledger
 * arrive at the same state.
 */
export function qualificationStateOf(ledger: readonly LedgerEvent[]): QualificationState {
  const changes = ledger.filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
  return changes.sort(byChange).reduce(qualificationAfter, neverQualified)
}

/** Returns the state after one more hand-off or disqualification. */
export function qualificationAfter(
  before: QualificationState,
  { name, at, data }: Pick<LedgerEvent, 'name' | 'at' | 'data'>,
): QualificationState {
  const { isQualified, lastChangedAt } = before
  const changes = before.changes + 1
  if (name === 'lead.disqualified') {
    const { reason } = data as EventData['lead.disqualified']
    const changedAt = isQualified ? at : lastChangedAt
    return { ...before, changes, isQualified: false, lastChangedAt: changedAt, ended: { reason, at } }
  }
  const { sequence, trigger } = data as EventData['lead.qualified']
  return {
    ...{ isQualified: true, sequence, changes, ended: null },
    lastChangedAt: isQualified ? lastChangedAt : at,
    // Someone who is back after a pause was handed off before it.
    qualifiedAt: trigger === 'resumed' ? before.qualifiedAt : at,
    contactRequestQualifiedAt: trigger === 'contact_request' ? at : before.contactRequestQualifiedAt,
  }
}

/** What someone did last, as far as a decision depends on it; null for never. */
export type LastActivity = {
  /** When they asked for contact. */
  requestedAt: Date | null
  /** When they did something that a rule counts. */
  countedAt: Date | null
}

/** Returns what someone did last until a moment, from a ledger in any order. */
export function latestActivityIn(
  ledger: readonly LedgerEvent[],
  model: ModelContent,
  at: Date,
): LastActivity {
  // What an event is about can depend on the order of those before it.
  const past = ledger.filter(event => event.at <= at).sort(inTime)
  const last: LastActivity = { requestedAt: null, countedAt: null }
  for (const event of past) {
    if (event.name === 'contact.requested') last.requestedAt = latest(last.requestedAt, event.at)
    const isNewer = !last.countedAt || event.at > last.countedAt
    if (isNewer && model.rules.some(rule => ruleCounts(rule, event, past))) last.countedAt = event.at
  }
  return last
}

/** How sales treats a lead, which `leads` knows. */
export type SalesInterest = {
  /** Sales works on the lead. */
  isWithSales: boolean
  /** Sales sees the lead. */
  isOpen: boolean
  /** Sales sees it, or would see it without the reason that hides it, such as a pause. */
  wasOpen: boolean
}

/** What follows from a score. `nextCheckAt` is when time alone may change the decision. */
export type Decision =
  | { action: 'qualify'; trigger: EventData['lead.qualified']['trigger'] }
  | { action: 'disqualify'; reason: IneligibleReason | 'cooled' }
  | { action: 'none'; nextCheckAt: Date | null }

const noChange: Decision = { action: 'none', nextCheckAt: null }

/**
 * Decides whether a person is handed off, disqualified or left as they are (rules: README.md in this folder).
 *
 * - An ineligible person is disqualified immediately.
 * - A contact request qualifies immediately, and holds for `daysBetweenHandOffs`; the time of a pause doesn't count.
 * - When the reason for a disqualification, such as a pause, ends, the hand-off resumes as it was. After a withdrawn
 *   consent it does so only while sales works on the lead, or the score would keep it.
 * - A customer (someone who bought, or whose colleague did) is not handed off again. Their lead stays as it is.
 * - A lead that sales works on never cools.
 * - By score, a person qualifies at `qualifyAt` with a qualifying grade and drops out below `disqualifyBelow`, with
 *   `hoursBetweenChanges` between changes, `daysBetweenHandOffs` between hand-offs, and new activity since the last
 *   one.
 */
export function decideQualification(
  state: QualificationState,
  current: {
    ineligibleReason: IneligibleReason | null
    engagement: number
    grade: string
    activity: LastActivity
    interest: SalesInterest
  },
  model: ModelContent,
  at: Date,
): Decision {
  const { isQualified, qualifiedAt, lastChangedAt, contactRequestQualifiedAt, ended } = state
  const { ineligibleReason, engagement, grade, interest } = current
  const { requestedAt, countedAt } = current.activity
  const isCustomer = ineligibleReason === 'customer'
  if (ineligibleReason && !isCustomer) {
    const isNewReason =
      ended !== null &&
      ended.reason !== ineligibleReason &&
      (ended.reason !== 'cooled' || ownDecisions.has(ineligibleReason))
    return isQualified || interest.isOpen || isNewReason
      ? { action: 'disqualify', reason: ineligibleReason }
      : noChange
  }
  const wasWithdrawn = ended !== null && ownDecisions.has(ended.reason)
  const hasOpenContactRequest =
    !isCustomer &&
    requestedAt !== null &&
    (!contactRequestQualifiedAt || requestedAt > contactRequestQualifiedAt) &&
    requestedAt > later(wasWithdrawn ? ended.at : at, -days(model.daysBetweenHandOffs))
  if (hasOpenContactRequest) return { action: 'qualify', trigger: 'contact_request' }
  if (ended && ended.reason !== 'cooled') {
    const isNewConsent = ended.reason === 'consent' || ended.reason === 'objection'
    const isKept = !isNewConsent || isCustomer || interest.isWithSales || engagement >= model.disqualifyBelow
    return afterReason(ended, interest.wasOpen && isKept, noChange)
  }
  // A customer isn't handed off again, and their lead stays as it is: won, or open with a colleague's company.
  if (isCustomer) return noChange

  const cooldownUntil = lastChangedAt && later(lastChangedAt, hours(model.hoursBetweenChanges))
  if (isQualified) {
    if (engagement >= model.disqualifyBelow || interest.isWithSales) return noChange
    // A contact request never depended on the score, so a low score doesn't end it early.
    const requestHoldsUntil =
      contactRequestQualifiedAt && later(contactRequestQualifiedAt, days(model.daysBetweenHandOffs))
    const nextCheckAt = latest(cooldownUntil, requestHoldsUntil)
    return nextCheckAt && nextCheckAt > at
      ? { action: 'none', nextCheckAt }
      : { action: 'disqualify', reason: 'cooled' }
  }
  if (engagement < model.qualifyAt || !model.qualifyingGrades.includes(grade)) return noChange
  const hasNewActivity = countedAt !== null && (!qualifiedAt || countedAt > qualifiedAt)
  if (!hasNewActivity) return noChange
  const nextHandOffAt = qualifiedAt && later(qualifiedAt, days(model.daysBetweenHandOffs))
  const nextCheckAt = latest(cooldownUntil, nextHandOffAt)
  return nextCheckAt && nextCheckAt > at
    ? { action: 'none', nextCheckAt }
    : { action: 'qualify', trigger: 'score' }
}

/** Decides what follows when the reason for a disqualification has ended; `otherwise` when it hasn't. */
function afterReason(ended: QualificationState['ended'], resumes: boolean, otherwise: Decision): Decision {
  if (!ended || ended.reason === 'cooled') return otherwise
  return resumes ? { action: 'qualify', trigger: 'resumed' } : { action: 'disqualify', reason: 'cooled' }
}

function latest(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b)
}

/**
 * Orders by time; at the same moment, a hand-off comes before its disqualification, and both before the next hand-off.
 */
function byChange(a: LedgerEvent, b: LedgerEvent): number {
  return a.at.getTime() - b.at.getTime() || handOffOrder(a) - handOffOrder(b)
}

/** Returns a number that puts hand-offs and disqualifications at the same moment in order. */
export function handOffOrder({ _id, name, data }: LedgerEvent): number {
  if (name === 'lead.qualified') return (data as EventData['lead.qualified']).sequence
  // The id ends with the number of the hand-off, the reason, and the number of changes before.
  const [sequence, , changes] = _id.split(':').slice(-3).map(Number)
  return sequence! + (1 + changes!) / 1e6
}
