import { Types } from 'mongoose'
import { days, later } from '../../src/platform/clock'
import { salesInterestIn } from '../../src/leads/lead-state'
import { withPartOf } from '../../src/scoring/apply-change'
import {
  comparedModels,
  comparePerson,
  maxAttributed,
  type ComparedPerson,
  type ReplayedLead,
} from '../../src/scoring/compare-models'
import { firstModel } from '../../src/scoring/first-model'
import type { History } from '../../src/scoring/histories'
import { modelChanges } from '../../src/scoring/model-changes'
import type { ModelContent } from '../../src/scoring/model-content'
import { randomOf } from '../leads/histories'
import { rankingOf, shareOf, type Ranked } from '../../src/scoring/ranking'
import { replayModelOf, replayPerson } from '../../src/scoring/replay'
import { replayReport } from '../../src/scoring/replay-report'

const start = new Date('2026-01-05T00:00:00Z')
const on = (day: number) => later(start, days(day))
const until = on(300)

/** A question is 30 points and halves in 10 days, a pricing view 30 and halves in 5. 50 points qualify, 25 keep. */
const model: ModelContent = {
  ...firstModel,
  rules: [
    { id: 'asked', group: 'intent', events: ['question.asked'], weight: 30, halfLife: 10, cap: 100 },
    { id: 'priced', group: 'intent', events: ['pricing.viewed'], weight: 30, halfLife: 5, cap: 100 },
    { id: 'refunded', group: 'negative', events: ['order.refunded'], weight: -40, halfLife: 10, cap: 100 },
  ],
  groupCaps: { learning: 100, intent: 100, account: 100, negative: 100 },
  qualifyAt: 50,
  disqualifyBelow: 25,
  bands: { a: 70, b: 45, one: 40, two: 30 },
}
const withWeight = (weight: number): ModelContent => ({
  ...model,
  rules: model.rules.map(rule => (rule.id === 'asked' ? { ...rule, weight } : rule)),
})

type Happened = [day: number, name: History['ledger'][number]['name'], data?: object]
let serial = 0

/** Someone whose fit is A, and what happened to them. */
function historyOf(happened: Happened[], person: Partial<History['person']> = {}): History {
  return {
    person: {
      ...{ _id: new Types.ObjectId(), title: 'Head of sales', country: 'DE', emailKind: 'company' },
      company: { domain: 'firm.example', name: 'Firm' },
      consents: ['profiling', 'share_with_sales'],
      ...{ sharingPausedAt: null, needsAssessment: null, firstTouch: null },
      ...person,
    },
    ledger: happened
      .map(([day, name, data = {}]) => ({
        ...{ _id: `${name}:${++serial}:1:1`, name, at: on(day), course: null },
        data: data as never,
      }))
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
    circumstances: { objected: false, colleagueDeals: [], answers: {} },
  }
}

const deal = { deal: 'd', amount: 900_000, currency: 'EUR' }
const steps = (history: History, content = model) =>
  replayPerson(history, replayModelOf(content), salesInterestIn, { until }).handOffs.map(
    ({ at, trigger, score, ended }) => [
      (at.getTime() - start.getTime()) / days(1),
      trigger,
      Math.round(score * 100) / 100,
      ended && Math.round(((ended.at.getTime() - start.getTime()) / days(1)) * 100) / 100,
    ],
  )

test.each<[string, History, unknown[]]>([
  [
    // 30 * 2^(-1/10) + 30 = 57.99, and 25 after 10 * log2(57.99 / 25) = 12.14 days.
    'a second question qualifies, and silence drops the lead to the minute',
    historyOf([
      [0, 'question.asked'],
      [1, 'question.asked'],
    ]),
    [[1, 'score', 57.99, 13.14]],
  ],
  ['one question is too little', historyOf([[0, 'question.asked']]), []],
  [
    'a contact request qualifies at once and holds for 30 days',
    historyOf([[3, 'contact.requested', { kind: 'demo', text: '', title: null }]]),
    [[3, 'contact_request', 0, 33]],
  ],
  [
    'a lead that sales works on never cools',
    historyOf([
      [0, 'question.asked'],
      [1, 'question.asked'],
      [2, 'lead.accepted', { by: String(new Types.ObjectId()), source: 'sales' }],
    ]),
    [[1, 'score', 57.99, null]],
  ],
  [
    'whoever agrees to sharing later is handed off then, with what is left of the points',
    historyOf([
      [0, 'question.asked'],
      [0, 'question.asked'],
      [2, 'consent.given', { purpose: 'share_with_sales', consent: 'c' }],
    ]),
    [[2, 'score', 52.23, 12.63]],
  ],
  [
    'a pause ends the hand-off at once, and its end resumes it',
    historyOf([
      [0, 'question.asked'],
      [0, 'question.asked'],
      [1, 'sharing.paused', { change: 1 }],
      [3, 'sharing.resumed', { change: 2 }],
    ]),
    [
      [0, 'score', 60, 1],
      [3, 'resumed', 48.74, 12.63],
    ],
  ],
  [
    'a second hand-off by score comes 30 days after the first, with new activity',
    historyOf([
      [0, 'question.asked'],
      [0, 'question.asked'],
      [20, 'question.asked'],
      [20, 'question.asked'],
      [20, 'question.asked'],
    ]),
    [
      [0, 'score', 60, 12.63],
      [30, 'score', 52.5, 40.7],
    ],
  ],
  [
    'a buyer is not handed off again',
    historyOf([
      [0, 'question.asked'],
      [0, 'question.asked'],
      [5, 'opportunity.won', deal],
      [60, 'contact.requested', { kind: 'demo', text: '', title: null }],
    ]),
    [[0, 'score', 60, null]],
  ],
  [
    'a student is never handed off',
    historyOf(
      [
        [0, 'question.asked'],
        [0, 'question.asked'],
      ],
      { title: 'Student of sales' },
    ),
    [],
  ],
  [
    // 2 * 30 * 2^(-d/10) - 40 * 2^(-d/10) never reaches 50 again.
    'a refund takes points away',
    historyOf([
      [0, 'order.refunded'],
      [0, 'question.asked'],
      [0, 'question.asked'],
    ]),
    [],
  ],
])('%s', (_title, history, expected) => {
  expect(steps(history)).toEqual(expected)
})

test("a colleague's purchase stops a hand-off from then on, and its reopening lets it happen", () => {
  const history = historyOf([
    [2, 'question.asked'],
    [2, 'question.asked'],
  ])
  const event = (day: number, name: 'opportunity.won' | 'opportunity.reopened') => ({
    ...{ name, at: on(day), data: deal },
  })
  history.circumstances.colleagueDeals = [[event(1, 'opportunity.won'), event(3, 'opportunity.reopened')]]
  expect(steps(history)).toEqual([[3, 'score', 55.98, 14.63]])
})

test('what happens later changes nothing that was decided before', () => {
  const happened: Happened[] = [
    [0, 'question.asked'],
    [1, 'pricing.viewed', { seconds: 60 }],
    [2, 'question.asked'],
    [20, 'question.asked'],
    [34, 'pricing.viewed', { seconds: 60 }],
    [35, 'pricing.viewed', { seconds: 60 }],
    [36, 'opportunity.won', deal],
  ]
  const whole = replayPerson(historyOf(happened), replayModelOf(model), salesInterestIn, { until: on(34.5) })
  for (const end of [3, 6, 5, 7]) {
    const part = historyOf(happened.slice(0, end))
    const known = replayPerson(part, replayModelOf(model), salesInterestIn, { until: on(34.5) })
    const before = happened[end]?.[0] ?? 1000
    const seen = ({ handOffs }: typeof whole) =>
      handOffs.map(({ at, score }) => [at, score] as const).filter(([at]) => at < on(Math.min(before, 34.5)))
    expect(seen(known)).toEqual(seen(whole))
  }
})

describe('two models', () => {
  const period = { from: start, until }
  const compare = (history: History, draft: ModelContent) =>
    comparePerson(history, comparedModels(model, draft), salesInterestIn, period)

  test('the same model moves nobody', () => {
    const history = historyOf([
      [0, 'question.asked'],
      [1, 'question.asked'],
    ])
    const { active, draft, move } = compare(history, structuredClone(model))
    expect(active).toHaveLength(1)
    expect(draft).toEqual(active)
    expect(move).toBeNull()
  })

  test('a doubled weight brings in whoever asked once, by that rule', () => {
    const asked = historyOf([[4, 'question.asked']])
    expect(compare(asked, withWeight(60)).move).toEqual({
      ...{ direction: 'in', change: 0, at: on(4).getTime(), scores: [30, 60] },
      ...{ events: 1, lastEventAt: on(4).getTime() },
    })
    expect(compare(historyOf([[4, 'pricing.viewed', { seconds: 60 }]]), withWeight(60)).move).toBeNull()
  })

  test('a rule for live sessions is rehearsed like any other', () => {
    const live = {
      ...model.rules[0]!,
      id: 'live',
      events: ['session.attended' as const],
      minMinutes: 20,
      weight: 60,
    }
    const draft = { ...model, rules: [...model.rules, live] }
    const attended = (minutes: number) =>
      historyOf([[4, 'session.attended', { session: 's', minutes, topics: [] }]])
    expect(compare(attended(45), draft).move).toMatchObject({ direction: 'in', change: 0, events: 1 })
    expect(compare(attended(5), draft).move).toBeNull()
  })

  test('of two changes, the one that moves someone on its own decides', () => {
    const draft = {
      ...withWeight(60),
      rules: withWeight(60).rules.map(rule => (rule.id === 'priced' ? { ...rule, halfLife: 1 } : rule)),
    }
    const { changes } = comparedModels(model, draft)
    expect(changes.map(({ id }) => id)).toEqual(['asked', 'priced'])
    const asked = historyOf([[4, 'question.asked']])
    const priced = historyOf([
      [4, 'pricing.viewed', { seconds: 60 }],
      [5, 'pricing.viewed', { seconds: 60 }],
    ])
    expect(compare(asked, draft).move).toMatchObject({ direction: 'in', change: 0 })
    expect(compare(priced, draft).move).toMatchObject({ direction: 'out', change: 1, events: 2 })
  })

  test('a draft with many changes replays only those that make the most difference to someone', () => {
    const draft: ModelContent = {
      ...withWeight(60),
      rules: [
        ...withWeight(60).rules,
        ...Array.from({ length: 50 }, (_, n) => ({
          ...{ id: `other-${n}`, group: 'intent' as const, events: ['plans.compared' as const] },
          ...{ weight: 1, halfLife: 10, cap: 1 },
        })),
      ],
    }
    const models = comparedModels(model, draft)
    expect(models.changes).toHaveLength(51)
    let replayed = 0
    const interestIn = (ledger: History['ledger']) => {
      replayed++
      return salesInterestIn(ledger)
    }
    const asked = historyOf([[4, 'question.asked']])
    expect(comparePerson(asked, models, interestIn, period).move).toMatchObject({
      direction: 'in',
      change: 0,
    })
    expect(replayed).toBeLessThan(4 * maxAttributed)
  })

  test('all changes one after another make the draft', () => {
    const draft: ModelContent = {
      ...firstModel,
      rules: [
        { ...firstModel.rules[0]!, weight: 1 },
        { ...firstModel.rules[1]!, id: 'new' },
        ...firstModel.rules.slice(3),
      ],
      groupCaps: { ...firstModel.groupCaps, intent: 30 },
      fit: firstModel.fit.map((set, n) =>
        n === 0 ? { ...set, cap: 50, rules: set.rules.slice(1) } : { ...set, rules: set.rules.toReversed() },
      ),
      qualifyAt: 55,
      blocked: { ...firstModel.blocked, customers: 'nobody' },
    }
    const changes = modelChanges(firstModel, draft)
    const made = changes.reduce((content, change) => withPartOf(content, draft, change), firstModel)
    expect(modelChanges(made, draft)).toEqual([])
    expect(modelChanges(firstModel, made)).toHaveLength(changes.length)
  })
})

describe('how well scores rank', () => {
  const seed = 20_261_130
  const random = randomOf(seed)
  // Scores of whole numbers, so that many are equal, and two models that mostly agree.
  const drawn = (count: number): Ranked[] =>
    Array.from({ length: count }, () => {
      const isBuyer = random() < 0.25
      const common = 10 * random() + (isBuyer ? 4 : 0)
      return { scores: [Math.round(common + 4 * random()), Math.round(common + 2 * random())], isBuyer }
    })

  test(`is the share of pairs in the right order, with the variance by its definition (seed ${seed})`, () => {
    const people = drawn(150)
    const { active, draft, difference } = rankingOf(people)
    const [buyers, others] = [people.filter(each => each.isBuyer), people.filter(each => !each.isBuyer)]
    const wins = (side: 0 | 1) => (a: Ranked, b: Ranked) =>
      a.scores[side]! > b.scores[side]! ? 1 : a.scores[side]! === b.scores[side]! ? 0.5 : 0
    const meanOf = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
    const parts = ([0, 1] as const).map(side => ({
      area: meanOf(buyers.flatMap(a => others.map(b => wins(side)(a, b)))),
      ofBuyers: buyers.map(a => meanOf(others.map(b => wins(side)(a, b)))),
      ofOthers: others.map(b => meanOf(buyers.map(a => wins(side)(a, b)))),
    }))
    const covarianceOf = (a: number[], b: number[]) =>
      a.reduce((sum, each, n) => sum + (each - meanOf(a)) * (b[n]! - meanOf(b)), 0) / (a.length - 1)
    const variance = (a: number, b: number) =>
      covarianceOf(parts[a]!.ofBuyers, parts[b]!.ofBuyers) / buyers.length +
      covarianceOf(parts[a]!.ofOthers, parts[b]!.ofOthers) / others.length
    expect(active!.value).toBeCloseTo(parts[0]!.area, 12)
    expect(active!.high - active!.value).toBeCloseTo(1.959964 * Math.sqrt(variance(0, 0)), 12)
    expect(draft!.value).toBeCloseTo(parts[1]!.area, 12)
    expect(difference!.value).toBeCloseTo(parts[1]!.area - parts[0]!.area, 12)
    const ofDifference = Math.sqrt(variance(0, 0) + variance(1, 1) - 2 * variance(0, 1))
    expect(difference!.high - difference!.low).toBeCloseTo(2 * 1.959964 * ofDifference, 12)
  })

  test(`has an interval that holds the truth about 95 times of 100 (seed ${seed})`, () => {
    const truth = rankingOf(drawn(20_000)).active!.value
    const tries = 400
    const holding = Array.from({ length: tries }, () => rankingOf(drawn(120)).active!).filter(
      ({ low, high }) => low <= truth && truth <= high,
    )
    expect(holding.length / tries).toBeGreaterThan(0.92)
    expect(holding.length / tries).toBeLessThan(0.98)
  })

  test('is unknown with few buyers, and a share of few has the interval by Wilson', () => {
    expect(rankingOf(drawn(20).map(each => ({ ...each, isBuyer: false })))).toEqual({
      ...{ active: null, draft: null, difference: null },
    })
    // Wilson's example by hand: 3 of 10.
    const { value, low, high } = shareOf(3, 10)!
    expect([value, low, high].map(each => each.toFixed(4))).toEqual(['0.3000', '0.1078', '0.6032'])
  })
})

describe('a report', () => {
  const lead = (day: number, score: number, isRequest = false): ReplayedLead => ({
    ...{ at: on(day).getTime(), score, grade: 'A1', isRequest, endedAt: null },
  })
  const person = (id: string, given: Partial<ComparedPerson>): ComparedPerson => ({
    ...{ person: id, active: [], draft: [], move: null, purchases: [], lostAt: [] },
    ...{ finishedAt: null, peaks: [null, null] },
    ...given,
  })
  const bought = (day: number) => [{ at: on(day).getTime(), amount: 500_000, currency: 'EUR' }]
  const changes = modelChanges(model, withWeight(60))
  const move = (direction: 'in' | 'out', day: number) => ({
    ...{ direction, change: 0, at: on(day).getTime(), events: 1, lastEventAt: null },
    scores: [50, 40] as [number, number],
  })
  // Two a week: in the first week, v1 calls ann and bob and leaves cy; v2 calls ann and dee.
  const people = [
    person('ann', {
      ...{ active: [lead(0, 90)], draft: [lead(0, 90)], purchases: bought(40), peaks: [90, 90] },
      finishedAt: on(0).getTime(),
    }),
    person('bob', {
      active: [lead(1, 60)],
      move: move('out', 1),
      finishedAt: on(1).getTime(),
      peaks: [80, 50],
    }),
    person('cy', { active: [lead(2, 55)], move: move('out', 2), purchases: bought(50), peaks: [70, 60] }),
    person('dee', { draft: [lead(3, 70)], move: move('in', 3), purchases: bought(30), peaks: [40, 95] }),
    person('eve', { active: [lead(290, 70)], draft: [lead(290, 70)], peaks: [60, 40] }),
  ]
  const report = (seed = 1) =>
    replayReport(people, {
      ...{ from: start, until, events: 9, capacity: 2, changes, seed, rest: () => undefined },
    })

  test('counts those who move in one row each, with what became of them', async () => {
    const { moves, missed, weeks } = await report()
    expect(moves).toEqual([
      { direction: 'in', change: 'rules:asked', people: 1, won: 1, lost: 0, open: 0 },
      { direction: 'out', change: 'rules:asked', people: 2, won: 1, lost: 1, open: 0 },
    ])
    expect(missed).toEqual({ people: 1, money: [{ currency: 'EUR', amount: 500_000 }] })
    expect(weeks[0]).toEqual({ week: start, active: 3, draft: 2 })
    expect(weeks.reduce((sum, week) => sum + week.active, 0)).toBe(4)
  })

  test('judges both models by whom the team would have called, 90 days later', async () => {
    const { winRate, recall, lift, outcomes, grades, bands } = await report()
    // v1 calls ann, who buys, and bob; v2 calls ann and dee, who both buy. Of those who finished a course, half buy.
    expect(winRate.active!.value).toBe(0.5)
    expect(winRate.draft!.value).toBe(1)
    expect(winRate.finished!.value).toBe(0.5)
    expect(winRate.difference!.value).toBe(0.5)
    expect(lift.draft!.value).toBe(2)
    expect(recall.active!.value).toBeCloseTo(1 / 3)
    expect(recall.draft!.value).toBeCloseTo(2 / 3)
    expect(outcomes).toBe(3)
    expect(grades).toEqual([{ grade: 'A1', active: { leads: 3, won: 2 }, draft: { leads: 2, won: 2 } }])
    expect(bands.map(({ from, active, draft }) => [from, active.won, active.leads, draft.leads])).toEqual([
      [0, 0, 0, 0],
      [45, 1, 1, 0],
      [60, 0, 1, 1],
      [75, 0, 0, 0],
      [90, 1, 1, 1],
    ])
  })

  test('has intervals around its values, and the same ones twice', async () => {
    const [once, again, other] = [await report(), await report(), await report(2)]
    expect(JSON.stringify(again)).toBe(JSON.stringify(once))
    expect(other.winRate.draft).toEqual(once.winRate.draft)
    const { low, high, value } = once.winRate.active!
    expect([low, high]).toEqual([0, 1])
    expect(value).toBe(0.5)
  })

  test('calls contact requests before higher scores', async () => {
    const asked = person('fay', { active: [lead(0, 0, true)], purchases: bought(20) })
    const one = { from: start, until, events: 1, capacity: 1, changes, seed: 1, rest: () => undefined }
    const { winRate } = await replayReport([people[1]!, asked], one)
    expect(winRate.active!.value).toBe(1)
  })

  test('of nobody says that nothing is known', async () => {
    const given = { from: start, until, events: 0, capacity: 1, changes: [], seed: 1, rest: () => undefined }
    const { winRate, ranking, moves } = await replayReport([], given)
    expect([winRate.active, winRate.difference, ranking.active, moves]).toEqual([null, null, null, []])
  })
})
