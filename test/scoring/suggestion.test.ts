import { firstModel } from '../../src/scoring/first-model'
import { fitLogistic, probabilityOf } from '../../src/scoring/logistic'
import { suggestModel, pointsAtHandOff, type Example } from '../../src/scoring/suggestion'
import { computeScore } from '../../src/scoring/rules'
import { days, later } from '../../src/platform/clock'

/** The 20 students of en.wikipedia.org/wiki/Logistic_regression: hours of study, and who passed. */
const hours = [
  ...[0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5],
  ...[2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5],
]
const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1].map(Boolean)

test('the regression has the published coefficients and their errors', () => {
  const rows = hours.map(each => [each])
  const fitted = fitLogistic(rows, passed, 0)
  expect(fitted.intercept).toBeCloseTo(-4.0777, 4)
  expect(fitted.weights[0]).toBeCloseTo(1.5046, 4)
  expect(fitted.errors[0]).toBeCloseTo(0.6287, 4)
  expect(probabilityOf(fitted, [2])).toBeCloseTo(0.26, 2)
  expect(fitLogistic(rows, passed, 0)).toEqual(fitted)
})

test('a penalty makes weights smaller and is at its optimum; separated examples need one', () => {
  const rows = hours.map((each, n) => [each, n % 3])
  const ridge = 2
  const fitted = fitLogistic(rows, passed, ridge)
  const slope = (feature: number) =>
    rows.reduce(
      (sum, row, n) => sum + row[feature]! * (Number(passed[n]) - probabilityOf(fitted, row)),
      -ridge * fitted.weights[feature]!,
    )
  expect([slope(0), slope(1)].map(Math.abs).every(each => each < 1e-6)).toBe(true)
  expect(fitted.weights[0]).toBeLessThan(fitLogistic(rows, passed, 0).weights[0]!)
  const separated = hours.map(each => each > 2.6)
  expect(() =>
    fitLogistic(
      hours.map(each => [each]),
      separated,
      0,
    ),
  ).toThrow(RangeError)
  expect(
    fitLogistic(
      hours.map(each => [each]),
      separated,
      1,
    ).weights[0],
  ).toBeGreaterThan(0)
})

/** Numbers from 0 to 1 that are always the same. */
function numbers(): () => number {
  let state = 7
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

/** Leads, one a day, with 0 to 3 events of some rules. `odds` is the logarithm of the odds of a won deal. */
function leadsWith(count: number, odds: (counts: Record<string, number>) => number): Example[] {
  const random = numbers()
  return Array.from({ length: count }, (_, n) => {
    const some = () => Math.floor(random() * 4) * 0.5
    const counts = {
      ...{ questionAsked: some(), pricingViewed: some(), courseFinished: some(), plansCompared: some() },
      needsAssessed: n < 5 ? 1 : 0,
    }
    const isWon = random() < 1 / (1 + Math.exp(-odds(counts)))
    return { at: Date.UTC(2026, 0, 1) + days(n), person: String(n).padStart(4, '0'), isWon, counts, fit: 50 }
  })
}

test('weights follow from outcomes, and what ranks better on later leads may be opened', () => {
  const leads = leadsWith(
    600,
    ({ questionAsked, courseFinished }) => 2 * questionAsked! - courseFinished! - 1,
  )
  const suggestion = suggestModel(leads, firstModel)
  expect(suggestModel(leads.toReversed(), firstModel)).toEqual(suggestion)
  const { details, verdict, outcomes } = suggestion
  const weightOf = (id: string) => details!.weights.find(each => each.rule === id)!
  expect(verdict).toBe('better')
  expect(outcomes).toEqual({ leads: 600, won: leads.filter(({ isWon }) => isWon).length })
  expect([details!.before.leads, details!.after.leads]).toEqual([420, 180])
  expect(details!.since).toEqual(later(new Date(leads[0]!.at), days(420)))
  // The truth is that one more question multiplies the odds by e², 7.4.
  expect(weightOf('questionAsked').odds!.low).toBeLessThan(Math.exp(2))
  expect(weightOf('questionAsked').odds!.high).toBeGreaterThan(4)
  expect(weightOf('questionAsked').after).toBeGreaterThan(12)
  expect(weightOf('courseFinished')).toMatchObject({ why: 'against', before: 12, after: 0 })
  expect(weightOf('needsAssessed')).toMatchObject({ why: 'rare', before: 4, after: 4, leads: 5, odds: null })
  const changed = details!.content.rules.find(({ id }) => id === 'questionAsked')!
  expect(changed.weight).toBe(Math.round(changed.weight))
  expect(changed.cap).toBe(Math.min(100, changed.weight * 2))
  expect({ ...details!.content, rules: [] }).toEqual({ ...firstModel, rules: [] })
  expect(details!.ranking.draft!.value).toBeGreaterThan(details!.ranking.active!.value)
  expect(details!.calibration.map(({ leads: some }) => some)).toEqual([36, 36, 36, 36, 36])
  expect(details!.brier.regression).toBeLessThan(details!.brier.base)
})

test('what chance decides stays in shadow, and with too few outcomes nothing is suggested', () => {
  const chance = suggestModel(
    leadsWith(400, () => 0),
    firstModel,
  )
  expect(['unclear', 'worse']).toContain(chance.verdict)
  const few = suggestModel(
    leadsWith(150, () => 0),
    firstModel,
  )
  expect(few).toMatchObject({ verdict: 'tooFew', outcomes: { leads: 150 }, details: null })
  const rareWins = suggestModel(
    leadsWith(400, () => -4),
    firstModel,
  )
  expect(rareWins.verdict).toBe('tooFew')
  // Everyone who bought came in the last tenth of the time.
  const late = leadsWith(500, () => 0).map((each, n) => ({ ...each, isWon: n >= 450 }))
  expect(suggestModel(late, firstModel)).toMatchObject({ verdict: 'tooClose', details: null })
})

test('points at the hand-off are the score of that moment', () => {
  const at = new Date('2026-06-01')
  const event = (n: number) => ({
    ...{ _id: String(n), name: 'question.asked' as const, at: later(at, -days(n)) },
    data: { text: '', lesson: null, title: null },
  })
  const ledger = [9, 5, 1].map(event)
  const counting = { ...firstModel, rules: firstModel.rules.map(rule => ({ ...rule, weight: 1 })) }
  const counts = computeScore(ledger, counting, at).rawPointsByRule
  expect(pointsAtHandOff({ counts }, firstModel)).toBeCloseTo(computeScore(ledger, firstModel, at).points, 9)
})
