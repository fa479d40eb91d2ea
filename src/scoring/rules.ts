import { days, later, minutes } from '../platform/clock'
import type { Event } from '../events/event'
import type { EventData } from '../events/definitions'
import {
  groups,
  type Attention,
  type EventFilter,
  type Group,
  type ModelContent,
  type Rule,
} from './model-content'

export type ScoredEvent = Pick<Event, '_id' | 'name' | 'at' | 'data'> & Partial<Pick<Event, 'course'>>

/** What one event adds to the score at a moment. */
export type Contribution = {
  rule: string
  event: string
  at: Date
  /** Points when the event was new: the rule's weight, in proportion to attention where the rule says so. */
  weight: number
  /** Days since the event. */
  age: number
  /** Points now, after decay and after the caps of the rule and its group. */
  points: number
}

/** Points by the id of their rule. */
export type PointsByRule = Record<string, number>

export type Engagement = {
  /** 0 to 100. */
  points: number
  pointsByGroup: Record<Group, number>
  /** After the caps. */
  pointsByRule: PointsByRule
}

export type ScoredLedger = Engagement & {
  contributions: Contribution[]
  /** Decayed points before any cap: all that is needed to know the score at a later moment. */
  rawPointsByRule: PointsByRule
}

/**
 * Returns a person's engagement at a moment: a pure function of the ledger, the model and the moment.
 *
 *     engagement = sum over rules r of
 *       min(cap_r, sum over the events e of r of weight_r * attention_e * 2^(-age_e / halfLife_r))
 *
 * `attention_e` is 1 unless the rule asks for attention, see `weightOf`.
 * A group that exceeds its cap is reduced by one factor for all its rules. Negative points are capped the same way and
 * never exceed the positive ones, so the score is never below 0. Events after `at` don't count. Ages are in days. The
 * contributions add up to the points (formula: README.md in this folder).
 */
export function computeScore(events: readonly ScoredEvent[], model: ModelContent, at: Date): ScoredLedger {
  const raw = rawContributions(events, model, at)
  const rawPointsByRule = sumByRule(raw, model, at)
  const engagement = engagementOf(rawPointsByRule, model)
  const contributions = raw.map(each => ({
    ...each,
    points: each.points * ratio(engagement.pointsByRule[each.rule]!, rawPointsByRule[each.rule]!),
  }))
  return { ...engagement, contributions, rawPointsByRule }
}

/** Returns only the decayed points by rule before any cap, for many people at once. */
export function rawPointsOf(events: readonly ScoredEvent[], model: ModelContent, at: Date): PointsByRule {
  return sumByRule(rawContributions(events, model, at), model, at)
}

/**
 * Returns the engagement at `at` from the raw points as of `then`, an earlier moment. It equals `computeScore` as long
 * as nothing new happens.
 */
export function scoreLater(
  rawPointsByRule: PointsByRule,
  model: ModelContent,
  then: Date,
  at: Date,
): Engagement {
  return engagementOf(decayed(rawPointsByRule, model, at.getTime() - then.getTime()), model)
}

/**
 * Returns the moment, to the minute, at which engagement drops below `threshold` if nothing new happens; null when it
 * is already below, or stays at or above it for 400 days. Negative points decay too, so the score may rise for a while:
 * the search goes day by day, then bisects the day of the crossing.
 */
export function dropsBelowAt(
  rawPointsByRule: PointsByRule,
  model: ModelContent,
  from: Date,
  threshold: number,
): Date | null {
  const pointsAfter = (ms: number) => engagementOf(decayed(rawPointsByRule, model, ms), model).points
  if (pointsAfter(0) < threshold) return null
  for (let day = 1; day <= 400; day++) {
    if (pointsAfter(days(day)) >= threshold) continue
    let [above, below] = [days(day - 1), days(day)]
    while (below - above > minutes(1)) {
      const middle = (above + below) / 2
      if (pointsAfter(middle) < threshold) below = middle
      else above = middle
    }
    return later(from, Math.ceil(below / minutes(1)) * minutes(1))
  }
  return null
}

/**
 * Returns points as everyone sees them, with one decimal: sales pages, exports, emails, messages to the CRM and the
 * learner's own page. A half is rounded up.
 */
export function roundedPoints(points: number): number {
  // A floating-point error must not affect the rounding: 63.849999999999994 counts as 63.85. Adding 0 turns −0 into 0.
  return Math.round(points * 10 + 1e-9) / 10 + 0
}

/**
 * Returns points rounded to one decimal by largest remainder, so that a column adds up to its rounded sum.
 *
 * @param sum the exact sum, if it is known from elsewhere.
 */
export function roundedToAddUp(
  points: readonly number[],
  sum = points.reduce((total, each) => total + each, 0),
): number[] {
  const tenths = points.map(each => each * 10)
  const rounded = tenths.map(each => Math.floor(each + 1e-9))
  const total = Math.round(roundedPoints(sum) * 10)
  const missing = total - rounded.reduce((sofar, each) => sofar + each, 0)
  const byRemainder = tenths
    .map((each, index) => ({ index, remainder: each - rounded[index]! }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  for (const { index } of byRemainder.slice(0, missing)) rounded[index]!++
  return rounded.map(each => each / 10)
}

/** What the points for an event depend on besides the event: what the person did until then. */
export type Background = {
  /** The topics of a question or a certificate, which have those of the lesson or course they are about. */
  topicsOf: (event: ScoredEvent) => readonly string[]
  /** The mean attention to the lessons of the event's course, weighted by their length; 1 without lessons. */
  courseAttention: (event: ScoredEvent, attention: Attention) => number
}

/**
 * Returns whether a rule counts an event: by its name, what it is about and, where the rule asks for it, its visible
 * seconds.
 *
 * @param past the events of the person until then, which say what a lesson is about; later ones don't matter.
 */
export function ruleCounts(rule: Rule, event: ScoredEvent, past: readonly ScoredEvent[]): boolean {
  return countsBefore(rule, event, knownBackgroundOf(past))
}

/** The same, for what is known of the person's past. */
export function countsBefore(rule: Rule, event: ScoredEvent, background: Background): boolean {
  if (!rule.events.some(name => name === event.name)) return false
  if (rule.only && !isAbout(rule.only, event, background)) return false
  if (event.name === 'session.attended' && rule.minMinutes !== undefined) {
    if (Number((event.data as About).minutes) < rule.minMinutes) return false
  }
  if (rule.attention && isLesson(event)) return attentionInLesson(event.data, rule.attention) > 0
  return rule.minSeconds === undefined || Number((event.data as About).seconds) >= rule.minSeconds
}

/**
 * Returns the points for an event that a rule counts, when it is new: the rule's weight, times the attention where the
 * rule asks for it. That of a finished lesson is its own; that of the end of a course is the mean of its lessons.
 */
export function weightOf(rule: Rule, event: ScoredEvent, background: Background): number {
  const { attention, weight } = rule
  if (!attention) return weight
  if (isLesson(event)) return weight * attentionInLesson(event.data, attention)
  return weight * background.courseAttention(event, attention)
}

/** What events say about themselves, where they say it. */
export type About = {
  lesson?: string | null
  topics?: readonly string[]
  kind?: string
  passed?: boolean
  seconds?: number
  session?: string
  minutes?: number
}

function isAbout(only: EventFilter, event: ScoredEvent, background: Background): boolean {
  const { lesson, kind, passed, session } = event.data as About
  const course = event.course ? String(event.course) : undefined
  const isOne = (list: readonly string[] | undefined, value: unknown) =>
    !list || (typeof value === 'string' && list.includes(value))
  return (
    isOne(only.courses, course) &&
    isOne(only.lessons, course && lesson ? `${course}/${lesson}` : undefined) &&
    isOne(only.lessonKinds, event.name === 'lesson.completed' ? kind : undefined) &&
    isOne(only.sessions, session) &&
    isOne(only.requests, event.name === 'contact.requested' ? kind : undefined) &&
    (only.passed === undefined || only.passed === passed) &&
    (!only.topics || topicsFor(event, background).some(topic => only.topics!.includes(topic)))
  )
}

function topicsFor(event: ScoredEvent, background: Background): readonly string[] {
  return (event.data as About).topics ?? (event.course ? background.topicsOf(event) : [])
}

const backgrounds = new WeakMap<readonly ScoredEvent[], { length: number; background: Background }>()

/** The same as `backgroundOf`, made once for a list that is asked again and again. */
function knownBackgroundOf(past: readonly ScoredEvent[]): Background {
  const known = backgrounds.get(past)
  if (known?.length === past.length) return known.background
  const background = backgroundOf(past)
  backgrounds.set(past, { length: past.length, background })
  return background
}

/**
 * Returns what is known of a person's past from their events, oldest first. What is asked for is put in order once, so
 * that a long history costs no more per event than a short one.
 */
function backgroundOf(past: readonly ScoredEvent[]): Background {
  const topics = new Map<string, { at: Date; topics: readonly string[] }[]>()
  const lessons = new Map<string, { at: Date; data: FinishedLesson['data'] }[]>()
  const attended = new Map<Attention, Map<string, { at: Date; minutes: number; attended: number }[]>>()
  let isKnown = false
  const put = <T>(map: Map<string, T[]>, key: string, value: T) => {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
  }
  const know = () => {
    if (isKnown) return
    isKnown = true
    for (const event of past) {
      const { at, course } = event
      const about = event.data as About
      if (isLesson(event)) put(lessons, String(course), { at, data: event.data })
      if (!about.topics) continue
      const known = { at, topics: about.topics }
      if (about.lesson) put(topics, `${course}/${about.lesson}`, known)
      if (event.name === 'course.completed') put(topics, `${course}/`, known)
    }
  }
  const attendedIn = (course: string, attention: Attention) => {
    const byCourse =
      attended.get(attention) ?? new Map<string, { at: Date; minutes: number; attended: number }[]>()
    attended.set(attention, byCourse)
    let sums = byCourse.get(course)
    if (sums) return sums
    const sofar = { minutes: 0, attended: 0 }
    sums = (lessons.get(course) ?? []).map(({ at, data }) => {
      sofar.minutes += data.minutes
      sofar.attended += data.minutes * attentionInLesson(data, attention)
      return { at, ...sofar }
    })
    byCourse.set(course, sums)
    return sums
  }
  return {
    topicsOf: ({ at, course, data }) => {
      know()
      return lastUntil(topics.get(`${course}/${(data as About).lesson || ''}`) ?? [], at)?.topics ?? []
    },
    courseAttention: ({ at, course }, attention) => {
      know()
      const sums = lastUntil(attendedIn(String(course), attention), at)
      return sums?.minutes ? sums.attended / sums.minutes : 1
    },
  }
}

/** Returns the last of some entries, oldest first, that isn't after a moment. */
function lastUntil<T extends { at: Date }>(entries: readonly T[], at: Date): T | undefined {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.at <= at) low = middle + 1
    else high = middle
  }
  return entries[low - 1]
}

/**
 * Returns the points of an event that the rule counts (`ruleCounts`) at the moment it happens, before any cap.
 *
 * @param past the events of the person until then; later ones don't matter.
 */
export function pointsWhenNew(rule: Rule, event: ScoredEvent, past: readonly ScoredEvent[]): number {
  return weightOf(rule, event, knownBackgroundOf(past))
}

export type FinishedLesson = { data: EventData['lesson.completed'] }

export const isLesson = <E extends ScoredEvent>(event: E): event is E & FinishedLesson =>
  event.name === 'lesson.completed'

/**
 * Returns 1 for a passed quiz, which needs no other proof. Any other lesson counts in proportion to its seconds: those
 * in which the page was visible, or the distinct seconds of the recording that were played.
 */
export function attentionInLesson(
  { kind, seconds, minutes: length }: FinishedLesson['data'],
  { minSeconds, fullFrom }: Attention,
): number {
  if (kind === 'quiz') return 1
  return seconds < minSeconds ? 0 : Math.min(1, seconds / (fullFrom * length * 60))
}

function rawContributions(events: readonly ScoredEvent[], model: ModelContent, at: Date): Contribution[] {
  const past = events.filter(event => event.at <= at).sort(inTime)
  const background = backgroundOf(past)
  return model.rules.flatMap(rule =>
    past
      .filter(event => countsBefore(rule, event, background))
      .map(event => {
        const age = (at.getTime() - event.at.getTime()) / days(1)
        const weight = weightOf(rule, event, background)
        return {
          rule: rule.id,
          event: event._id,
          at: event.at,
          weight,
          age,
          points: weight * decay(age, rule),
        }
      })
      .filter(({ weight }) => weight !== 0),
  )
}

/** Returns what is left after an age in days, 0 to 1. */
export function decay(age: number, { halfLife }: Rule): number {
  return 2 ** (-age / halfLife)
}

/**
 * Adds up contributions from the oldest to the newest, as a score that grows does (running-score.ts): floating-point
 * numbers have the same sum to the last bit only in the same order and with the same steps.
 */
function sumByRule(contributions: readonly Contribution[], model: ModelContent, at: Date): PointsByRule {
  const rules = new Map(model.rules.map(rule => [rule.id, rule]))
  const sums: PointsByRule = {}
  const since: Record<string, number> = {}
  const after = (rule: string, moment: number) =>
    sums[rule]! * decay((moment - since[rule]!) / days(1), rules.get(rule)!)
  for (const { rule, at: moment, weight } of contributions) {
    sums[rule] = rule in sums ? after(rule, moment.getTime()) + weight : weight
    since[rule] = moment.getTime()
  }
  for (const rule of Object.keys(sums)) sums[rule] = after(rule, at.getTime())
  return sums
}

/** Where an event comes in the order in which scores are computed. */
export type PlaceInTime = readonly [at: number, rank: number, id: string]

/** At the same moment, what others ask for comes first: lessons, then ends of courses. */
export function placeInTime({ _id, name, at, data }: ScoredEvent): PlaceInTime {
  const rank = name === 'lesson.completed' ? 0 : (data as About).topics ? 1 : 2
  return [at.getTime(), rank, _id]
}

/** Returns whether one place comes after another. */
export function isLater([at, rank, id]: PlaceInTime, [thenAt, thenRank, thenId]: PlaceInTime): boolean {
  return at !== thenAt ? at > thenAt : rank !== thenRank ? rank > thenRank : id > thenId
}

/** Puts events in the order in which scores are computed. */
export function inTime(a: ScoredEvent, b: ScoredEvent): number {
  return a.at.getTime() - b.at.getTime() || (isLater(placeInTime(a), placeInTime(b)) ? 1 : -1)
}

/** Returns what is left of raw points by rule after some milliseconds. */
export function decayed(rawPointsByRule: PointsByRule, model: ModelContent, ms: number): PointsByRule {
  const result: PointsByRule = {}
  for (const rule of model.rules) {
    const points = rawPointsByRule[rule.id]
    if (points !== undefined) result[rule.id] = points * decay(ms / days(1), rule)
  }
  return result
}

/** Applies the caps of rules and groups to raw points by rule. */
export function engagementOf(rawPointsByRule: PointsByRule, model: ModelContent): Engagement {
  const pointsByRule: PointsByRule = {}
  const pointsByGroup: Record<Group, number> = { learning: 0, intent: 0, account: 0, negative: 0 }
  for (const rule of model.rules) {
    const raw = rawPointsByRule[rule.id]
    if (raw === undefined) continue
    const points = Math.sign(raw) * Math.min(rule.cap, Math.abs(raw))
    pointsByRule[rule.id] = points
    pointsByGroup[rule.group] += points
  }
  const { points, factors } = capGroups(pointsByGroup, model)
  for (const rule of model.rules) if (rule.id in pointsByRule) pointsByRule[rule.id]! *= factors[rule.group]
  for (const group of groups) pointsByGroup[group] *= factors[group]
  return { points, pointsByGroup, pointsByRule }
}

const maxPoints = 100

/** Returns the points that are left after the caps of the groups, and what each group is multiplied by. */
export function capGroups(
  pointsByGroup: Readonly<Record<Group, number>>,
  { groupCaps }: Pick<ModelContent, 'groupCaps'>,
): { points: number; factors: Record<Group, number> } {
  const factors: Record<Group, number> = { learning: 1, intent: 1, account: 1, negative: 1 }
  let positive = 0
  for (const group of groups) {
    // The negative group comes last: caps that add up to more than a score can be share what it can be.
    if (group === 'negative' && positive > maxPoints) {
      for (const other of groups) factors[other] *= maxPoints / positive
      factors.negative = 1
      positive = maxPoints
    }
    // A rule below 0 in another group may take all that there is: then nothing is left to subtract from.
    const most = group === 'negative' ? Math.max(0, positive) : Infinity
    const cap = Math.min(groupCaps[group], most)
    const size = Math.abs(pointsByGroup[group])
    if (size > cap) factors[group] = cap / size
    if (group !== 'negative') positive += pointsByGroup[group] * factors[group]
  }
  return { points: Math.max(0, positive + pointsByGroup.negative * factors.negative), factors }
}

function ratio(capped: number, raw: number): number {
  return raw === 0 ? 0 : capped / raw
}
