import { days } from '../platform/clock'
import { withPartOf } from './apply-change'
import { dealsAfter, isDealEvent, type Deal } from './deals'
import { fitOf } from './fit'
import type { History } from './histories'
import { modelChanges, type ModelChange } from './model-changes'
import type { ModelContent } from './model-content'
import type { SalesInterest } from './qualification-state'
import type { Ledger } from './read-ledger'
import { replayModelOf, replayPerson, type HandOff, type ReplayModel } from './replay'
import { computeScore, type Engagement } from './rules'

/** A lead counts as won when it is within so many days of the hand-off; a younger one isn't judged. */
export const daysToBuy = 90

/** For someone who moves, so many changes are replayed one by one: those that make the most difference to them. */
export const maxAttributed = 20

/** Two models, and what else decides which of their differences moves someone. */
export type ComparedModels = {
  active: ReplayModel
  draft: ReplayModel
  changes: ModelChange[]
  /** The active model with one change, and the draft without it, by the position of the change. */
  withOne: ReplayModel[]
  withoutOne: ReplayModel[]
}

export function comparedModels(active: ModelContent, draft: ModelContent): ComparedModels {
  const changes = modelChanges(active, draft)
  return {
    active: replayModelOf(active),
    draft: replayModelOf(draft),
    changes,
    withOne: changes.map(change => replayModelOf(withPartOf(active, draft, change))),
    withoutOne: changes.map(change => replayModelOf(withPartOf(draft, active, change))),
  }
}

/** A hand-off that sales would have to answer. Times are in milliseconds. */
export type ReplayedLead = {
  at: number
  score: number
  grade: string
  isRequest: boolean
  /** When it cooled or was closed; null when it wasn't. */
  endedAt: number | null
}

export type Purchase = { at: number; amount: number | null; currency: string | null }

/** How someone moves: `in` when only the draft hands them off, `out` when only the active model does. */
type ModelMove = {
  direction: 'in' | 'out'
  /** The position of the change that decides. */
  change: number
  at: number
  /** At that moment, under the active model and the draft. */
  scores: [active: number, draft: number]
  /** Until then: how many events the rule of the change counted, and when the last was; 0 for another change. */
  events: number
  lastEventAt: number | null
}

/** One person under both models. */
export type ComparedPerson = {
  person: string
  /** The hand-offs of the period, oldest first. */
  active: ReplayedLead[]
  draft: ReplayedLead[]
  move: ModelMove | null
  purchases: Purchase[]
  /** When a deal was lost, or sales rejected the lead. */
  lostAt: number[]
  /** When they first finished a course in the period. */
  finishedAt: number | null
  /** The highest scores before they bought, or could still have bought in time; null without an event by then. */
  peaks: [active: number | null, draft: number | null]
}

/** Replays one person under both models, and finds out which change moves them. */
export function comparePerson(
  history: History,
  models: ComparedModels,
  interestIn: (ledger: Ledger) => SalesInterest,
  { from, until }: { from: Date; until: Date },
): ComparedPerson {
  const { ledger } = history
  const purchases = purchasesIn(ledger).filter(({ at }) => at <= until.getTime())
  const first = purchases.find(({ at }) => at >= from.getTime())
  const wasCustomer = purchases.some(({ at }) => at < from.getTime())
  const peakUntil = new Date(first ? first.at - 1 : until.getTime() - days(daysToBuy))
  const period = { until, ...(!wasCustomer && { peak: { from, until: peakUntil } }) }
  const [active, draft] = [models.active, models.draft].map(model =>
    replayPerson(history, model, interestIn, period),
  )
  const leadsOf = (handOffs: readonly HandOff[]) =>
    handOffs
      .filter(({ at, trigger }) => trigger !== 'resumed' && at >= from)
      .map(({ at, score, grade, trigger, ended }) => ({
        ...{ at: at.getTime(), score, grade, isRequest: trigger === 'contact_request' },
        endedAt: ended?.at.getTime() ?? null,
      }))
  const leads = { active: leadsOf(active!.handOffs), draft: leadsOf(draft!.handOffs) }
  const direction = leads.draft.length && !leads.active.length ? 'in' : 'out'
  const moves = Boolean(leads.active.length) !== Boolean(leads.draft.length)
  const qualifies = (model: ReplayModel) =>
    leadsOf(replayPerson(history, model, interestIn, { until }).handOffs).length > 0
  return {
    person: String(history.person._id),
    ...leads,
    purchases,
    lostAt: ledger.flatMap(({ name, at }) =>
      (name === 'opportunity.lost' || name === 'lead.rejected') && at <= until ? [at.getTime()] : [],
    ),
    finishedAt:
      ledger.find(({ name, at }) => name === 'course.completed' && at >= from)?.at.getTime() ?? null,
    peaks: [active!.peak, draft!.peak],
    move: moves ? moveOf(history, models, direction, leads, qualifies) : null,
  }
}

function moveOf(
  history: History,
  models: ComparedModels,
  direction: ModelMove['direction'],
  leads: Pick<ComparedPerson, 'active' | 'draft'>,
  qualifies: (model: ReplayModel) => boolean,
): ModelMove {
  const { ledger } = history
  const { at } = (direction === 'in' ? leads.draft : leads.active)[0]!
  const moment = new Date(at)
  const scoreUnder = ({ content }: ReplayModel) => computeScore(ledger, content, moment)
  const [active, draft] = [scoreUnder(models.active), scoreUnder(models.draft)]
  const likely = likelyChanges(history, models, [active, draft])
  const change = decidingChange(models, likely, direction, each => scoreUnder(each).points, qualifies)
  const { part, id } = models.changes[change]!
  const { contributions } = direction === 'in' ? draft : active
  const counted = part === 'rules' ? contributions.filter(({ rule }) => rule === id) : []
  return {
    ...{ direction, change, at, events: counted.length },
    scores: [active.points, draft.points],
    lastEventAt: counted.length ? Math.max(...counted.map(each => each.at.getTime())) : null,
  }
}

/**
 * Returns the positions of the changes that may move someone: thresholds and exclusions, and of the others those with
 * the most points between the two models.
 */
function likelyChanges(
  { person, circumstances }: History,
  { active, draft, changes }: ComparedModels,
  [before, after]: readonly [Engagement, Engagement],
): number[] {
  const fitPoints = ({ content }: ReplayModel) => {
    const { reasons } = fitOf(person, content.fit, circumstances.answers)
    return new Map(reasons.map(({ id, points }) => [id, points]))
  }
  const [fitBefore, fitAfter] = [fitPoints(active), fitPoints(draft)]
  const sizeOf = ({ part, id }: ModelChange): number => {
    if (part === 'rules') return Math.abs((after.pointsByRule[id] ?? 0) - (before.pointsByRule[id] ?? 0))
    if (part === 'fit') return Math.abs((fitAfter.get(id) ?? 0) - (fitBefore.get(id) ?? 0))
    return Infinity
  }
  return changes
    .map((change, n) => ({ n, size: sizeOf(change) }))
    .sort((a, b) => (a.size === b.size ? a.n - b.n : b.size - a.size))
    .slice(0, maxAttributed)
    .map(({ n }) => n)
}

/**
 * Returns which change moves someone. One that does so on its own comes first, and one without which nothing would
 * happen second; of several, the one that changes their score most.
 */
function decidingChange(
  { active, withOne, withoutOne }: ComparedModels,
  likely: readonly number[],
  direction: ModelMove['direction'],
  scoreUnder: (model: ReplayModel) => number,
  qualifies: (model: ReplayModel) => boolean,
): number {
  if (likely.length === 1) return likely[0]!
  const isIn = direction === 'in'
  const before = scoreUnder(active)
  const ranked = likely.map(n => ({
    n,
    rank: (qualifies(withOne[n]!) === isIn ? 2 : 0) + (qualifies(withoutOne[n]!) !== isIn ? 1 : 0),
    size: Math.abs(scoreUnder(withOne[n]!) - before),
  }))
  return ranked.sort((a, b) => b.rank - a.rank || b.size - a.size || a.n - b.n)[0]!.n
}

/** Returns what someone bought and didn't give back, oldest first. */
export function purchasesIn(ledger: Ledger): Purchase[] {
  const deals = ledger
    .filter(({ name }) => isDealEvent(name))
    .reduce<Deal[]>((before, event) => dealsAfter(before, event), [])
  return deals
    .filter(({ state, closedAt }) => state === 'won' && closedAt !== null)
    .map(({ closedAt, amount, currency }) => ({ at: closedAt!.getTime(), amount, currency }))
    .sort((a, b) => a.at - b.at)
}
