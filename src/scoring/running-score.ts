import { days } from '../platform/clock'
import type { Attention, Group, ModelContent, Rule } from './model-content'
import {
  attentionInLesson,
  capGroups,
  countsBefore,
  decay,
  engagementOf,
  isLesson,
  weightOf,
  type About,
  type Background,
  type Engagement,
  type PointsByRule,
  type ScoredEvent,
} from './rules'

/*
 * A SCORE THAT GROWS WITH EACH EVENT. Decay multiplies, so the decayed sum of each rule and its time are all that the
 * events before leave behind; `computeScore` stays the judge, and a test compares both on random histories.
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
  /** Minutes of all lessons, and those attended, by the position of the rule. */
  minutes: number
  attended: Float64Array
  lastLessonAt: number
  /** Topics by the lesson, and those of the whole course under an empty name. */
  topics: Map<string, { at: number; id: string; topics: readonly string[] }>
  /** When the last event happened that asked for attention, and for topics. */
  attentionAskedAt: number
  topicsAskedAt: number
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
}

/** Returns how to keep running scores under a model. */
export function runnerOf(model: ModelContent): Runner {
  const { rules } = model
  const positionsByName = new Map<string, number[]>()
  for (const [position, { events }] of rules.entries())
    for (const name of events) positionsByName.set(name, [...(positionsByName.get(name) ?? []), position])
  const byAttention = rules.flatMap(({ attention }, position) => (attention ? [{ attention, position }] : []))
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
  }
  return runner

  function courseOf(courses: Map<string, CourseSoFar>, { course }: ScoredEvent): CourseSoFar {
    const id = String(course)
    let found = courses.get(id)
    if (!found) {
      const attended = new Float64Array(rules.length)
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
      for (const { attention, position } of byAttention)
        course.attended[position]! += minutes * attentionInLesson(event.data, attention)
    }
    if (asksTopics && topics) {
      const known = { at, id: event._id, topics }
      if (lesson) keepLast(course, lesson, known)
      if (event.name === 'course.completed') keepLast(course, '', known)
    }
    return true
  }

  function backgroundIn(course: CourseSoFar, at: number, tooLate: () => void): Background {
    return {
      topicsOf: event => {
        course.topicsAskedAt = Math.max(course.topicsAskedAt, at)
        const known = course.topics.get((event.data as About).lesson || '')
        if (known && known.at > at) tooLate()
        return known?.topics ?? []
      },
      courseAttention: (_event, attention) => {
        course.attentionAskedAt = Math.max(course.attentionAskedAt, at)
        if (course.lastLessonAt > at) tooLate()
        return course.minutes ? course.attended[positionOf(attention)]! / course.minutes : 1
      },
    }
  }

  function positionOf(attention: Attention): number {
    return byAttention.find(each => each.attention === attention)!.position
  }
}

function keepLast(
  course: CourseSoFar,
  name: string,
  known: { at: number; id: string; topics: readonly string[] },
) {
  const before = course.topics.get(name)
  if (!before || known.at > before.at || (known.at === before.at && known.id > before.id))
    course.topics.set(name, known)
}

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

/** At the same moment, what others ask for comes first: lessons, then ends of courses. */
function inTime(a: ScoredEvent, b: ScoredEvent): number {
  return a.at.getTime() - b.at.getTime() || rankOf(a) - rankOf(b) || (a._id < b._id ? -1 : 1)
}

function rankOf({ name, data }: ScoredEvent): number {
  if (name === 'lesson.completed') return 0
  return (data as About).topics ? 1 : 2
}
