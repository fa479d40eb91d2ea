import type { Types } from 'mongoose'
import { FunnelProgresses } from '../people/funnel-progress'
import { cached } from '../platform/cached'
import { mapKey } from '../platform/record'
import { enrolmentId, Enrolments } from './enrolment'

/** The most people that are looked at, those with the newest won deals. */
const maxPeople = 500
/** Milliseconds. */
const refreshAfter = 600_000

/** How many people with a won deal took a course before they bought, and how many of them opened each lesson. */
export type OpenedBeforeDeals = { people: number; opened: (lesson: string) => number }

/**
 * Returns what the people behind the newest 500 won deals opened in a course before them, at most 10 minutes
 * old.
 */
export const openedBeforeDeals = cached<Types.ObjectId, OpenedBeforeDeals>(
  refreshAfter,
  async course => {
    const won = await FunnelProgresses.find({ 'steps.won': { $gt: new Date(0) } }, { steps: 1 })
      .sort({ 'steps.won': -1 })
      .limit(maxPeople)
    const wonAt = new Map(won.map(({ _id, steps }) => [enrolmentId(_id, course), steps.won!]))
    const enrolments = wonAt.size
      ? await Enrolments.find({ _id: { $in: [...wonAt.keys()] } }, { lessons: 1 })
      : []
    const counts = new Map<string, number>()
    let people = 0
    for (const { _id, lessons } of enrolments) {
      const before = Object.entries(lessons).filter(([, { openedAt }]) => openedAt < wonAt.get(_id)!)
      if (before.length) people++
      for (const [key] of before) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return { people, opened: lesson => counts.get(mapKey(lesson)) ?? 0 }
  },
  { max: 50 },
)
