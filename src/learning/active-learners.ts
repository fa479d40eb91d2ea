import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Enrolments } from './enrolment'

/** Counts the people who were active in a course, or in one of these, in the last 30 days. */
export async function activeLearners(courses?: Types.ObjectId[]): Promise<number> {
  const [counted] = await Enrolments.aggregate<{ people: number }>([
    {
      $match: {
        lastActivityAt: { $gte: later(now(), -days(30)) },
        ...(courses && { course: { $in: courses } }),
      },
    },
    { $group: { _id: '$person' } },
    { $count: 'people' },
  ])
  return counted?.people ?? 0
}
