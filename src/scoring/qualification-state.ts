import { days, hours, later } from '../platform/clock'
import type { Event, EventData } from '../events/event'
import { ownDecisions, type IneligibleReason } from './eligibility'
import { ruleCounts } from './rules'
import type { ModelContent } from './model'

type LedgerEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

/** Where somebody stands between us and sales, as the ledger tells it. */
export type QualificationState = {
  /** Handed over and not fallen below the exit since. */
  isQualified: boolean
  /** Counts hand-offs; 0 before the first. Receivers drop what is older. */
  sequence: number
  lastChangedAt: Date | null
  qualifiedAt: Date | null
  /** When a contact request was last handed over. */
  contactRequestQualifiedAt: Date | null
  /** Why sales may see nothing since the last hand-off, by the person's own decision. */
  withdrawn: string | null
}

/** The standing from somebody's ledger, in any order. It is never stored as truth: two workers that look find the same. */
export function qualificationStateOf(ledger: readonly LedgerEvent[]): QualificationState {
  const standing: QualificationState = {
    isQualified: false,
    sequence: 0,
    lastChangedAt: null,
    qualifiedAt: null,
    contactRequestQualifiedAt: null,
    withdrawn: null,
  }
  const flips = ledger.filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
  for (const event of [...flips].sort((a, b) => a.at.getTime() - b.at.getTime() || byChange(a, b))) {
    if (event.name === 'lead.qualified') {
      const { sequence, trigger } = event.data as EventData['lead.qualified']
      if (!standing.isQualified) standing.lastChangedAt = event.at
      Object.assign(standing, { isQualified: true, sequence, qualifiedAt: event.at, withdrawn: null })
      if (trigger === 'contact_request') standing.contactRequestQualifiedAt = event.at
    } else {
      const { reason } = event.data as EventData['lead.disqualified']
      if (standing.isQualified) standing.lastChangedAt = event.at
      standing.isQualified = false
      if (ownDecisions.has(reason)) standing.withdrawn = reason
    }
  }
  return standing
}

/** What follows from a score. `again` is the moment at which time alone may change the answer. */
export type Decision =
  | { action: 'qualify'; trigger: 'score' | 'contact_request' }
  | { action: 'disqualify'; reason: IneligibleReason | 'cooled' }
  | { action: 'none'; nextCheckAt: Date | null }

/**
 * Whether somebody is handed over, taken back, or left as they are. Enters at `enter` with a qualifying grade, leaves below
 * `exit`, never twice within `hoursBetweenFlips`; one hand-off in `daysBetweenHandOffs` and only when something new has
 * happened since; a contact request goes over at once and stays for as many days. Whoever may not be handed over is taken back at once.
 */
export function decideQualification(
  standing: QualificationState,
  about: {
    closed: IneligibleReason | null
    engagement: number
    grade: string
    ledger: readonly LedgerEvent[]
  },
  model: ModelContent,
  at: Date,
): Decision {
  const { isQualified, qualifiedAt, lastChangedAt, contactRequestQualifiedAt } = standing
  if (about.closed) {
    const known =
      isQualified || (standing.sequence > 0 && !standing.withdrawn && ownDecisions.has(about.closed))
    return known && about.closed !== 'customer'
      ? { action: 'disqualify', reason: about.closed }
      : { action: 'none', nextCheckAt: null }
  }
  const past = about.ledger.filter(event => event.at <= at)
  const unansweredHand = past.some(
    event =>
      event.name === 'contact.requested' &&
      (!contactRequestQualifiedAt || event.at > contactRequestQualifiedAt) &&
      event.at > later(at, -days(model.daysBetweenHandOffs)),
  )
  if (unansweredHand) return { action: 'qualify', trigger: 'contact_request' }

  const calm = lastChangedAt && later(lastChangedAt, hours(model.hoursBetweenFlips))
  if (isQualified) {
    if (about.engagement >= model.disqualifyBelow) return { action: 'none', nextCheckAt: null }
    // A raised hand is not cooled down by a low score that it never depended on.
    const asked =
      contactRequestQualifiedAt && later(contactRequestQualifiedAt, days(model.daysBetweenHandOffs))
    const kept = lastOf(calm, asked)
    return kept && kept > at
      ? { action: 'none', nextCheckAt: kept }
      : { action: 'disqualify', reason: 'cooled' }
  }
  if (about.engagement < model.qualifyAt || !model.qualifying.includes(about.grade)) {
    return { action: 'none', nextCheckAt: null }
  }
  const isNew = past.some(
    event => (!qualifiedAt || event.at > qualifiedAt) && model.rules.some(rule => ruleCounts(rule, event)),
  )
  if (!isNew) return { action: 'none', nextCheckAt: null }
  const free = qualifiedAt && later(qualifiedAt, days(model.daysBetweenHandOffs))
  const wait = lastOf(calm, free)
  return wait && wait > at ? { action: 'none', nextCheckAt: wait } : { action: 'qualify', trigger: 'score' }
}

function lastOf(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b)
}

// At one and the same moment a hand-off comes before what takes it back.
function byChange(a: LedgerEvent, b: LedgerEvent): number {
  return a.name === b.name ? (a._id < b._id ? -1 : 1) : a.name === 'lead.qualified' ? -1 : 1
}
