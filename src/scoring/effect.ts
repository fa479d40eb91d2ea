import type { EventName } from '../events/definitions'
import { days, later } from '../platform/clock'
import type { CurrentPerson } from './current-people'
import { eligibilityOf } from './eligibility'
import { fitOf, gradeOf } from './fit'
import type { ModelContent, Rule } from './model-content'
import { makePace } from './pace'
import {
  computeScore,
  rawPointsOf,
  roundedPoints,
  scoreLater,
  type Engagement,
  type PointsByRule,
} from './rules'

/** What one person has under one model at a moment. */
type ModelResult = { engagement: Engagement; fit: number; grade: string; qualifies: boolean }

/** What a draft would change for one person. */
export type Movement = { id: string; before: ModelResult; after: ModelResult }

/** What a draft would do to the people of today. */
export type Effect = {
  people: number
  /** Those who would newly qualify, and those who would drop out; highest score under the draft first. */
  up: Movement[]
  down: Movement[]
  /** People with points, by score in steps of 100 / 15 points: now and under the draft. */
  before: number[]
  after: number[]
}

const effectBins = 15

/** How to score people under two models without reading anything, and what is the same only once. */
type Comparison = {
  active: ModelContent
  draft: ModelContent
  /** By how much the points of a rule are multiplied of which only the weight is another. */
  factors: Map<string, number>
  /** Rules that have to count events again, and the names of the events that they need; null for all. */
  changed: Rule[]
  needed: Set<EventName> | null
  isSameFit: boolean
  isSameBlocked: boolean
  at: Date
}

function comparisonOf(active: ModelContent, draft: ModelContent, at: Date): Comparison {
  const before = new Map(active.rules.map(rule => [rule.id, rule]))
  // Points before caps: a cap, a name or a place in the list doesn't change them.
  const sumsOf = ({ name: _name, cap: _cap, group: _group, weight: _weight, ...rest }: Rule) =>
    JSON.stringify(rest)
  const factors = new Map<string, number>()
  const changed = draft.rules.filter(rule => {
    const was = before.get(rule.id)
    if (!was || sumsOf(was) !== sumsOf(rule) || (!was.weight && rule.weight)) return true
    if (was.weight !== rule.weight) factors.set(rule.id, rule.weight / was.weight)
    return false
  })
  const isSame = (part: 'fit' | 'blocked') => JSON.stringify(active[part]) === JSON.stringify(draft[part])
  return {
    ...{ active, draft, factors, changed, needed: namesNeededBy(changed), at },
    ...{ isSameFit: isSame('fit'), isSameBlocked: isSame('blocked') },
  }
}

/** A topic can be that of any earlier event, and the attention to a course is that to its lessons. */
function namesNeededBy(rules: readonly Rule[]): Set<EventName> | null {
  if (rules.some(({ only }) => only?.topics)) return null
  const names = rules.flatMap(({ events, attention }): EventName[] =>
    attention ? [...events, 'lesson.completed'] : events,
  )
  return new Set(names)
}

/** Returns what someone has under both models. */
function compare(person: CurrentPerson, version: number, comparison: Comparison): Omit<Movement, 'id'> {
  const { active, draft, factors, changed, needed, isSameFit, isSameBlocked, at } = comparison
  const stored = person.model === version ? person.rawPointsByRule : null
  const raw = stored ?? rawPointsOf(person.events, active, person.at)
  const counted = needed ? person.events.filter(({ name }) => needed.has(name)) : person.events
  const newer = counted.length ? rawPointsOf(counted, { ...draft, rules: changed }, person.at) : {}
  const kept: PointsByRule = {}
  for (const { id } of draft.rules) {
    const points = changed.some(rule => rule.id === id) ? newer[id] : raw[id]
    if (points !== undefined) kept[id] = points * (factors.get(id) ?? 1)
  }
  const fitUnder = ({ fit }: ModelContent) => fitOf(person.profile, fit, person.answers).points
  const [fitNow, reasonNow] = [fitUnder(active), ineligibleReasonOf(person, active)]
  const resultOf = (content: ModelContent, points: PointsByRule): ModelResult => {
    const engagement = scoreLater(points, content, person.at, at)
    const fit = content === active || isSameFit ? fitNow : fitUnder(content)
    const grade = gradeOf(fit, engagement.points, content)
    const reason = content === active || isSameBlocked ? reasonNow : ineligibleReasonOf(person, content)
    // A customer's lead stays as it is, but they aren't handed off again.
    const qualifies = person.isQualified
      ? (!reason || reason === 'customer') && engagement.points >= content.disqualifyBelow
      : !reason && engagement.points >= content.qualifyAt && content.qualifyingGrades.includes(grade)
    return { engagement, fit, grade, qualifies }
  }
  return { before: resultOf(active, raw), after: resultOf(draft, kept) }
}

/** People who objected to marketing have no score, so they aren't among these. */
function ineligibleReasonOf({ profile, bought }: CurrentPerson, { blocked }: ModelContent) {
  const { customers } = blocked
  const isCustomer = bought !== null && (customers === 'company' || customers === bought)
  return eligibilityOf(profile, blocked, { objected: false, isCustomer }).ineligibleReason
}

/**
 * Returns what a draft would change today, and lets other requests run meanwhile. Pure; people with sales stay
 * until their score is below the lower threshold. What sales did and the waiting times aren't counted: a replay does
 * that.
 *
 * @param version number of the active model.
 * @param rest is awaited after each person; what it throws ends the work.
 */
export async function effectOf(
  people: readonly CurrentPerson[],
  { active, draft, version, at }: { active: ModelContent; draft: ModelContent; version: number; at: Date },
  rest = makePace(),
): Promise<Effect> {
  const comparison = comparisonOf(active, draft, at)
  const effect: Effect = {
    ...{ people: people.length, up: [], down: [] },
    before: Array<number>(effectBins).fill(0),
    after: Array<number>(effectBins).fill(0),
  }
  const count = (bins: number[], points: number) => {
    if (roundedPoints(points) > 0) bins[Math.min(effectBins - 1, Math.floor((points * effectBins) / 100))]!++
  }
  for (const person of people) {
    await rest()
    const { before, after } = compare(person, version, comparison)
    count(effect.before, before.engagement.points)
    count(effect.after, after.engagement.points)
    if (before.qualifies === after.qualifies) continue
    effect[after.qualifies ? 'up' : 'down'].push({ id: person.id, before, after })
  }
  const byPoints = (a: Movement, b: Movement) =>
    b.after.engagement.points - a.after.engagement.points || (a.id < b.id ? -1 : 1)
  effect.up.sort(byPoints)
  effect.down.sort(byPoints)
  return effect
}

/** Returns how each of some people would move, in the order of `ids`; people who aren't known are left out. */
export function movesOf(
  people: readonly CurrentPerson[],
  ids: readonly string[],
  { active, draft, version, at }: { active: ModelContent; draft: ModelContent; version: number; at: Date },
): Movement[] {
  const comparison = comparisonOf(active, draft, at)
  const wanted = new Set(ids)
  const byId = new Map(people.flatMap(person => (wanted.has(person.id) ? [[person.id, person]] : [])))
  return ids.flatMap(id => {
    const person = byId.get(id)
    return person ? { id, ...compare(person, version, comparison) } : []
  })
}

/** What a rule hits: events and people of the last 90 days; people at its cap, and the highest sum before it, now. */
export type RuleHits = { events: number; people: Set<string>; atCap: number; highest: number }

const hitsDays = 90

/** Returns the ids of the people who attended a live session in the last 90 days. */
export function attendeesAmong(people: readonly CurrentPerson[], at: Date): string[] {
  const since = later(at, -days(hitsDays))
  const attended = ({ events }: CurrentPerson) =>
    events.some(event => event.name === 'session.attended' && event.at >= since)
  return people.filter(attended).map(({ id }) => id)
}

/** Returns the hits of each rule by its id, and lets others have turns meanwhile. */
export async function hitsOf(
  people: readonly CurrentPerson[],
  content: ModelContent,
  at: Date,
): Promise<Map<string, RuleHits>> {
  const rest = makePace()
  const since = later(at, -days(hitsDays))
  const hits = new Map<string, RuleHits>(
    content.rules.map(({ id }) => [id, { events: 0, people: new Set(), atCap: 0, highest: 0 }]),
  )
  for (const { id, events } of people) {
    await rest()
    const { contributions, rawPointsByRule } = computeScore(events, content, at)
    for (const contribution of contributions) {
      if (contribution.at < since) continue
      const hit = hits.get(contribution.rule)!
      hit.events++
      hit.people.add(id)
    }
    for (const rule of content.rules) {
      const [hit, size] = [hits.get(rule.id)!, Math.abs(rawPointsByRule[rule.id] ?? 0)]
      hit.highest = Math.max(hit.highest, size)
      if (size >= rule.cap) hit.atCap++
    }
  }
  return hits
}
