import type { Published } from '../courses/published'
import { FunnelProgresses, steps, type FunnelProgress, type Step } from '../people/funnel-progress'
import type { Source } from '../people/source'
import { VisitDays } from '../people/visit-day'

export type Period = { from: Date; to: Date }

/** How many came to each step, of the people who first came in the period. */
export type FunnelCounts = { visited: number; money: Record<string, number> } & Record<Step, number>
export type FunnelRow = FunnelCounts & { source: Source }

/**
 * Counts the funnel by first touch; with a course, of the people who enrolled in it, and with their steps in it. Money is in minor units by
 * currency. Rows come in the order of the people who signedUp.
 */
export async function countFunnel(period: Period, course?: Published): Promise<FunnelRow[]> {
  const [journeys, visits] = await Promise.all([countProgress(period, course), countVisits(period, course)])
  const rows = new Map<Source, FunnelRow>()
  const rowOf = (source: Source) =>
    rows.get(source) ?? rows.set(source, { source, ...nothing() }).get(source)!
  for (const { _id, visited } of visits) rowOf(_id).visited += visited
  for (const { _id, ...counts } of journeys) {
    const row = rowOf(_id.source)
    for (const step of steps) row[step] += counts[step]
    if (_id.currency) row.money[_id.currency] = (row.money[_id.currency] ?? 0) + counts.money
  }
  return [...rows.values()].sort((a, b) => b.signedUp - a.signedUp || b.visited - a.visited)
}

/** The sum of rows. */
export function sumOf(rows: FunnelCounts[]): FunnelCounts {
  const sum = nothing()
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

/** Visits know where they landed, so a course's are those that began on its pages. */
function countVisits({ from, to }: Period, course?: Published): Promise<{ _id: Source; visited: number }[]> {
  return VisitDays.aggregate<{ _id: Source; visited: number }>([
    { $match: { day: { $gte: dayOf(from), $lte: dayOf(to) }, ...(course && { course: course.slug }) } },
    { $group: { _id: '$source', visited: { $sum: '$visits' } } },
  ]).exec()
}

/** How long it takes, of those who first came in the period; medians, null when nobody came so far. */
export async function measureSpeed({ from, to }: Period): Promise<{
  toQualify: number | null
  toAnswer: number | null
  accepted: number | null
  byWeek: number[]
}> {
  const qualified = await FunnelProgresses.find(
    { signedUpAt: { $gte: from, $lt: to }, 'steps.qualified': { $exists: true } },
    { signedUpAt: 1, steps: 1 },
  ).lean<Pick<FunnelProgress, 'signedUpAt' | 'steps'>[]>()
  const between = (start?: Date, end?: Date) =>
    start && end ? Math.max(0, end.getTime() - start.getTime()) : undefined
  const present = (values: (number | undefined)[]) => values.filter(value => value !== undefined)
  const toAnswer = present(qualified.map(({ steps }) => between(steps.qualified, steps.accepted)))
  return {
    toQualify: median(
      present(qualified.map(({ signedUpAt, steps }) => between(signedUpAt, steps.qualified))),
    ),
    toAnswer: median(toAnswer),
    accepted: qualified.length ? toAnswer.length / qualified.length : null,
    byWeek: weeks(
      qualified.map(({ steps }) => steps.qualified!),
      { from, to },
    ),
  }
}

function weeks(moments: Date[], { from, to }: Period): number[] {
  const week = 7 * 86_400_000
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

function nothing(): FunnelCounts {
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

/** `2026-11-23`, UTC. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
