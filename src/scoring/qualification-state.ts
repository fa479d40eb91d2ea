import { days, hours, later } from '../platform/clock'
import type { EventData } from '../events/definitions'
import { ownDecisions, type IneligibleReason } from './eligibility'
import { ruleCounts, type ScoredEvent } from './rules'
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

/**
 * Returns the state from a person's ledger, in any order. It is never stored: two workers that read the same ledger
 * arrive at the same state.
 */
export function qualificationStateOf(ledger: readonly LedgerEvent[]): QualificationState {
  const state: QualificationState = {
    isQualified: false,
    sequence: 0,
    lastChangedAt: null,
    qualifiedAt: null,
    contactRequestQualifiedAt: null,
    ended: null,
    changes: 0,
  }
  const changes = ledger.filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
  for (const event of changes.sort(byChange)) {
    state.changes++
    if (event.name === 'lead.qualified') {
      const { sequence, trigger } = event.data as EventData['lead.qualified']
      if (!state.isQualified) state.lastChangedAt = event.at
      state.isQualified = true
      state.sequence = sequence
      // Someone who is back after a pause was handed off before it.
      if (trigger !== 'resumed') state.qualifiedAt = event.at
      state.ended = null
      if (trigger === 'contact_request') state.contactRequestQualifiedAt = event.at
    } else {
      const { reason } = event.data as EventData['lead.disqualified']
      if (state.isQualified) state.lastChangedAt = event.at
      state.ended = { reason, at: event.at }
      state.isQualified = false
    }
  }
  return state
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
    ledger: readonly LedgerEvent[]
    interest: SalesInterest
  },
  model: ModelContent,
  at: Date,
): Decision {
  const { isQualified, qualifiedAt, lastChangedAt, contactRequestQualifiedAt, ended } = state
  const { ineligibleReason, engagement, grade, interest } = current
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
  const past = current.ledger.filter(event => event.at <= at)
  const wasWithdrawn = ended !== null && ownDecisions.has(ended.reason)
  const hasOpenContactRequest = past.some(
    event =>
      !isCustomer &&
      event.name === 'contact.requested' &&
      (!contactRequestQualifiedAt || event.at > contactRequestQualifiedAt) &&
      event.at > later(wasWithdrawn ? ended.at : at, -days(model.daysBetweenHandOffs)),
  )
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
  const hasNewActivity = past.some(
    event =>
      (!qualifiedAt || event.at > qualifiedAt) && model.rules.some(rule => ruleCounts(rule, event, past)),
  )
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
