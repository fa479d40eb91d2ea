import { days, hours, later } from '../platform/clock'
import type { Event } from '../events/event'
import type { EventData } from '../events/definitions'
import { ownDecisions, type IneligibleReason } from './eligibility'
import { ruleCounts } from './rules'
import type { ModelContent } from './model-content'

type LedgerEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

/** Whether a person is qualified, and since when, as the ledger has it. */
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
  /** The person's own decision that ended the last hand-off, such as `paused`. */
  withdrawnReason: string | null
}

/**
 * Returns the state from a person's ledger, in any order. It is never stored: two workers that read the same ledger
 * come to the same state.
 */
export function qualificationStateOf(ledger: readonly LedgerEvent[]): QualificationState {
  const state: QualificationState = {
    isQualified: false,
    sequence: 0,
    lastChangedAt: null,
    qualifiedAt: null,
    contactRequestQualifiedAt: null,
    withdrawnReason: null,
  }
  const changes = ledger.filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
  for (const event of changes.sort((a, b) => a.at.getTime() - b.at.getTime() || byChange(a, b))) {
    if (event.name === 'lead.qualified') {
      const { sequence, trigger } = event.data as EventData['lead.qualified']
      if (!state.isQualified) state.lastChangedAt = event.at
      state.isQualified = true
      state.sequence = sequence
      state.qualifiedAt = event.at
      state.withdrawnReason = null
      if (trigger === 'contact_request') state.contactRequestQualifiedAt = event.at
    } else {
      const { reason } = event.data as EventData['lead.disqualified']
      if (state.isQualified) state.lastChangedAt = event.at
      state.isQualified = false
      if (ownDecisions.has(reason)) state.withdrawnReason = reason
    }
  }
  return state
}

/** What follows from a score. `nextCheckAt` is when time alone may change the decision. */
export type Decision =
  | { action: 'qualify'; trigger: 'score' | 'contact_request' }
  | { action: 'disqualify'; reason: IneligibleReason | 'cooled' }
  | { action: 'none'; nextCheckAt: Date | null }

const noChange: Decision = { action: 'none', nextCheckAt: null }

/**
 * Decides whether a person is handed off, disqualified or left as they are (rules: README.md in this folder).
 *
 * - An ineligible person is disqualified at once.
 * - A contact request qualifies at once, and holds for `daysBetweenHandOffs`.
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
  },
  model: ModelContent,
  at: Date,
): Decision {
  const { isQualified, qualifiedAt, lastChangedAt, contactRequestQualifiedAt } = state
  const { ineligibleReason, engagement, grade } = current
  if (ineligibleReason) {
    const isVisible =
      isQualified || (state.sequence > 0 && !state.withdrawnReason && ownDecisions.has(ineligibleReason))
    // A customer's lead stays as it is: won.
    return isVisible && ineligibleReason !== 'customer'
      ? { action: 'disqualify', reason: ineligibleReason }
      : noChange
  }
  const past = current.ledger.filter(event => event.at <= at)
  const hasOpenContactRequest = past.some(
    event =>
      event.name === 'contact.requested' &&
      (!contactRequestQualifiedAt || event.at > contactRequestQualifiedAt) &&
      event.at > later(at, -days(model.daysBetweenHandOffs)),
  )
  if (hasOpenContactRequest) return { action: 'qualify', trigger: 'contact_request' }

  const cooldownUntil = lastChangedAt && later(lastChangedAt, hours(model.hoursBetweenChanges))
  if (isQualified) {
    if (engagement >= model.disqualifyBelow) return noChange
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
    event => (!qualifiedAt || event.at > qualifiedAt) && model.rules.some(rule => ruleCounts(rule, event)),
  )
  if (!hasNewActivity) return noChange
  const nextHandOffAt = qualifiedAt && later(qualifiedAt, days(model.daysBetweenHandOffs))
  const nextCheckAt = latest(cooldownUntil, nextHandOffAt)
  return nextCheckAt && nextCheckAt > at
    ? { action: 'none', nextCheckAt }
    : { action: 'qualify', trigger: 'score' }
}

function latest(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b)
}

/** At the same moment, a hand-off comes before its disqualification. */
function byChange(a: LedgerEvent, b: LedgerEvent): number {
  return a.name === b.name ? (a._id < b._id ? -1 : 1) : a.name === 'lead.qualified' ? -1 : 1
}
