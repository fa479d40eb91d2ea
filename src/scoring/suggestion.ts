import { days } from '../platform/clock'
import { daysToBuy, purchasesIn } from './compare-models'
import { fitOf } from './fit'
import type { History } from './histories'
import { fitLogistic, probabilityOf, type Logistic } from './logistic'
import type { ModelContent, Rule } from './model-content'
import { rankingOf, shareOf, type Estimate } from './ranking'
import { computeScore, engagementOf, type PointsByRule } from './rules'

/*
 * A MODEL SUGGESTED FROM OUTCOMES. A logistic regression learns from past leads which of the active model's rules tell
 * who buys: of each lead what its ledger said at the moment of its first hand-off, and whether it was won within 90
 * days. It learns from the older leads, and the newer ones judge the integer weights that follow from it against
 * today's. Pure, and without chance: the same leads give the same suggestion.
 */

/** A lead whose 90 days are over. */
export type Example = {
  /** Of its first hand-off, in milliseconds. */
  at: number
  person: string
  isWon: boolean
  /** At that moment, how many new events each rule's are worth: they fade, and count by attention. Without caps. */
  counts: PointsByRule
  /** 0 to 100 at that moment. */
  fit: number
}

/** With fewer, weights would follow chance. */
export const neededOutcomes = { leads: 200, won: 40, notWon: 40 } as const
/** Of either kind, so many have to be older than the hold-out, and so many in it. */
export const neededOfEither = { before: 20, after: 10 } as const
/** The newest leads, which the regression never sees. */
const heldOut = 0.3
/** A rule whose events fewer of the older leads have keeps its weight. */
const fewestWithIt = 10
/** Which penalties are tried; the older leads decide. */
const ridges = [1, 3, 10, 30, 100]
const bins = 5

/** What a rule's weight would be, and why. */
export type SuggestedWeight = {
  rule: string
  before: number
  after: number
  /**
   * `learned`; `against`: its events go with fewer wins, so it counts nothing; `rare`: too few leads have its events,
   * so it stays.
   */
  why: 'learned' | 'against' | 'rare'
  /** Of the older leads, how many have its events, and how many of those were won. */
  leads: number
  won: number
  /** What one new event multiplies the odds of a won deal by; null for a rare one. */
  odds: Estimate
}

type Outcomes = { leads: number; won: number }

/** What a suggestion found. `content` is null when there were too few outcomes. */
export type Suggestion = {
  outcomes: Outcomes
  verdict: 'tooFew' | 'tooClose' | 'better' | 'unclear' | 'worse'
  details: {
    content: ModelContent
    weights: SuggestedWeight[]
    /** What ten points of fit multiply the odds by. */
    fitOdds: Estimate
    /** Points for each natural logarithm of the odds. */
    scale: number
    ridge: number
    before: Outcomes
    after: Outcomes
    /** When the first lead of the hold-out was handed off. */
    since: Date
    /** On the hold-out: how often a buyer has more points than another lead. */
    ranking: { active: Estimate; draft: Estimate; difference: Estimate; regression: Estimate }
    /** On the hold-out, from the least to the most likely: what the regression expected, and what happened. */
    calibration: (Outcomes & { expected: number; happened: Estimate })[]
    /** The mean squared error of the regression's probabilities on the hold-out, and of the older leads' win rate. */
    brier: { regression: number; base: number }
  } | null
}

/**
 * Returns a person's first hand-off as an example; null for someone who wasn't handed off, had already bought, or whose
 * 90 days aren't over. Nothing after the hand-off counts but whether they bought.
 */
export function exampleOf({ person, ledger, circumstances }: History, model: ModelContent, until: Date) {
  const handOff = ledger.find(
    ({ name, data }) => name === 'lead.qualified' && (data as { trigger: string }).trigger !== 'resumed',
  )
  if (!handOff || handOff.at.getTime() + days(daysToBuy) > until.getTime()) return null
  const at = handOff.at.getTime()
  const purchases = purchasesIn(ledger)
  if (purchases.some(purchase => purchase.at <= at)) return null
  const past = ledger.filter(event => event.at <= handOff.at)
  const assessedAt =
    ledger.find(({ name }) => name === 'needs_assessment.completed')?.at ?? person.needsAssessment?.at
  const isAssessed = assessedAt && assessedAt <= handOff.at
  const then = isAssessed ? person : { ...person, needsAssessment: null }
  const example: Example = {
    ...{ at, person: String(person._id) },
    isWon: purchases.some(purchase => purchase.at <= at + days(daysToBuy)),
    counts: computeScore(past, countingModel(model), handOff.at).rawPointsByRule,
    fit: fitOf(then, model.fit, circumstances.answers).points,
  }
  return example
}

/** The model in which each new event counts 1. */
const countingModel = (model: ModelContent): ModelContent => ({
  ...model,
  rules: model.rules.map(rule => ({ ...rule, weight: 1 })),
})

/** Returns the engagement of a lead at its hand-off under a model with the same rules. */
export function pointsAtHandOff({ counts }: Pick<Example, 'counts'>, model: ModelContent): number {
  const raw: PointsByRule = {}
  for (const { id, weight } of model.rules) if (counts[id]) raw[id] = counts[id] * weight
  return engagementOf(raw, model).points
}

/** Returns the model that past leads suggest in place of the active one, and how it does on the newest of them. */
export function suggestModel(leads: readonly Example[], active: ModelContent): Suggestion {
  const examples = leads.toSorted((a, b) => a.at - b.at || (a.person < b.person ? -1 : 1))
  const outcomes = countsOf(examples)
  const { won } = outcomes
  const none = { outcomes, details: null }
  const isEnough =
    examples.length >= neededOutcomes.leads &&
    won >= neededOutcomes.won &&
    examples.length - won >= neededOutcomes.notWon
  if (!isEnough) return { ...none, verdict: 'tooFew' }
  const split = splitOf(examples)
  if (!split) return { ...none, verdict: 'tooClose' }
  const [older, newer] = [examples.slice(0, split), examples.slice(split)]
  const features = featuresOf(older, active)
  const rowOf = standardised(older, features)
  const ridge = bestRidge(older, rowOf)
  const fitted = fitLogistic(older.map(rowOf.row), older.map(isWonOf), ridge)
  const { content, weights, scale } = integerModel(active, older, features, unscaled(fitted, rowOf))
  const probabilities = newer.map(each => probabilityOf(fitted, rowOf.row(each)))
  const ranked = (draft: (example: Example, n: number) => number) =>
    rankingOf(
      newer.map((each, n) => ({
        scores: [pointsAtHandOff(each, active), draft(each, n)] as const,
        isBuyer: each.isWon,
      })),
    )
  const ranking = ranked(each => pointsAtHandOff(each, content))
  const { low, high } = ranking.difference!
  const before = countsOf(older)
  return {
    outcomes,
    verdict: low > 0 ? 'better' : high < 0 ? 'worse' : 'unclear',
    details: {
      ...{ content, weights, scale, ridge, before, after: countsOf(newer), since: new Date(newer[0]!.at) },
      fitOdds: oddsOf(unscaled(fitted, rowOf).at(-1)!, 10),
      ranking: { ...ranking, regression: ranked((_each, n) => probabilities[n]!).draft },
      calibration: calibrationOf(newer, probabilities),
      brier: {
        regression: meanSquare(newer, n => probabilities[n]!),
        base: meanSquare(newer, () => before.won / before.leads),
      },
    },
  }
}

const isWonOf = ({ isWon }: Example) => isWon
const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

function countsOf(examples: readonly Example[]): Outcomes {
  return { leads: examples.length, won: examples.filter(isWonOf).length }
}

/** Returns where the hold-out begins: with the newest 30%, or earlier when they have too few of either kind. */
function splitOf(examples: readonly Example[]): number | null {
  const enough = (some: readonly Example[], needed: number) => {
    const { leads, won } = countsOf(some)
    return won >= needed && leads - won >= needed
  }
  let split = Math.floor(examples.length * (1 - heldOut))
  while (split > 0 && !enough(examples.slice(split), neededOfEither.after)) split--
  return enough(examples.slice(0, split), neededOfEither.before) ? split : null
}

/** A rule that the regression learns from. */
type Feature = { rule: Rule; valueOf: (example: Example) => number }

/** A rule's cap limits how many of its events count. */
function featuresOf(older: readonly Example[], { rules }: ModelContent): Feature[] {
  return rules.flatMap((rule): Feature[] => {
    const most = rule.weight ? rule.cap / Math.abs(rule.weight) : Infinity
    const valueOf = ({ counts }: Example) => Math.min(most, counts[rule.id] ?? 0)
    const withIt = older.filter(each => valueOf(each) > 0).length
    return withIt < fewestWithIt ? [] : [{ rule, valueOf }]
  })
}

type Standard = { row: (example: Example) => number[]; spreads: number[] }

/** Rules with events, then the fit, each with mean 0 and spread 1 among the older leads. */
function standardised(older: readonly Example[], features: readonly Feature[]): Standard {
  const values = [...features.map(({ valueOf }) => valueOf), ({ fit }: Example) => fit]
  const means = values.map(valueOf => mean(older.map(valueOf)))
  const spreads = values.map(
    (valueOf, n) => Math.sqrt(mean(older.map(each => (valueOf(each) - means[n]!) ** 2))) || 1,
  )
  return {
    row: example => values.map((valueOf, n) => (valueOf(example) - means[n]!) / spreads[n]!),
    spreads,
  }
}

/** Returns the penalty with which the older part of some leads predicts the rest of them best. */
function bestRidge(older: readonly Example[], { row }: Standard): number {
  const split = Math.floor(older.length * (1 - heldOut))
  const [first, rest] = [older.slice(0, split), older.slice(split)]
  const losses = ridges.map(ridge => {
    const fitted = fitLogistic(first.map(row), first.map(isWonOf), ridge)
    return mean(
      rest.map(each => {
        const probability = probabilityOf(fitted, row(each))
        return -Math.log(each.isWon ? probability : 1 - probability)
      }),
    )
  })
  return ridges[losses.indexOf(Math.min(...losses))]!
}

type Weight = { value: number; error: number }

/** Returns the weights for one event, and for one point of fit. */
function unscaled({ weights, errors }: Logistic, { spreads }: Standard): Weight[] {
  return weights.map((weight, n) => ({ value: weight / spreads[n]!, error: errors[n]! / spreads[n]! }))
}

function oddsOf({ value, error }: Weight, units = 1): NonNullable<Estimate> {
  const at = (margin: number) => Math.exp((value + margin * error) * units)
  return { value: at(0), low: at(-1.959964), high: at(1.959964) }
}

const within = (value: number, most: number) => Math.max(-most, Math.min(most, value))
const mostPoints = 100

/**
 * Returns the active model with whole weights that follow from the regression. They are scaled so that the older leads
 * have as many points on average as today, before the caps of the groups: thresholds keep their meaning. A cap still
 * allows for as many events. A rule never changes its sign: one against which outcomes speak counts nothing.
 */
function integerModel(
  active: ModelContent,
  older: readonly Example[],
  features: readonly Feature[],
  learned: readonly Weight[],
) {
  const rows = features.map((feature, n) => {
    const sign = feature.rule.group === 'negative' || feature.rule.weight < 0 ? -1 : 1
    return { ...feature, learned: learned[n]!, slope: learned[n]!.value * sign > 0 ? learned[n]!.value : 0 }
  })
  const total = (weightOf: (row: (typeof rows)[number]) => number) =>
    mean(older.map(each => rows.reduce((sum, row) => sum + weightOf(row) * row.valueOf(each), 0)))
  const sum = total(({ slope }) => slope)
  const scale =
    sum > 0
      ? Math.max(
          0,
          total(({ rule }) => rule.weight),
        ) / sum
      : 0
  const byRule = new Map(rows.map(row => [row.rule.id, row]))
  const weights: SuggestedWeight[] = active.rules.map(({ id, weight: before }) => {
    const row = byRule.get(id)
    const withIt = older.filter(({ counts }) => (counts[id] ?? 0) > 0)
    const shared = { rule: id, before, leads: withIt.length, won: withIt.filter(isWonOf).length }
    if (!row) return { ...shared, after: before, why: 'rare', odds: null }
    const after = within(Math.round(row.slope * scale), mostPoints) + 0
    return { ...shared, after, why: row.slope ? 'learned' : 'against', odds: oddsOf(row.learned) }
  })
  const content: ModelContent = {
    ...active,
    rules: active.rules.map((rule, n) => {
      const { after, why } = weights[n]!
      if (why === 'rare' || !after) return { ...rule, weight: after }
      const cap = rule.weight ? Math.round((rule.cap / Math.abs(rule.weight)) * Math.abs(after)) : rule.cap
      return { ...rule, weight: after, cap: Math.min(mostPoints, Math.max(Math.abs(after), cap)) }
    }),
  }
  return { content, weights, scale }
}

function calibrationOf(newer: readonly Example[], probabilities: readonly number[]) {
  const order = newer.map((_each, n) => n).sort((a, b) => probabilities[a]! - probabilities[b]! || a - b)
  return Array.from({ length: bins }, (_, bin) => {
    const part = order.slice(
      Math.round((bin * order.length) / bins),
      Math.round(((bin + 1) * order.length) / bins),
    )
    const counts = countsOf(part.map(n => newer[n]!))
    return {
      ...counts,
      expected: mean(part.map(n => probabilities[n]!)),
      happened: shareOf(counts.won, counts.leads),
    }
  })
}

function meanSquare(newer: readonly Example[], expected: (n: number) => number): number {
  return mean(newer.map(({ isWon }, n) => ((isWon ? 1 : 0) - expected(n)) ** 2))
}
