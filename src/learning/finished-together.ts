import type { Types } from 'mongoose'
import { cached } from '../platform/cached'
import { hours } from '../platform/clock'
import { Enrolments } from './enrolment'

/** Fewer people than these are never told of: who they are could be guessed. */
const fewest = 5

/** How many of those who finished a course are looked at. */
const maxPeople = 1000

/**
 * Returns, by course, how many of the people who finished a course also finished that one: only figures of five people
 * or more, at most an hour old.
 */
export const finishedTogether = cached<Types.ObjectId, ReadonlyMap<string, number>>(
  hours(1),
  async course => {
    const finished = await Enrolments.find(
      { course, completedAt: { $gte: new Date(0) } },
      { person: 1 },
    ).limit(maxPeople)
    if (finished.length < fewest) return new Map()
    const others = await Enrolments.find(
      { person: { $in: finished.map(({ person }) => person) }, completedAt: { $type: 'date' } },
      { course: 1 },
    )
    const counts = new Map<string, number>()
    for (const other of others) {
      if (other.course.equals(course)) continue
      const id = String(other.course)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return new Map([...counts].filter(([, count]) => count >= fewest))
  },
)
