import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { EventName } from '../events/event'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { fitOf, type FitReason } from './fit'
import { activeModel, groups, type Group, type Model } from './model'
import { readLedger, type Ledger } from './read-ledger'
import { fallsBelow, roundedToAddUp, type Contribution } from './rules'
import { evaluate } from './score-person'

/** A score, down to the events it comes from. Points are shown with one decimal and add up in every column. */
export type Explanation = {
  at: Date
  model: { version: number; since: Date | null }
  qualifyAt: number
  disqualifyBelow: number
  /** The rounded sum of all rules. */
  points: number
  /** With all its decimals. */
  engagement: number
  fit: { points: number; reasons: FitReason[] }
  grade: string
  groups: ExplainedGroup[]
  /** When it falls below `exit` without new events; null when it is below or stays above for over a year. */
  fallsAt: Date | null
}

type ExplainedGroup = { group: Group; cap: number; points: number; rules: ExplainedRule[] }

type ExplainedRule = {
  /** Its name is the translation `sales:rules.<rule>`. */
  rule: string
  /** Points of one event when new. */
  weight: number
  /** Mean age of its events in days. */
  age: number
  points: number
  /** True when a cap has cut it. */
  cut: boolean
  events: (Contribution & { name: EventName })[]
}

/**
 * The score of a person as it was at a moment, from what had happened by then; null for somebody unknown, and for whoever has
 * not consented to profiling.
 */
export async function explainScore(id: Types.ObjectId, at = now()): Promise<Explanation | null> {
  const person = await People.findById(id).lean<Person>()
  if (!person || person.erasedAt) return null
  const [model, ledger, objected] = await Promise.all([
    activeModel(),
    readLedger(id),
    hasObjected(person.email),
  ])
  return explanationOf(person, ledger, model, objected, at)
}

/** The same from records that are at hand already. */
export function explanationOf(
  person: Person,
  ledger: Ledger,
  model: Model,
  objected: boolean,
  at: Date,
): Explanation | null {
  const { eligibility, scored, grade } = evaluate(person, ledger, model, objected, at)
  if (!eligibility.mayScore) return null
  const { content } = model
  const names = new Map(ledger.map(event => [event._id, event.name]))
  const rules = content.rules
    .filter(rule => rule.id in scored.rules)
    .map(rule => {
      const events = scored.contributions.filter(each => each.rule === rule.id)
      return {
        rule: rule.id,
        group: rule.group,
        weight: rule.weight,
        age: events.reduce((sum, each) => sum + each.age, 0) / events.length,
        points: scored.rules[rule.id]!,
        cut: Math.abs(scored.rules[rule.id]! - scored.sums[rule.id]!) > 0.005,
        events: events.map(each => ({ ...each, name: names.get(each.event)! })),
      }
    })
  const rounded = roundedToAddUp(rules.map(rule => rule.points))
  const shown = rules.map((rule, index) => ({ ...rule, points: rounded[index]! }))
  return {
    at,
    model: { version: model._id, since: model.activeSince },
    qualifyAt: content.qualifyAt,
    disqualifyBelow: content.disqualifyBelow,
    points: total(shown),
    engagement: scored.points,
    fit: fitOf(person, content.fit),
    grade,
    groups: groups
      .map(group => {
        const own = shown.filter(rule => rule.group === group)
        return { group, cap: content.groupCaps[group], points: total(own), rules: own }
      })
      .filter(({ rules: own }) => own.length > 0),
    fallsAt: fallsBelow(scored.sums, content, at, content.disqualifyBelow),
  }
}

function total(rules: { points: number }[]): number {
  return Math.round(rules.reduce((sum, rule) => sum + rule.points * 10, 0)) / 10
}
