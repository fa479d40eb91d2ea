import { days, hours, later } from '../platform/clock'
import type { Event, Happenings } from '../events/event'
import { ownDecision, type Closed } from './eligibility'
import { ruleCounts } from './rules'
import type { ModelContent } from './model'

type LedgerEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

/** Where somebody stands between us and sales, as the ledger tells it. */
export type Standing = {
  /** Handed over and not fallen below the exit since. */
  ready: boolean
  /** Counts hand-offs; 0 before the first. Receivers drop what is older. */
  sequence: number
  flippedAt: Date | null
  handedAt: Date | null
  /** When a raised hand was last handed over. */
  handAnsweredAt: Date | null
  /** Why sales may see nothing since the last hand-off, by the person's own decision. */
  withdrawn: string | null
}

/** The standing from somebody's ledger, in any order. It is never stored as truth: two workers that look find the same. */
export function standingOf(ledger: readonly LedgerEvent[]): Standing {
  const standing: Standing = {
    ready: false,
    sequence: 0,
    flippedAt: null,
    handedAt: null,
    handAnsweredAt: null,
    withdrawn: null,
  }
  const flips = ledger.filter(({ name }) => name === 'lead.qualified' || name === 'lead.disqualified')
  for (const event of [...flips].sort((a, b) => a.at.getTime() - b.at.getTime() || byFlip(a, b))) {
    if (event.name === 'lead.qualified') {
      const { sequence, trigger } = event.data as Happenings['lead.qualified']
      if (!standing.ready) standing.flippedAt = event.at
      Object.assign(standing, { ready: true, sequence, handedAt: event.at, withdrawn: null })
      if (trigger === 'hand') standing.handAnsweredAt = event.at
    } else {
      const { reason } = event.data as Happenings['lead.disqualified']
      if (standing.ready) standing.flippedAt = event.at
      standing.ready = false
      if (ownDecision.has(reason)) standing.withdrawn = reason
    }
  }
  return standing
}

/** What follows from a score. `again` is the moment at which time alone may change the answer. */
export type Decision =
  | { deed: 'qualify'; trigger: 'score' | 'hand' }
  | { deed: 'disqualify'; reason: Closed | 'cooled' }
  | { deed: 'none'; again: Date | null }

/**
 * Whether somebody is handed over, taken back, or left as they are. Enters at `enter` with a qualifying grade, leaves below
 * `exit`, never twice within `hoursBetweenFlips`; one hand-off in `daysBetweenHandOffs` and only when something new has
 * happened since; a raised hand goes over at once and stays for as many days. Whoever may not be handed over is taken back at once.
 */
export function decide(
  standing: Standing,
  about: { closed: Closed | null; engagement: number; grade: string; ledger: readonly LedgerEvent[] },
  model: ModelContent,
  at: Date,
): Decision {
  const { ready, handedAt, flippedAt, handAnsweredAt } = standing
  if (about.closed) {
    const known = ready || (standing.sequence > 0 && !standing.withdrawn && ownDecision.has(about.closed))
    return known && about.closed !== 'customer'
      ? { deed: 'disqualify', reason: about.closed }
      : { deed: 'none', again: null }
  }
  const past = about.ledger.filter(event => event.at <= at)
  const unansweredHand = past.some(
    event =>
      event.name === 'hand.raised' &&
      (!handAnsweredAt || event.at > handAnsweredAt) &&
      event.at > later(at, -days(model.daysBetweenHandOffs)),
  )
  if (unansweredHand) return { deed: 'qualify', trigger: 'hand' }

  const calm = flippedAt && later(flippedAt, hours(model.hoursBetweenFlips))
  if (ready) {
    if (about.engagement >= model.exit) return { deed: 'none', again: null }
    // A raised hand is not cooled down by a low score that it never depended on.
    const asked = handAnsweredAt && later(handAnsweredAt, days(model.daysBetweenHandOffs))
    const kept = lastOf(calm, asked)
    return kept && kept > at ? { deed: 'none', again: kept } : { deed: 'disqualify', reason: 'cooled' }
  }
  if (about.engagement < model.enter || !model.qualifying.includes(about.grade)) {
    return { deed: 'none', again: null }
  }
  const isNew = past.some(
    event => (!handedAt || event.at > handedAt) && model.rules.some(rule => ruleCounts(rule, event)),
  )
  if (!isNew) return { deed: 'none', again: null }
  const free = handedAt && later(handedAt, days(model.daysBetweenHandOffs))
  const wait = lastOf(calm, free)
  return wait && wait > at ? { deed: 'none', again: wait } : { deed: 'qualify', trigger: 'score' }
}

function lastOf(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b)
}

// At one and the same moment a hand-off comes before what takes it back.
function byFlip(a: LedgerEvent, b: LedgerEvent): number {
  return a.name === b.name ? (a._id < b._id ? -1 : 1) : a.name === 'lead.qualified' ? -1 : 1
}
