import { days } from '../platform/clock'
import type { Types } from 'mongoose'
import type { Published } from '../courses/published'
import { FunnelProgresses, steps, type Step } from '../people/funnel-progress'
import type { Source } from '../people/source'
import { VisitDays } from '../people/visit-day'

type Period = { from: Date; to: Date }

/** Whom the figures count: who signed up in a period, enrolled in a course, and joined one of these brands. */
export type Scope = {
  period: Period
  course?: Published
  /** What `peopleAt` returns for a brand; everybody without it. */
  brands?: { $in: (string | null)[] }
}

/**
 * The number of visits in the period and, among the people who signed up in it, the number at each step. `money` is the
 * total amount of won deals in minor units, by currency; `unknownAmounts` is the number of such deals without an
 * amount.
 */
export type FunnelCounts = {
  visited: number
  money: Record<string, number>
  unknownAmounts: number
} & Record<Step, number>
export type FunnelRow = FunnelCounts & { source: Source }

/**
 * Counts the funnel by the source of the first touch.
 *
 * @param scope with a course, only the people who enrolled in it, see `hasReached`.
 * @returns the sources that have visits or sign-ups, most sign-ups first.
 */
export async function countFunnel(scope: Scope): Promise<FunnelRow[]> {
  const [progress, deals, visits] = await Promise.all([
    countProgress(scope),
    sumDeals(scope),
    countVisits(scope),
  ])
  const rows = new Map<Source, FunnelRow>()
  const rowOf = (source: Source) =>
    rows.get(source) ?? rows.set(source, { source, ...zeroCounts() }).get(source)!
  for (const { _id, visited } of visits) rowOf(_id).visited += visited
  for (const { _id, ...counts } of progress) {
    const row = rowOf(_id)
    for (const step of steps) row[step] += counts[step]
  }
  for (const { _id, amount, count } of deals) {
    const row = rowOf(_id.source)
    if (_id.currency) row.money[_id.currency] = (row.money[_id.currency] ?? 0) + amount
    else row.unknownAmounts += count
  }
  return [...rows.values()].sort((a, b) => b.signedUp - a.signedUp || b.visited - a.visited)
}

/** Returns the sum of the rows. */
export function sumOf(rows: FunnelCounts[]): FunnelCounts {
  const sum = zeroCounts()
  for (const row of rows) {
    sum.visited += row.visited
    sum.unknownAmounts += row.unknownAmounts
    for (const step of steps) sum[step] += row[step]
    for (const [currency, amount] of Object.entries(row.money))
      sum.money[currency] = (sum.money[currency] ?? 0) + amount
  }
  return sum
}

/** The id of a course in expressions. */
type CourseId = Types.ObjectId | undefined

/**
 * Returns the aggregation expression that is true for a person who has reached a step: the one definition behind the
 * figures and the lists of people (definitions: README.md in this folder).
 *
 * With a course, its people are those who enrolled in it. A hand-off, an acceptance or a deal counts for the course
 * only for people who had finished one of its lessons before they first qualified: otherwise the course played no part.
 */
export function hasReached(step: Step, course: CourseId): Record<string, unknown> {
  const isSet = (path: string) => ({ $gt: [path, null] })
  if (!course) return isSet(`$steps.${step}`)
  const inCourse = (name: string) => `$courses.${course}.${name}`
  if (step === 'signedUp') return isSet(inCourse('enrolled'))
  if (step === 'enrolled' || step === 'active' || step === 'completed') return isSet(inCourse(step))
  return {
    $and: [
      isSet(inCourse('active')),
      isSet('$steps.qualified'),
      { $lte: [inCourse('active'), '$steps.qualified'] },
      isSet(`$steps.${step}`),
    ],
  }
}

/** Matches the people who signed up in a period, at these brands and, with a course, enrolled in it. */
export function signedUpIn({ period: { from, to }, course, brands }: Scope) {
  return {
    signedUpAt: { $gte: from, $lt: to },
    ...(brands && { brand: brands }),
    ...(course && { [`courses.${course.course}.enrolled`]: { $exists: true } }),
  }
}

function countProgress(scope: Scope): Promise<({ _id: Source } & Record<Step, number>)[]> {
  const { course } = scope
  const count = (step: Step) => ({ $sum: { $cond: [hasReached(step, course?.course), 1, 0] } })
  return FunnelProgresses.aggregate<{ _id: Source } & Record<Step, number>>([
    { $match: signedUpIn(scope) },
    { $group: { _id: '$source', ...Object.fromEntries(steps.map(step => [step, count(step)])) } },
  ]).exec()
}

type DealSum = { _id: { source: Source; currency: string | null }; amount: number; count: number }

/** Each deal counts once, with its latest amount. A deal without an amount has no currency here. */
function sumDeals(scope: Scope): Promise<DealSum[]> {
  const currency = { $cond: [{ $gt: ['$deals.amount', null] }, '$deals.currency', null] }
  return FunnelProgresses.aggregate<DealSum>([
    { $match: { ...signedUpIn(scope), $expr: hasReached('won', scope.course?.course) } },
    { $unwind: '$deals' },
    {
      $group: {
        _id: { source: '$source', currency },
        amount: { $sum: '$deals.amount' },
        count: { $sum: 1 },
      },
    },
  ]).exec()
}

/** With a course, the visits that opened one of its pages. */
function countVisits({ period, course, brands }: Scope): Promise<{ _id: Source; visited: number }[]> {
  const day = { $gte: dayOf(period.from), $lte: dayOf(period.to) }
  return VisitDays.aggregate<{ _id: Source; visited: number }>([
    { $match: { day, course: course?.slug ?? null, ...(brands && { brand: brands }) } },
    { $group: { _id: '$source', visited: { $sum: '$visits' } } },
  ]).exec()
}

export type Speed = {
  /** Medians in milliseconds, from sign-up to qualified and from qualified to accepted; null when there are none. */
  toQualify: number | null
  toAccept: number | null
  /** Share of qualified leads that were accepted, 0 to 1. */
  acceptedShare: number | null
  /** Number of leads qualified in each week of the period. */
  byWeek: number[]
}

/** Measures how fast the people who count as qualified became leads. */
export async function measureSpeed(scope: Scope): Promise<Speed> {
  const qualified = await FunnelProgresses.find(
    { ...signedUpIn(scope), $expr: hasReached('qualified', scope.course?.course) },
    { signedUpAt: 1, steps: 1 },
  )
  const between = (start?: Date, end?: Date) =>
    start && end ? Math.max(0, end.getTime() - start.getTime()) : undefined
  const present = (values: (number | undefined)[]) => values.filter(value => value !== undefined)
  const toAccept = present(qualified.map(({ steps }) => between(steps.qualified, steps.accepted)))
  return {
    toQualify: median(
      present(qualified.map(({ signedUpAt, steps }) => between(signedUpAt, steps.qualified))),
    ),
    toAccept: median(toAccept),
    acceptedShare: qualified.length ? toAccept.length / qualified.length : null,
    byWeek: countByWeek(
      qualified.map(({ steps }) => steps.qualified!),
      scope.period,
    ),
  }
}

function countByWeek(moments: Date[], { from, to }: Period): number[] {
  const week = days(7)
  const counts = Array.from(
    { length: Math.max(1, Math.ceil((to.getTime() - from.getTime()) / week)) },
    () => 0,
  )
  for (const moment of moments) {
    const n = Math.floor((moment.getTime() - from.getTime()) / week)
    if (n >= 0 && n < counts.length) counts[n]!++
  }
  return counts
}

function median(values: number[]): number | null {
  if (!values.length) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function zeroCounts(): FunnelCounts {
  return {
    visited: 0,
    signedUp: 0,
    enrolled: 0,
    active: 0,
    completed: 0,
    qualified: 0,
    accepted: 0,
    won: 0,
    money: {},
    unknownAmounts: 0,
  }
}

/** Returns `2026-11-23`, UTC. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
