import { days, later } from '../platform/clock'
import type { Event } from '../events/event'
import { groups, type Group, type ModelContent, type Rule } from './model'

export type ScoredEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'>

/** What one event adds to the score at a moment. */
export type Contribution = {
  rule: string
  event: string
  at: Date
  /** Points when new. */
  weight: number
  /** Days since it happened. */
  age: number
  /** Points now, after decay and after the caps of its rule and group. */
  points: number
}

/** The rule's decayed points before any cap, by rule; all that is needed to know the score at a later moment. */
export type PointsByRule = Record<string, number>

export type Engagement = {
  /** 0 to 100. */
  points: number
  groups: Record<Group, number>
  /** Points by rule, after the caps. */
  rules: Record<string, number>
}

const dayMs = days(1)

/**
 * Engagement of one person: a pure function of the ledger, the model and a moment.
 *
 *     engagement = sum over rules r of min(cap_r, sum over its events of w_r * 2^(-age / halfLife_r))
 *
 * where the rules of one group together are cut to the group's cap, each by the same share. What is taken off is cut in the
 * same way and is at most what was given, so that the score is never below 0. Events after `at` do not count: there is no
 * look-ahead. Ages are in days. The contributions add up to the points (source: facts/scoring.md).
 */
export function computeScore(
  events: readonly ScoredEvent[],
  model: ModelContent,
  at: Date,
): Engagement & { contributions: Contribution[]; sums: PointsByRule } {
  const raw = rawContributions(events, model, at)
  const sums = sumByRule(raw)
  const engagement = engagementOf(sums, model)
  const contributions = raw.map(each => ({
    ...each,
    points: each.points * shareLeft(engagement.rules[each.rule]!, sums[each.rule]!),
  }))
  return { ...engagement, contributions, sums }
}

/** The score from its sums as they were at `then`, at a later moment `at`: equal to `score` as long as nothing new happens. */
export function scoreLater(sums: PointsByRule, model: ModelContent, then: Date, at: Date): Engagement {
  return engagementOf(decayed(sums, model, at.getTime() - then.getTime()), model)
}

/**
 * The moment, to the minute, at which engagement falls below `floor` if nothing new happens; null when it is below already or
 * stays above for 400 days. What is taken off fades too, so the score may rise for a while: it is looked at day by day and
 * the crossing found by halving.
 */
export function fallsBelow(sums: PointsByRule, model: ModelContent, from: Date, floor: number): Date | null {
  const pointsAfter = (ms: number) => engagementOf(decayed(sums, model, ms), model).points
  if (pointsAfter(0) < floor) return null
  for (let day = 1; day <= 400; day++) {
    if (pointsAfter(days(day)) >= floor) continue
    let [above, below] = [days(day - 1), days(day)]
    while (below - above > 60_000) {
      const middle = (above + below) / 2
      if (pointsAfter(middle) < floor) below = middle
      else above = middle
    }
    return later(from, Math.ceil(below / 60_000) * 60_000)
  }
  return null
}

/** Points for a table with one decimal, rounded by largest remainder so that the column adds up to the rounded sum. */
export function roundedToAddUp(points: readonly number[]): number[] {
  const exact = points.map(each => each * 10)
  const floors = exact.map(each => Math.floor(each + 1e-9))
  const total = Math.round(exact.reduce((sum, each) => sum + each, 0))
  const missing = total - floors.reduce((sum, each) => sum + each, 0)
  const byRemainder = exact
    .map((each, index) => ({ index, remainder: each - floors[index]! }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  for (const { index } of byRemainder.slice(0, missing)) floors[index]!++
  return floors.map(each => each / 10)
}

export function ruleCounts(rule: Rule, event: Pick<ScoredEvent, 'name' | 'data'>): boolean {
  if (!rule.events.includes(event.name)) return false
  return (
    rule.minSeconds === undefined || Number((event.data as { seconds?: number }).seconds) >= rule.minSeconds
  )
}

function rawContributions(events: readonly ScoredEvent[], model: ModelContent, at: Date): Contribution[] {
  // In one order, whatever order they came in: sums of floating numbers depend on it.
  const past = events
    .filter(event => event.at <= at)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a._id < b._id ? -1 : 1))
  return model.rules.flatMap(rule =>
    past
      .filter(event => ruleCounts(rule, event))
      .map(event => {
        const age = (at.getTime() - event.at.getTime()) / dayMs
        const points = rule.weight * 2 ** (-age / rule.halfLife)
        return { rule: rule.id, event: event._id, at: event.at, weight: rule.weight, age, points }
      }),
  )
}

function sumByRule(contributions: readonly Contribution[]): PointsByRule {
  const sums: PointsByRule = {}
  for (const { rule, points } of contributions) sums[rule] = (sums[rule] ?? 0) + points
  return sums
}

function decayed(sums: PointsByRule, model: ModelContent, ms: number): PointsByRule {
  const result: PointsByRule = {}
  for (const { id, halfLife } of model.rules) {
    if (sums[id] !== undefined) result[id] = sums[id] * 2 ** (-ms / dayMs / halfLife)
  }
  return result
}

function engagementOf(sums: PointsByRule, model: ModelContent): Engagement {
  const byRule: Record<string, number> = {}
  const byGroup = Object.fromEntries(groups.map(group => [group, 0])) as Record<Group, number>
  for (const rule of model.rules) {
    const sum = sums[rule.id]
    if (sum === undefined) continue
    byRule[rule.id] = Math.sign(sum) * Math.min(rule.cap, Math.abs(sum))
    byGroup[rule.group] += byRule[rule.id]!
  }
  let given = 0
  for (const group of groups) {
    const room = group === 'negative' ? Math.min(model.groupCaps[group], given) : model.groupCaps[group]
    const left = Math.abs(byGroup[group]) > room ? room / Math.abs(byGroup[group]) : 1
    for (const rule of model.rules) if (rule.group === group && rule.id in byRule) byRule[rule.id]! *= left
    byGroup[group] *= left
    if (group !== 'negative') given += byGroup[group]
  }
  return { points: Math.max(0, given + byGroup.negative), groups: byGroup, rules: byRule }
}

function shareLeft(capped: number, sum: number): number {
  return sum === 0 ? 0 : capped / sum
}
