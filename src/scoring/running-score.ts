import { days } from '../platform/clock'
import type { Group, ModelContent, Rule } from './model-content'
import {
  attentionInLesson,
  capGroups,
  countsBefore,
  decay,
  engagementOf,
  inTime,
  isLater,
  isLesson,
  placeInTime,
  weightOf,
  type About,
  type Background,
  type Engagement,
  type PlaceInTime,
  type PointsByRule,
  type ScoredEvent,
} from './rules'

/*
 * A SCORE THAT GROWS WITH EACH EVENT. Decay multiplies, so the decayed sum of each rule and its time are all that the
 * events before leave behind; `computeScore` stays the judge, and a test compares both on random histories. Added in
 * the order of time, events come to the same score to the last bit.
 */

/** What the events of one person until now leave behind, under one model. */
type RunningScore = {
  /** By the position of the rule: the decayed points before caps as of `since`; NaN for a rule without any. */
  sums: Float64Array
  since: Float64Array
  /** By the id of the course, what ends of courses and questions ask for. */
  courses: Map<string, CourseSoFar> | null
  /** When the last event that a rule counts happened, and the last contact request; -Infinity without one. */
  lastCountedAt: number
  lastRequestAt: number
}

type CourseSoFar = {
  /** Minutes of all lessons, and those attended, for each rule that asks for attention. */
  minutes: number
  attended: Float64Array
  lastLessonAt: number
  /** Topics by the lesson, and those of the whole course under an empty name. */
  topics: Map<string, KnownTopics>
  /** When the last event happened that asked for attention, and for topics. */
  attentionAskedAt: number
  topicsAskedAt: number
}

type KnownTopics = { place: PlaceInTime; topics: readonly string[] }

/** A running score as it is stored, without what JSON and databases don't know. */
export type StoredRunningScore = {
  /** By the position of the rule; null for one without points. */
  sums: (number | null)[]
  since: number[]
  courses: (Pick<CourseSoFar, 'minutes'> & {
    id: string
    attended: number[]
    /** Moments; null for never. */
    lessonAt: number | null
    attentionAt: number | null
    topicsAt: number | null
    topics: (KnownTopics & { lesson: string })[]
  })[]
  countedAt: number | null
  requestAt: number | null
}

/** How to keep running scores under one model. */
export type Runner = {
  start: () => RunningScore
  /**
   * Adds an event, in O(rules that count its name). Events may come in any order, except that one which changes what
   * earlier-added events got needs all of them again.
   *
   * @returns false for such an event; the score is then the wrong one to go on with, and `runThrough` makes a new one.
   */
  add: (score: RunningScore, event: ScoredEvent) => boolean
  /** Returns the engagement at a moment, in milliseconds, which is not before any event that was added. */
  engagementAt: (score: RunningScore, at: number) => Engagement
  /** Returns only its points, which is all that a replay asks for after each event. */
  pointsAt: (score: RunningScore, at: number) => number
  /** Returns the running score of all events until a moment, in any order. */
  runThrough: (events: readonly ScoredEvent[], until: number) => RunningScore
  /** Returns the raw points by rule at such a moment. */
  rawPointsAt: (score: RunningScore, at: number) => PointsByRule
  store: (score: RunningScore) => StoredRunningScore
  restore: (stored: StoredRunningScore) => RunningScore
}

/** Returns how to keep running scores under a model. */
export function runnerOf(model: ModelContent): Runner {
  const { rules } = model
  const positionsByName = new Map<string, number[]>()
  for (const [position, { events }] of rules.entries())
    for (const name of events) positionsByName.set(name, [...(positionsByName.get(name) ?? []), position])
  const attentions = rules.flatMap(({ attention }) => attention ?? [])
  const asksAttention = rules.some(({ attention, events }) => attention && events.some(isNoLesson))
  const asksTopics = rules.some(({ only }) => only?.topics)
  const isCourseKept = asksAttention || asksTopics
  const none: readonly number[] = []

  const runner: Runner = {
    start: () => ({
      sums: new Float64Array(rules.length).fill(NaN),
      since: new Float64Array(rules.length),
      courses: isCourseKept ? new Map() : null,
      lastCountedAt: -Infinity,
      lastRequestAt: -Infinity,
    }),
    add: (score, event) => {
      const at = event.at.getTime()
      const course = score.courses && courseOf(score.courses, event)
      if (course && !learn(course, event, at)) return false
      if (event.name === 'contact.requested') score.lastRequestAt = Math.max(score.lastRequestAt, at)
      let isInTime = true
      const background = course ? backgroundIn(course, at, () => (isInTime = false)) : nothing
      for (const position of positionsByName.get(event.name) ?? none) {
        const rule = rules[position]!
        if (!countsBefore(rule, event, background)) continue
        score.lastCountedAt = Math.max(score.lastCountedAt, at)
        const weight = weightOf(rule, event, background)
        if (weight !== 0) put(score, position, rule, at, weight)
      }
      return isInTime
    },
    engagementAt: (score, at) => engagementOf(rawPointsAt(rules, score, at), model),
    pointsAt: (score, at) => capGroups(pointsByGroupAt(rules, score, at), model).points,
    runThrough: (events, until) => {
      const score = runner.start()
      const past = events.filter(event => event.at.getTime() <= until).sort(inTime)
      for (const event of past)
        if (!runner.add(score, event)) throw new Error(`Events out of order: ${event._id}`)
      return score
    },
    rawPointsAt: (score, at) => rawPointsAt(rules, score, at),
    store: ({ sums, since, courses, lastCountedAt, lastRequestAt }) => ({
      sums: [...sums].map(sum => (Number.isNaN(sum) ? null : sum)),
      since: [...since],
      courses: [...(courses ?? [])].map(([id, course]) => ({
        ...{ id, minutes: course.minutes, attended: [...course.attended] },
        ...{ lessonAt: known(course.lastLessonAt), attentionAt: known(course.attentionAskedAt) },
        topicsAt: known(course.topicsAskedAt),
        topics: [...course.topics].map(([lesson, topics]) => ({ lesson, ...topics })),
      })),
      ...{ countedAt: known(lastCountedAt), requestAt: known(lastRequestAt) },
    }),
    restore: ({ sums, since, courses, countedAt, requestAt }) => {
      const restored = courses.map(({ id, minutes, attended, topics, ...moments }): [string, CourseSoFar] => [
        id,
        {
          ...{ minutes, attended: Float64Array.from(attended) },
          topics: new Map(topics.map(({ lesson, ...each }) => [lesson, each])),
          lastLessonAt: moments.lessonAt ?? -Infinity,
          attentionAskedAt: moments.attentionAt ?? -Infinity,
          topicsAskedAt: moments.topicsAt ?? -Infinity,
        },
      ])
      return {
        sums: Float64Array.from(sums, sum => sum ?? NaN),
        since: Float64Array.from(since),
        courses: isCourseKept ? new Map(restored) : null,
        ...{ lastCountedAt: countedAt ?? -Infinity, lastRequestAt: requestAt ?? -Infinity },
      }
    },
  }
  return runner

  function courseOf(courses: Map<string, CourseSoFar>, { course }: ScoredEvent): CourseSoFar {
    const id = String(course)
    let found = courses.get(id)
    if (!found) {
      const attended = new Float64Array(attentions.length)
      const never = { lastLessonAt: -Infinity, attentionAskedAt: -Infinity, topicsAskedAt: -Infinity }
      found = { minutes: 0, attended, topics: new Map(), ...never }
      courses.set(id, found)
    }
    return found
  }

  /** Keeps what later events ask for. Returns false when an event that came before has asked for it. */
  function learn(course: CourseSoFar, event: ScoredEvent, at: number): boolean {
    const { topics, lesson } = event.data as About
    const isAttended = asksAttention && isLesson(event)
    if (isAttended && at <= course.attentionAskedAt) return false
    if (asksTopics && topics && at <= course.topicsAskedAt) return false
    if (isAttended) {
      const { minutes } = event.data
      course.minutes += minutes
      course.lastLessonAt = Math.max(course.lastLessonAt, at)
      for (const [n, attention] of attentions.entries())
        course.attended[n]! += minutes * attentionInLesson(event.data, attention)
    }
    if (asksTopics && topics) {
      const about = { place: placeInTime(event), topics }
      if (lesson) keepLast(course, lesson, about)
      if (event.name === 'course.completed') keepLast(course, '', about)
    }
    return true
  }

  function backgroundIn(course: CourseSoFar, at: number, tooLate: () => void): Background {
    return {
      topicsOf: event => {
        course.topicsAskedAt = Math.max(course.topicsAskedAt, at)
        const last = course.topics.get((event.data as About).lesson || '')
        if (last && last.place[0] > at) tooLate()
        return last?.topics ?? []
      },
      courseAttention: (_event, attention) => {
        course.attentionAskedAt = Math.max(course.attentionAskedAt, at)
        if (course.lastLessonAt > at) tooLate()
        return course.minutes ? course.attended[attentions.indexOf(attention)]! / course.minutes : 1
      },
    }
  }
}

function keepLast(course: CourseSoFar, name: string, known: KnownTopics): void {
  const before = course.topics.get(name)
  if (!before || isLater(known.place, before.place)) course.topics.set(name, known)
}

const known = (moment: number) => (moment === -Infinity ? null : moment)
const nothing: Background = { topicsOf: () => [], courseAttention: () => 1 }
const isNoLesson = (name: string) => name !== 'lesson.completed'

function put(score: RunningScore, position: number, rule: Rule, at: number, weight: number): void {
  const sum = score.sums[position]!
  const since = score.since[position]!
  if (Number.isNaN(sum)) {
    score.sums[position] = weight
    score.since[position] = at
  } else if (at >= since) {
    score.sums[position] = sum * decay((at - since) / days(1), rule) + weight
    score.since[position] = at
  } else {
    score.sums[position] = sum + weight * decay((since - at) / days(1), rule)
  }
}

function rawPointsAt(rules: readonly Rule[], score: RunningScore, at: number): PointsByRule {
  const points: PointsByRule = {}
  for (const [position, rule] of rules.entries()) {
    const sum = score.sums[position]!
    if (!Number.isNaN(sum)) points[rule.id] = sum * decay((at - score.since[position]!) / days(1), rule)
  }
  return points
}

function pointsByGroupAt(rules: readonly Rule[], score: RunningScore, at: number): Record<Group, number> {
  const points: Record<Group, number> = { learning: 0, intent: 0, account: 0, negative: 0 }
  for (let position = 0; position < rules.length; position++) {
    const sum = score.sums[position]!
    if (Number.isNaN(sum)) continue
    const rule = rules[position]!
    const raw = sum * decay((at - score.since[position]!) / days(1), rule)
    points[rule.group] += Math.sign(raw) * Math.min(rule.cap, Math.abs(raw))
  }
  return points
}
