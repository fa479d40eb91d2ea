import { Types } from 'mongoose'
import { days, hours, later, minutes } from '../../src/platform/clock'
import type { EventName } from '../../src/events/definitions'
import { checkModel } from '../../src/scoring/check-model'
import { firstModel } from '../../src/scoring/first-model'
import type { EventFilter, ModelContent, ScorableEvent } from '../../src/scoring/model-content'
import {
  dropsBelowAt,
  roundedToAddUp,
  computeScore,
  scoreLater,
  type ScoredEvent,
} from '../../src/scoring/rules'

let count = 0
/** The data of a lesson that got all the attention it needs, and of any other event. */
const attentive = { seconds: 60, minutes: 2, kind: 'text' }
const monday = new Date('2026-11-23T09:52:00Z')

/** The first model plus a rule about missed live sessions, so that something is subtracted. */
const withSessions: ModelContent = {
  ...firstModel,
  rules: [
    ...firstModel.rules,
    {
      id: 'sessionMissed',
      group: 'negative',
      events: ['session.missed'],
      weight: -2.5,
      halfLife: 14,
      cap: 10,
    },
  ],
}

const amara = [
  ...Array.from({ length: 7 }, () => eventOf('lesson.completed', days(2.14))),
  eventOf('course.completed', days(1.74)),
  eventOf('certificate.issued', days(1.74)),
  eventOf('pricing.viewed', monday.getTime() - Date.parse('2026-11-22T21:14:00Z')),
  eventOf('pricing.viewed', monday.getTime() - Date.parse('2026-11-22T18:40:00Z')),
  eventOf('plans.compared', monday.getTime() - Date.parse('2026-11-22T21:02:00Z')),
  eventOf('question.asked', minutes(21)),
  eventOf('colleague.active', days(5.04)),
  eventOf('colleague.active', days(6.04)),
  eventOf('session.missed', days(3.86)),
]

test("Amara's points on the lead page follow from the formula to one decimal", () => {
  const scored = computeScore(amara, withSessions, monday)
  const rules = Object.fromEntries(
    Object.entries(scored.pointsByRule).map(([rule, points]) => [rule, Math.round(points * 10) / 10]),
  )
  expect(rules).toEqual({
    lessonFinished: 18.9,
    courseFinished: 11,
    certificate: 9,
    pricingViewed: 13.2,
    questionAsked: 6,
    plansCompared: 4.7,
    colleagueActive: 9.1,
    sessionMissed: -2.1,
  })
  // The rounded rows add up to 69.8; the score is the sum of the exact ones.
  expect(scored.points).toBeCloseTo(69.9, 1)
})

test('a rule below 0 in a group that isn’t negative leaves a score of 0', () => {
  const below = modelOf({ weight: -5, halfLife: 14, cap: 100 })
  expect(computeScore([eventOf('lesson.completed', 0)], below, monday).points).toBe(0)
})

test('groups that may have more than 100 points together share them', () => {
  const groupCaps = { learning: 100, intent: 100, account: 100, negative: 100 }
  const rules = (['learning', 'intent', 'negative'] as const).map((group, n) => ({
    ...{ id: `r${n}`, group, events: ['question.asked' as const], halfLife: 14, cap: 100 },
    weight: group === 'negative' ? -30 : 100 * (n + 1),
  }))
  const asked = [eventOf('question.asked', 0)]
  const { points, pointsByRule, contributions } = computeScore(
    asked,
    { ...firstModel, groupCaps, rules },
    monday,
  )
  expect(pointsByRule).toEqual({ r0: 50, r1: 50, r2: -30 })
  expect(points).toBe(70)
  expect(contributions.reduce((sum, each) => sum + each.points, 0)).toBeCloseTo(70)
})

test('without new activity Amara drops below 45 on 1 December', () => {
  const { rawPointsByRule } = computeScore(amara, withSessions, monday)
  expect(dropsBelowAt(rawPointsByRule, withSessions, monday, 45)?.toISOString().slice(0, 10)).toBe(
    '2026-12-01',
  )
})

test('with a half-life of 14 days a score falls from 60 to 45 in 5.8 days of silence', () => {
  const steady = modelOf({ weight: 60, halfLife: 14, cap: 100 })
  const { rawPointsByRule } = computeScore([eventOf('lesson.completed', 0)], steady, monday)
  const fall = dropsBelowAt(rawPointsByRule, steady, monday, 45)!
  expect((fall.getTime() - monday.getTime()) / days(1)).toBeCloseTo(5.81, 2)
  expect(dropsBelowAt(rawPointsByRule, steady, monday, 61)).toBeNull()
})

test.each([
  ['a new event counts its weight', [0], 3],
  ['one half-life later it counts half', [14], 1.5],
  ['two half-lives later it counts a quarter', [28], 0.75],
  ['a rule counts no more than its cap', Array(20).fill(0), 24],
])('%s', (_title, ages: number[], points) => {
  const events = ages.map(age => eventOf('lesson.completed', days(age)))
  expect(computeScore(events, firstModel, monday).points).toBeCloseTo(points, 10)
})

test('an event after the moment in question does not count', () => {
  expect(computeScore([eventOf('contact.requested', -minutes(1))], firstModel, monday).points).toBe(0)
})

test('a glance at the pricing page counts for nothing', () => {
  expect(computeScore([eventOf('pricing.viewed', 0, { seconds: 19 })], firstModel, monday).points).toBe(0)
  expect(computeScore([eventOf('pricing.viewed', 0, { seconds: 20 })], firstModel, monday).points).toBe(7)
})

test('a learner with nothing but a refund has 0 points, not less', () => {
  const scored = computeScore([eventOf('order.refunded', 0)], firstModel, monday)
  expect(scored.points).toBe(0)
  expect(scored.contributions[0]!.points).toBeCloseTo(0)
})

describe('for 1,000 generated histories', () => {
  const histories = Array.from({ length: 1000 }, (_, seed) => generateHistory(seed + 1))

  test('the contributions add up to the score, and every cap holds', () => {
    for (const events of histories) {
      const { points, pointsByGroup, pointsByRule, contributions } = computeScore(
        events,
        withSessions,
        monday,
      )
      expect(Math.abs(contributions.reduce((sum, each) => sum + each.points, 0) - points)).toBeLessThan(0.01)
      expect(points).toBeGreaterThanOrEqual(0)
      expect(points).toBeLessThanOrEqual(100)
      for (const [group, cap] of Object.entries(withSessions.groupCaps)) {
        expect(Math.abs(pointsByGroup[group as keyof typeof pointsByGroup])).toBeLessThanOrEqual(cap + 1e-9)
      }
      for (const rule of withSessions.rules) {
        expect(Math.abs(pointsByRule[rule.id] ?? 0)).toBeLessThanOrEqual(rule.cap + 1e-9)
      }
    }
  })

  test('the order of the events does not change the score by a single bit', () => {
    for (const events of histories) {
      expect(computeScore([...events].reverse(), withSessions, monday).points).toBe(
        computeScore(events, withSessions, monday).points,
      )
    }
  })

  test('without negative points the score only decays', () => {
    for (const events of histories) {
      const { rawPointsByRule } = computeScore(events, firstModel, monday)
      delete rawPointsByRule.orderRefunded
      const decaying = [1, 2, 5, 20, 90].map(
        day => scoreLater(rawPointsByRule, firstModel, monday, after(days(day))).points,
      )
      expect(decaying).toEqual([...decaying].sort((a, b) => b - a))
    }
  })

  test('the score carried forward from its sums equals the score computed from all events', () => {
    for (const events of histories) {
      const { rawPointsByRule } = computeScore(events, withSessions, monday)
      const moment = after(hours(77))
      expect(scoreLater(rawPointsByRule, withSessions, monday, moment).points).toBeCloseTo(
        computeScore(events, withSessions, moment).points,
        9,
      )
    }
  })

  test('the score stays at or above the threshold until the predicted moment, and is below it then', () => {
    for (const events of histories) {
      const { rawPointsByRule } = computeScore(events, withSessions, monday)
      const fall = dropsBelowAt(rawPointsByRule, withSessions, monday, 45)
      if (!fall) continue
      expect(
        scoreLater(rawPointsByRule, withSessions, monday, later(fall, -minutes(2))).points,
      ).toBeGreaterThanOrEqual(45)
      expect(scoreLater(rawPointsByRule, withSessions, monday, fall).points).toBeLessThan(45)
    }
  })

  test('a column of points rounded to one decimal adds up to the rounded sum', () => {
    for (const events of histories) {
      const points = Object.values(computeScore(events, withSessions, monday).pointsByRule)
      const rounded = roundedToAddUp(points)
      const sum = points.reduce((total, each) => total + each, 0)
      expect(Math.round(rounded.reduce((total, each) => total + each, 0) * 10)).toBeCloseTo(
        Math.round(sum * 10),
      )
      rounded.forEach((each, index) => expect(Math.abs(each - points[index]!)).toBeLessThan(0.1))
    }
  })
})

function eventOf(name: EventName, ago: number, data: object = attentive): ScoredEvent {
  return { _id: `${name}:${++count}`, name, at: later(monday, -ago), data } as ScoredEvent
}

function after(ms: number): Date {
  return later(monday, ms)
}

function modelOf(rule: { weight: number; halfLife: number; cap: number }): ModelContent {
  return {
    ...firstModel,
    rules: [{ id: 'only', group: 'learning', events: ['lesson.completed'], ...rule }],
    groupCaps: { ...firstModel.groupCaps, learning: 100 },
  }
}

/** Up to 40 events from the last 90 days, the same for the same seed (mulberry32). */
function generateHistory(seed: number): ScoredEvent[] {
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const names = withSessions.rules.flatMap(rule => rule.events)
  return Array.from({ length: Math.floor(random() * 40) }, () =>
    eventOf(names[Math.floor(random() * names.length)]!, days(random() * 90), {
      ...attentive,
      seconds: random() * 100,
    }),
  )
}

describe('a rule counts only what it is about', () => {
  const course = new Types.ObjectId()
  const other = new Types.ObjectId()
  const pumps = { lesson: 'pump-curves', title: 'Pump curves', topics: ['pump-curves'] }
  const events: ScoredEvent[] = [
    { ...eventOf('lesson.opened', hours(9), { ...pumps }), course },
    { ...eventOf('lesson.completed', hours(8), { ...attentive, ...pumps, kind: 'tour' }), course },
    {
      ...eventOf('lesson.completed', hours(7), { ...attentive, ...pumps, topics: ['pricing'] }),
      course: other,
    },
    { ...eventOf('question.asked', hours(6), { text: '?', lesson: 'pump-curves', title: '' }), course },
    { ...eventOf('question.asked', hours(5), { text: '?', lesson: null, title: null }), course: null },
    { ...eventOf('quiz.attempted', hours(4), { ...pumps, passed: false }), course },
    { ...eventOf('quiz.attempted', hours(3), { ...pumps, passed: true }), course },
    { ...eventOf('course.completed', hours(2), { title: '', topics: ['efficiency'] }), course },
    { ...eventOf('certificate.issued', hours(1), { title: '' }), course },
    { ...eventOf('contact.requested', minutes(2), { kind: 'demo' }), course: null },
    { ...eventOf('contact.requested', minutes(1), { kind: 'trial' }), course: null },
    {
      ...eventOf('session.attended', hours(20), { session: 'a'.repeat(24), minutes: 29, topics: [] }),
      course,
    },
    {
      ...eventOf('session.attended', hours(10), {
        session: 'b'.repeat(24),
        minutes: 30,
        topics: ['pricing'],
      }),
      course: null,
    },
  ]

  test.each<[string, ScorableEvent[], EventFilter, number]>([
    ['a course', ['lesson.completed'], { courses: [String(course)] }, 1],
    ['a lesson', ['lesson.completed', 'lesson.opened'], { lessons: [`${course}/pump-curves`] }, 2],
    ['the same lesson of another course', ['lesson.completed'], { lessons: [`${other}/pump-curves`] }, 1],
    ['a kind of lesson', ['lesson.completed'], { lessonKinds: ['tour'] }, 1],
    ['a topic of a lesson', ['lesson.completed'], { topics: ['pricing'] }, 1],
    [
      'the topic of the lesson that a question was asked in',
      ['question.asked'],
      { topics: ['pump-curves'] },
      1,
    ],
    ['the topic of the course of a certificate', ['certificate.issued'], { topics: ['efficiency'] }, 1],
    ['a passed quiz', ['quiz.attempted'], { passed: true }, 1],
    ['a failed quiz', ['quiz.attempted'], { passed: false }, 1],
    ['a demo', ['contact.requested'], { requests: ['demo'] }, 1],
    ['two kinds of request', ['contact.requested'], { requests: ['demo', 'trial'] }, 2],
    ['all that it names', ['lesson.completed'], { courses: [String(course)], topics: ['pricing'] }, 0],
    ['no filter', ['contact.requested'], {}, 2],
    ['a live session', ['session.attended'], { sessions: ['b'.repeat(24)] }, 1],
    ['a topic of live sessions', ['session.attended'], { topics: ['pricing'] }, 1],
    ['live sessions of a course', ['session.attended'], { courses: [String(course)] }, 1],
  ])('%s', (_what, names, only, expected) => {
    const model = modelOf({ weight: 1, halfLife: 3650, cap: 100 })
    const rules = [{ ...model.rules[0]!, events: names, only }]
    expect(computeScore(events, { ...model, rules }, monday).contributions).toHaveLength(expected)
  })

  test('whoever left a live session early, where the rule asks for minutes', () => {
    const model = modelOf({ weight: 1, halfLife: 3650, cap: 100 })
    const counted = (minMinutes?: number) => {
      const rule = { ...model.rules[0]!, events: ['session.attended' as const, 'quiz.attempted' as const] }
      const rules = [{ ...rule, ...(minMinutes && { minMinutes }) }]
      return computeScore(events, { ...model, rules }, monday).contributions.length
    }
    expect([counted(), counted(30), counted(31)]).toEqual([4, 3, 2])
  })

  test('live sessions by no rule, which the checks say while people attend them', () => {
    const checked = (rules: ModelContent['rules'], attendees: string[]) =>
      checkModel({ ...firstModel, rules }, new Map(), [], attendees)
        .filter(({ key }) => key === 'unknownSessions')
        .map(({ values, people }) => [values.count, people])
    const rule = { ...firstModel.rules[0]!, id: 'live', events: ['session.attended' as const] }
    expect(checked(firstModel.rules, ['ada', 'ben'])).toEqual([[2, ['ada', 'ben']]])
    expect(checked(firstModel.rules, [])).toEqual([])
    expect(checked([...firstModel.rules, rule], ['ada'])).toEqual([])
  })
})
