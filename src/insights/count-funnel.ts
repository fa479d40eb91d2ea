import { days } from '../platform/clock'
import type { Published } from '../courses/published'
import { FunnelProgresses, steps, type Step } from '../people/funnel-progress'
import type { Source } from '../people/source'
import { VisitDays } from '../people/visit-day'

export type Period = { from: Date; to: Date }

/** Number of people at each step, of those who signed up in the period; `money` in minor units by currency. */
export type FunnelCounts = { visited: number; money: Record<string, number> } & Record<Step, number>
export type FunnelRow = FunnelCounts & { source: Source }

/**
 * Counts the funnel by the source of the first touch.
 *
 * @param course counts only the people who enrolled in it, with their steps in that course.
 * @returns the sources that have visits or sign-ups, the most sign-ups first.
 */
export async function countFunnel(period: Period, course?: Published): Promise<FunnelRow[]> {
  const [progress, visits] = await Promise.all([countProgress(period, course), countVisits(period, course)])
  const rows = new Map<Source, FunnelRow>()
  const rowOf = (source: Source) =>
    rows.get(source) ?? rows.set(source, { source, ...zeroCounts() }).get(source)!
  for (const { _id, visited } of visits) rowOf(_id).visited += visited
  for (const { _id, ...counts } of progress) {
    const row = rowOf(_id.source)
    for (const step of steps) row[step] += counts[step]
    if (_id.currency) row.money[_id.currency] = (row.money[_id.currency] ?? 0) + counts.money
  }
  return [...rows.values()].sort((a, b) => b.signedUp - a.signedUp || b.visited - a.visited)
}

/** Returns the sum of rows. */
export function sumOf(rows: FunnelCounts[]): FunnelCounts {
  const sum = zeroCounts()
  for (const row of rows) {
    sum.visited += row.visited
    for (const step of steps) sum[step] += row[step]
    for (const [currency, amount] of Object.entries(row.money))
      sum.money[currency] = (sum.money[currency] ?? 0) + amount
  }
  return sum
}

type ProgressCount = { _id: { source: Source; currency?: string }; money: number } & Record<Step, number>

function countProgress({ from, to }: Period, course?: Published): Promise<ProgressCount[]> {
  const inCourse = new Set<Step>(['enrolled', 'active', 'completed'])
  const pathOf = (step: Step) =>
    course && inCourse.has(step) ? `$courses.${course.course}.${step}` : `$steps.${step}`
  const count = (step: Step) => ({ $sum: { $cond: [{ $gt: [pathOf(step), null] }, 1, 0] } })
  return FunnelProgresses.aggregate<ProgressCount>([
    {
      $match: {
        signedUpAt: { $gte: from, $lt: to },
        ...(course && { [`courses.${course.course}.enrolled`]: { $exists: true } }),
      },
    },
    {
      $group: {
        _id: { source: '$source', currency: '$won.currency' },
        money: { $sum: '$won.amount' },
        ...Object.fromEntries(steps.map(step => [step, count(step)])),
      },
    },
  ]).exec()
}

/** A visit stores its landing page, so the visits of a course are those that started on its pages. */
function countVisits({ from, to }: Period, course?: Published): Promise<{ _id: Source; visited: number }[]> {
  return VisitDays.aggregate<{ _id: Source; visited: number }>([
    { $match: { day: { $gte: dayOf(from), $lte: dayOf(to) }, ...(course && { course: course.slug }) } },
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

/** Measures how fast the people who signed up in the period became leads. */
export async function measureSpeed({ from, to }: Period): Promise<Speed> {
  const qualified = await FunnelProgresses.find(
    { signedUpAt: { $gte: from, $lt: to }, 'steps.qualified': { $exists: true } },
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
      { from, to },
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
  }
}

/** Returns `2026-11-23`, UTC. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
