import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { EventName } from '../events/definitions'
import { People, type Person } from '../people/person'
import { readCircumstances, type Circumstances } from './circumstances'
import type { IneligibleReason } from './eligibility'
import { fitOf, type FitReason } from './fit'
import { activeModel, type Model } from './model'
import { groups, type Group } from './model-content'
import { readLedger, type Ledger } from './read-ledger'
import { dropsBelowAt, roundedPoints, roundedToAddUp, type Contribution } from './rules'
import { evaluate } from './score-person'

/** A score broken down to its events. Points have one decimal, and every column adds up. */
export type Explanation = {
  at: Date
  model: { version: number; since: Date | null }
  qualifyAt: number
  disqualifyBelow: number
  /** With one decimal, and the sum of the rounded points of all rules. */
  points: number
  /** With all decimals. */
  engagement: number
  fit: { points: number; reasons: FitReason[] }
  grade: string
  /** Why the person can't be handed off; null when they can. */
  ineligibleReason: IneligibleReason | null
  groups: ExplainedGroup[]
  /**
   * When the score drops below `disqualifyBelow` without new events; null when it already is, or not within 400 days.
   */
  dropsOutAt: Date | null
}

type ExplainedGroup = { group: Group; cap: number; points: number; rules: ExplainedRule[] }

export type ExplainedRule = {
  rule: string
  /** An administrator's; without one, the translation `sales:rules.<rule>`. */
  name?: string
  /** Mean age of its events in days. */
  age: number
  points: number
  /** True when a cap has reduced the points. */
  isCapped: boolean
  events: (Contribution & { name: EventName })[]
}

/**
 * Returns the explained score of a person as of a moment; null when the person doesn't exist, has been deleted, or
 * hasn't consented to profiling.
 */
export async function explainScore(id: Types.ObjectId, at = now()): Promise<Explanation | null> {
  const person = await People.findById(id)
  if (!person || person.erasedAt) return null
  const [model, ledger, circumstances] = await Promise.all([
    activeModel(),
    readLedger(id),
    readCircumstances(person),
  ])
  return explanationOf(person, ledger, model, circumstances, at)
}

/** Returns the same from records that have already been read; null without consent to profiling. */
export function explanationOf(
  person: Person,
  ledger: Ledger,
  model: Model,
  circumstances: Circumstances,
  at: Date,
): Explanation | null {
  const { eligibility, scored, grade } = evaluate(person, ledger, model, circumstances, at)
  if (!eligibility.mayScore) return null
  const { content } = model
  const names = new Map(ledger.map(event => [event._id, event.name]))
  const exactRules = content.rules
    .filter(rule => rule.id in scored.pointsByRule)
    .map(rule => {
      const events = scored.contributions.filter(each => each.rule === rule.id)
      const [points, raw] = [scored.pointsByRule[rule.id]!, scored.rawPointsByRule[rule.id]!]
      return {
        rule: rule.id,
        ...(rule.name && { name: rule.name }),
        group: rule.group,
        age: events.reduce((sum, each) => sum + each.age, 0) / events.length,
        points,
        isCapped: Math.abs(points - raw) > 0.005,
        events: events.map(each => ({ ...each, name: names.get(each.event)! })),
      }
    })
  const rounded = roundedToAddUp(
    exactRules.map(rule => rule.points),
    scored.points,
  )
  const rules = exactRules.map((rule, index) => ({ ...rule, points: rounded[index]! }))
  return {
    at,
    model: { version: model._id, since: model.activeSince },
    qualifyAt: content.qualifyAt,
    disqualifyBelow: content.disqualifyBelow,
    points: roundedPoints(scored.points),
    engagement: scored.points,
    fit: fitOf(person, content.fit, circumstances.answers),
    grade,
    ineligibleReason: eligibility.ineligibleReason,
    groups: groups
      .map(group => {
        const rulesOfGroup = rules.filter(rule => rule.group === group)
        return { group, cap: content.groupCaps[group], points: total(rulesOfGroup), rules: rulesOfGroup }
      })
      .filter(({ rules: rulesOfGroup }) => rulesOfGroup.length > 0),
    dropsOutAt: dropsBelowAt(scored.rawPointsByRule, content, at, content.disqualifyBelow),
  }
}

/** Adds up rounded points without a rounding error. */
function total(rules: { points: number }[]): number {
  return roundedPoints(rules.reduce((sum, rule) => sum + rule.points, 0))
}
