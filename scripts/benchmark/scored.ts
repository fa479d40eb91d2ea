import { Types } from 'mongoose'
import { days, hours } from '../../src/platform/clock'
import { firstModel } from '../../src/scoring/first-model'
import type { ModelContent } from '../../src/scoring/model-content'
import { computeScore, type ScoredEvent } from '../../src/scoring/rules'
import { runnerOf } from '../../src/scoring/running-score'

// `node scored.js replay 1000000` and `node scored.js person 5000`: prints its figures as JSON.
const start = Date.parse('2026-01-01T00:00:00Z')
const eventsOfPerson = 50
const names = [
  ...['lesson.opened', 'lesson.completed', 'lesson.opened', 'lesson.completed', 'quiz.attempted'],
  ...['course.completed', 'certificate.issued', 'pricing.viewed', 'question.asked', 'colleague.active'],
] as const
const courses = Array.from({ length: 6 }, () => new Types.ObjectId())

/** The first version, and one that also asks for topics, so that everything a rule can ask for is measured. */
const models: ModelContent[] = [
  firstModel,
  {
    ...firstModel,
    rules: firstModel.rules.map((rule, n) => ({
      ...rule,
      weight: rule.weight * 1.5,
      ...(n % 3 === 0 && { only: { topics: ['pumps', 'noise'] } }),
    })),
  },
]

/** The events of one person over half a year, oldest first. */
function historyOf(person: number, count: number): ScoredEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const name = names[n % names.length]!
    const about = {
      lesson: `lesson-${n % 12}`,
      topics: n % 2 ? ['pumps'] : ['valves'],
      minutes: 5,
      kind: 'text',
    }
    const data = name.startsWith('c')
      ? { topics: name === 'course.completed' ? ['pumps'] : undefined }
      : about
    const at = new Date(start + (days(180) * (n + 1)) / (count + 1) + hours(person % 24))
    const course = courses[Math.floor(n / names.length) % courses.length]!
    return {
      _id: `${name}:${person}:${n}`,
      name,
      at,
      course,
      data: { ...data, seconds: 20 + (n % 300) },
    } as never
  })
}

/** CPU time in microseconds of the fastest of some runs. */
function fastest(runs: number, work: () => unknown): number {
  let best = Infinity
  for (let n = 0; n < runs; n++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, user + system)
  }
  return best
}

/** Each event of each person under both models, and the points after it, which decides who qualifies. */
function replay(count: number) {
  const people = Math.ceil(count / eventsOfPerson)
  const histories = Array.from({ length: people }, (_, person) => historyOf(person, eventsOfPerson))
  const runners = models.map(runnerOf)
  let reached = 0
  const replayAll = () => {
    for (const history of histories) {
      const scores = runners.map(({ start: begin }) => begin())
      for (const event of history) {
        for (const [n, runner] of runners.entries()) {
          runner.add(scores[n]!, event)
          if (runner.pointsAt(scores[n]!, event.at.getTime()) >= 60) reached++
        }
      }
    }
  }
  const micros = fastest(count > 500_000 ? 2 : 5, replayAll) / count
  globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const states = histories.map(history => runners[0]!.runThrough(history, Infinity))
  globalThis.gc!()
  const after = process.memoryUsage()
  const stateBytes = after.heapUsed - heapUsed + after.arrayBuffers - arrayBuffers
  return { people: states.length, micros, perSecond: 1e6 / micros, stateBytes, reached }
}

/** One more event of a person with so many: added to the running score, and computed from all events again. */
function person(count: number) {
  const history = historyOf(0, count)
  const runner = runnerOf(firstModel)
  const score = runner.runThrough(history, Infinity)
  const more = historyOf(1, 20_000).map((event, n) => ({
    ...event,
    at: new Date(start + days(181) + n * 1000),
  }))
  const add = () => {
    for (const event of more) runner.pointsAt((runner.add(score, event), score), event.at.getTime())
  }
  const at = new Date(start + days(200))
  return {
    added: fastest(1, add) / more.length,
    again: fastest(5, () => computeScore(history, firstModel, at)),
  }
}

const [what, count] = process.argv.slice(2)
console.log(JSON.stringify((what === 'replay' ? replay : person)(Number(count))))
