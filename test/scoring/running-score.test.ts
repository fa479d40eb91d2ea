import { Types } from 'mongoose'
import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'bson'
import { days, hours } from '../../src/platform/clock'
import { listReasonsOf, seenIn } from '../../src/scoring/evidence'
import { namedEvents, seenSoFar } from '../../src/scoring/evidence-so-far'
import { firstModel } from '../../src/scoring/first-model'
import { scorableEvents, type ModelContent, type Rule } from '../../src/scoring/model-content'
import {
  ledgerFactsOf,
  pointsOfSoFar,
  soFarAfter,
  soFarOf,
  versionOfSoFar,
} from '../../src/scoring/ledger-so-far'
import { hashOfModel, type Model } from '../../src/scoring/model'
import { latestActivityIn } from '../../src/scoring/qualification-state'
import { ledgerVersionOf, type Ledger } from '../../src/scoring/read-ledger'
import { computeScore, ruleCounts, type ScoredEvent } from '../../src/scoring/rules'
import { runnerOf } from '../../src/scoring/running-score'
import { setTime } from '../kit/clock'
import { randomOf, type Random } from '../leads/histories'

/** How many histories to try, and the first seed; `npm run test:long` tries a million. */
const histories = Number(process.env.SCORE_HISTORIES ?? 3000)
/** Of ledgers, which take longer. */
const ledgers = Number(process.env.SCORE_HISTORIES ?? 1000)
const firstSeed = Number(process.env.SCORE_SEED ?? 1)
/** A long run says how far it is. */
const progressEvery = 20_000
const historiesOfModel = 25
const start = Date.parse('2026-06-01T00:00:00Z')
const courses = Array.from({ length: 3 }, () => new Types.ObjectId())
const lessons = ['a', 'b', 'c', 'd']
const topics = ['pumps', 'valves', 'noise']

const chosen = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!
const some = <T>(random: Random, from: readonly T[]): T[] => {
  const list = from.filter(() => random() < 0.5)
  return list.length ? list : [chosen(random, from)]
}

function randomModel(random: Random): ModelContent {
  const rules = firstModel.rules.map((rule): Rule => {
    const only = {
      ...(random() < 0.2 && { courses: some(random, courses).map(String) }),
      ...(random() < 0.3 && { topics: some(random, topics) }),
      ...(random() < 0.1 && {
        lessons: some(random, lessons).map(lesson => `${chosen(random, courses)}/${lesson}`),
      }),
      ...(random() < 0.1 && { lessonKinds: some(random, ['text', 'quiz', 'tour']) }),
      ...(random() < 0.1 && { requests: some(random, ['demo', 'trial', 'contact'] as const) }),
    }
    return {
      ...rule,
      ...(random() < 0.3 && { events: some(random, scorableEvents) }),
      ...(random() < 0.5 && { only }),
      weight: Math.round(200 * (random() - 0.3)) / 10,
      halfLife: 0.5 + 60 * random() ** 3,
      cap: Math.round(40 * random()),
      ...(random() < 0.5 && { attention: { minSeconds: 20, fullFrom: chosen(random, [0.25, 0.5, 1]) } }),
    }
  })
  return { ...firstModel, rules }
}

/** Events of 90 days, many at the same moment. */
function randomHistory(random: Random): ScoredEvent[] {
  return Array.from({ length: Math.floor(30 * random() ** 2) }, (_, n) => {
    const name = chosen(random, scorableEvents)
    const isOfLesson = name.startsWith('lesson.') || name === 'quiz.attempted' || name === 'question.asked'
    const data = {
      ...(isOfLesson && { lesson: random() < 0.1 ? null : chosen(random, lessons) }),
      ...(isOfLesson && name !== 'question.asked' && { topics: some(random, topics) }),
      ...(name === 'course.completed' && { topics: some(random, topics) }),
      ...(name === 'quiz.attempted' && { passed: random() < 0.5 }),
      ...(name === 'lesson.completed' && {
        minutes: chosen(random, [3, 5, 20]),
        kind: chosen(random, ['text', 'quiz', 'tour']),
      }),
      ...(name === 'contact.requested' && { kind: chosen(random, ['demo', 'trial', 'contact']) }),
      ...(name.startsWith('order.') && { order: chosen(random, ['A', 'B', 'C']), number: n }),
      ...(random() < 0.5 && { steps: { done: n, steps: 40 } }),
      ...{ title: `Title ${n}`, text: `Words ${n}`, name: chosen(random, ['', `Ada ${n}`]) },
      ...{ correct: Math.floor(10 * random()), total: 10, length: 60 },
      seconds: Math.floor(900 * random() ** 2),
    }
    const at = new Date(start + hours(6) * Math.floor(360 * random()))
    const course = random() < 0.1 ? null : chosen(random, courses)
    return {
      _id: `${name}:${Math.floor(1e6 * random())}:${n}`,
      name,
      at,
      course,
      data,
    } as unknown as ScoredEvent
  })
}

function inArrivalOrder(random: Random, events: ScoredEvent[]): ScoredEvent[] {
  if (random() < 0.3) return events
  const sorted = [...events].sort((a, b) => +a.at - +b.at)
  // Some arrive a little late.
  if (random() < 0.5)
    for (let n = 1; n < sorted.length; n++)
      if (random() < 0.2) [sorted[n - 1], sorted[n]] = [sorted[n]!, sorted[n - 1]!]
  return sorted
}

test(`a running score equals the pure function on ${histories} random histories, in whatever order`, () => {
  let rebuilt = 0
  let added = 0
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    if (seed % progressEvery === 0) process.stderr.write(`seed ${seed} of ${firstSeed + histories - 1}\n`)
    const model = randomModel(randomOf(1e6 + Math.floor(seed / historiesOfModel)))
    const random = randomOf(seed)
    const runner = runnerOf(model)
    const events = inArrivalOrder(random, randomHistory(random))
    let score = runner.start()
    for (const [n, event] of events.entries()) {
      added++
      if (runner.add(score, event)) continue
      rebuilt++
      score = runner.runThrough(events.slice(0, n + 1), Infinity)
    }
    for (const at of [new Date(start + days(90)), new Date(start + days(90 + 100 * random()))]) {
      const pure = computeScore(events, model, at)
      const running = runner.engagementAt(score, at.getTime())
      const points = runner.pointsAt(score, at.getTime())
      const difference = Math.max(Math.abs(running.points - pure.points), Math.abs(points - pure.points))
      const isSame =
        difference < 1e-9 &&
        Object.entries(pure.pointsByRule).every(
          ([rule, points]) => Math.abs((running.pointsByRule[rule] ?? 0) - points) < 1e-9,
        )
      if (!isSame)
        throw new Error(`Seed ${seed}: ${running.points} instead of ${pure.points} at ${at.toISOString()}`)
    }
    const past = [...events].sort((a, b) => +a.at - +b.at || (a._id < b._id ? -1 : 1))
    const counted = past.filter(event => model.rules.some(rule => ruleCounts(rule, event, past)))
    const requests = events.filter(({ name }) => name === 'contact.requested')
    const facts = [score.lastCountedAt, score.lastRequestAt]
    const expected = [Math.max(...counted.map(({ at }) => +at)), Math.max(...requests.map(({ at }) => +at))]
    if (String(facts) !== String(expected))
      throw new Error(`Seed ${seed}: last at ${facts} instead of ${expected}`)
  }
  // Both ways were tried, and most events are simply added.
  expect(rebuilt).toBeGreaterThan(0)
  expect(rebuilt).toBeLessThan(added / 5)
}, 7_200_000)

test(`what ${ledgers} random ledgers leave behind has the same score as all of them, to the last bit`, () => {
  setTime('2026-10-15T00:00:00Z')
  let continued = 0
  let again = 0
  for (let seed = firstSeed; seed < firstSeed + ledgers; seed++) {
    if (seed % progressEvery === 0) process.stderr.write(`seed ${seed} of ${firstSeed + ledgers - 1}\n`)
    const content = randomModel(randomOf(1e6 + Math.floor(seed / historiesOfModel)))
    const model = { _id: 1, hash: hashOfModel(content), content } as Model
    const random = randomOf(seed)
    const events = inArrivalOrder(random, randomHistory(random))
    const ledger = events.map((event, n): Ledger[number] => ({
      ...event,
      course: event.course ?? null,
      recordedAt: new Date(start + days(91) + n * 50_000),
    }))
    const at = new Date(start + days(91) + days(30 * random()) + ledger.length * 50_000)
    let soFar = soFarOf([], model, at, 0)!
    for (let from = 0; from < ledger.length;) {
      const until = Math.min(ledger.length, from + 1 + Math.floor(4 * random()))
      const next = soFarAfter(soFar, shuffled(random, ledger.slice(from, until)), model, at)
      if (next) continued++
      else again++
      soFar = next ?? soFarOf(ledger.slice(0, until), model, at, 0)!
      from = until
    }
    const { rawPointsByRule, activity } = pointsOfSoFar(stored(soFar), model, at)
    const { lastAt, courses: latestCourses, topics: latestTopics } = soFar
    const facts = { lastAt: Object.fromEntries(lastAt), courses: latestCourses, topics: latestTopics }
    const whole = ledgerFactsOf(ledger)
    const named = namedEvents(soFar.evidence, at)
    const read = ledger.filter(({ _id }) => named.includes(_id))
    const seen = seenSoFar(stored(soFar).evidence, shuffled(random, read), at)
    const [found, expected] = [
      [rawPointsByRule, activity, facts, versionOfSoFar(soFar), seen && listReasonsOf(seen)],
      [
        computeScore(ledger, content, at).rawPointsByRule,
        latestActivityIn(ledger, content, at),
        { ...whole, lastAt: Object.fromEntries(whole.lastAt) },
        ledgerVersionOf(ledger),
        listReasonsOf(seenIn(ledger, at)),
      ],
    ]
    if (!isDeepStrictEqual(found, expected))
      throw new Error(`Seed ${seed}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
  }
  expect(again).toBeGreaterThan(0)
  expect(continued).toBeGreaterThan(again)
}, 7_200_000)

/** As it comes back from the database. */
const stored = <T extends object>(value: T) => deserialize(serialize(value)) as T
const shuffled = <T>(random: Random, list: readonly T[]) =>
  list
    .map(each => ({ each, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ each }) => each)
