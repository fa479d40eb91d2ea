import { days, later } from '../platform/clock'
import type { Eligibility } from './eligibility'
import type { ModelContent, Rule } from './model-content'
import { computeScore, scoreLater, type PointsByRule, type ScoredEvent } from './rules'

/** How many points a score would change by, because of one rule. */
export type OutlookPart = { rule: Rule; by: number }

/** Points of a score that came to nothing more than this aren't worth a line. */
const worthSaying = 0.1

/**
 * Returns what one more event of each rule would add to a score now, after all caps, the most first; only rules that
 * would add something.
 */
export function whatRaises(rawPointsByRule: PointsByRule, model: ModelContent, at: Date): OutlookPart[] {
  const { points } = scoreLater(rawPointsByRule, model, at, at)
  return model.rules
    .filter(({ weight }) => weight > 0)
    .map(rule => {
      const raw = { ...rawPointsByRule, [rule.id]: (rawPointsByRule[rule.id] ?? 0) + rule.weight }
      return { rule, by: scoreLater(raw, model, at, at).points - points }
    })
    .filter(({ by }) => by >= worthSaying)
    .sort((a, b) => b.by - a.by)
}

/** Returns what a score will be after some days without new events, and what each rule loses until then. */
export function whatFades(
  rawPointsByRule: PointsByRule,
  model: ModelContent,
  at: Date,
  after: number,
): { points: number; parts: OutlookPart[] } {
  const now = scoreLater(rawPointsByRule, model, at, at)
  const then = scoreLater(rawPointsByRule, model, at, later(at, days(after)))
  const parts = model.rules
    .map(rule => ({ rule, by: (then.pointsByRule[rule.id] ?? 0) - (now.pointsByRule[rule.id] ?? 0) }))
    .filter(({ by }) => by <= -worthSaying)
    .sort((a, b) => a.by - b.by)
  return { points: then.points, parts }
}

/** Why a person isn't a lead; `by` is what is missing, in points. */
export type NotYet =
  | { key: 'ineligible'; reason: NonNullable<Eligibility['ineligibleReason']> }
  | { key: 'engagement'; by: number }
  | { key: 'grade'; grade: string }

/**
 * Returns what keeps a person from qualifying by score: all that is missing, or why they can't be a lead at all. Empty
 * for someone who has what it takes, and waits for the days between two hand-offs or for something new to happen.
 */
export function whyNotYet(
  { engagement, grade }: { engagement: number; grade: string },
  ineligibleReason: Eligibility['ineligibleReason'],
  { qualifyAt, qualifyingGrades }: ModelContent,
): NotYet[] {
  if (ineligibleReason) return [{ key: 'ineligible', reason: ineligibleReason }]
  return [
    ...(engagement < qualifyAt ? [{ key: 'engagement' as const, by: qualifyAt - engagement }] : []),
    ...(qualifyingGrades.includes(grade) ? [] : [{ key: 'grade' as const, grade }]),
  ]
}

/** Returns the engagement at each of some moments, under one model. */
export function scoresAt(
  ledger: readonly ScoredEvent[],
  model: ModelContent,
  moments: readonly Date[],
): number[] {
  return moments.map(at => computeScore(ledger, model, at).points)
}
