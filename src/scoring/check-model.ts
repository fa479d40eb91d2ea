import { Types } from 'mongoose'
import type { RuleHits } from './effect'
import type { ModelContent, Rule } from './model-content'
import { computeScore, type ScoredEvent } from './rules'

/** A course that people can take, with its lessons, to see whether a rule knows it. */
export type TaughtCourse = {
  id: string
  title: string
  topics: string[]
  lessons: { slug: string; title: string; kind: string; topics: string[] }[]
}

/** Something about a model that its author would want to know. `key` is a translation below `admin:scoring.checks.`. */
export type ModelFinding = {
  key:
    | 'neverFires'
    | 'hitsEverybody'
    | 'neverDecides'
    | 'cancelsOut'
    | 'capNeverReached'
    | 'unreachable'
    | 'nobodyQualifies'
    | 'unknownCourse'
    | 'unknownLesson'
    | 'unknownSessions'
  /** The rule that it is about, and the other one. */
  rule?: string
  other?: string
  values: Record<string, string | number>
  /** The people behind it; empty when there is nobody to show. */
  people: string[]
}

/** From this share of the active people, a rule tells nobody apart. */
const everybody = 0.9
/** With fewer people, hits say nothing about a rule. */
const enough = 20
/** A cap that nobody gets near: the highest sum is below this share of it. */
const nearCap = 0.5

/**
 * Returns what looks wrong in a model: pure, from the hits of the last 90 days and what is taught today.
 *
 * @param attendees ids of the people who attended a live session in the last 90 days.
 */
export function checkModel(
  content: ModelContent,
  hits: ReadonlyMap<string, RuleHits>,
  courses: readonly TaughtCourse[],
  attendees: readonly string[] = [],
): ModelFinding[] {
  const { rules } = content
  const hitBy = (rule: Rule) => hits.get(rule.id)?.people ?? new Set<string>()
  const active = new Set(rules.flatMap(rule => [...hitBy(rule)]))
  const findings: ModelFinding[] = []
  if (!canQualify(content))
    findings.push({ key: 'unreachable', values: { at: content.qualifyAt }, people: [] })
  if (!content.qualifyingGrades.length) findings.push({ key: 'nobodyQualifies', values: {}, people: [] })
  for (const rule of rules) {
    const people = hitBy(rule)
    const about = { rule: rule.id, people: [...people] }
    if (!people.size) {
      if (active.size >= enough) findings.push({ ...about, key: 'neverFires', values: {} })
      continue
    }
    if (active.size >= enough && people.size >= active.size * everybody) {
      const percent = Math.round((100 * people.size) / active.size)
      findings.push({ ...about, key: 'hitsEverybody', values: { percent } })
    }
    const top = hits.get(rule.id)!.highest
    if (people.size >= enough && top < rule.cap * nearCap) {
      findings.push({ ...about, key: 'capNeverReached', values: { cap: rule.cap, top } })
    }
  }
  const knowsSessions = rules.some(({ events }) => events.some(name => name.startsWith('session.')))
  if (attendees.length && !knowsSessions)
    findings.push({ key: 'unknownSessions', values: { count: attendees.length }, people: [...attendees] })
  findings.push(...overlaps(rules, hitBy), ...oppositions(rules), ...unknownTo(content, courses))
  return findings
}

/** Whether the caps leave enough points to qualify by score. */
function canQualify({ rules, groupCaps, qualifyAt }: ModelContent): boolean {
  const most = (['learning', 'intent', 'account'] as const).reduce((sum, group) => {
    const ofGroup = rules.filter(rule => rule.group === group && rule.weight > 0)
    return (
      sum +
      Math.min(
        groupCaps[group],
        ofGroup.reduce((points, { cap }) => points + cap, 0),
      )
    )
  }, 0)
  return most >= qualifyAt
}

/** A rule whose people are all hit by a heavier rule of the same group, so that it never decides anything. */
function overlaps(rules: readonly Rule[], hitBy: (rule: Rule) => ReadonlySet<string>): ModelFinding[] {
  return rules.flatMap(rule => {
    const people = hitBy(rule)
    if (people.size < enough) return []
    const other = rules.find(
      each =>
        each.id !== rule.id &&
        each.group === rule.group &&
        Math.abs(each.weight) > Math.abs(rule.weight) &&
        [...people].every(id => hitBy(each).has(id)),
    )
    if (!other) return []
    const about = { rule: rule.id, other: other.id, people: [...people] }
    return { ...about, key: 'neverDecides' as const, values: { count: people.size } }
  })
}

/** Two rules that give and take points for the same events. */
function oppositions(rules: readonly Rule[]): ModelFinding[] {
  return rules.flatMap((rule, n) =>
    rules.slice(n + 1).flatMap(other => {
      const isOpposite = Math.sign(rule.weight) * Math.sign(other.weight) === -1
      const isSame = rule.events.some(name => other.events.includes(name))
      const isAboutSame = JSON.stringify(rule.only ?? {}) === JSON.stringify(other.only ?? {})
      return isOpposite && isSame && isAboutSame
        ? { key: 'cancelsOut' as const, rule: rule.id, other: other.id, values: {}, people: [] }
        : []
    }),
  )
}

/** Courses and lessons that bring nobody a point when they are finished. */
function unknownTo(content: ModelContent, courses: readonly TaughtCourse[]): ModelFinding[] {
  const at = new Date(0)
  const brings = (event: Omit<ScoredEvent, '_id' | 'at'>) =>
    computeScore([{ ...event, _id: 'x', at }], content, at).contributions.length > 0
  return courses.flatMap((course): ModelFinding[] => {
    const about = { course: new Types.ObjectId(course.id) }
    const isKnown = brings({
      ...about,
      name: 'course.completed',
      data: { revision: '', title: course.title, topics: course.topics },
    })
    const unknown = course.lessons.filter(({ slug, kind, topics, title }) => {
      const data = { lesson: slug, title, topics, kind, minutes: 1, seconds: 3600 }
      return !brings({ ...about, name: 'lesson.completed', data })
    })
    if (!isKnown && unknown.length === course.lessons.length) {
      return [{ key: 'unknownCourse', values: { title: course.title }, people: [] }]
    }
    return unknown.map(lesson => ({
      key: 'unknownLesson',
      values: { title: lesson.title, course: course.title },
      people: [],
    }))
  })
}
