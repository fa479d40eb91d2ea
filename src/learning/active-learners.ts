import { days, later, now } from '../platform/clock'
import { Enrolments } from './enrolment'

/** Counts the people who were active in a course in the last 30 days. */
export async function activeLearners(): Promise<number> {
  const [counted] = await Enrolments.aggregate<{ people: number }>([
    { $match: { lastActivityAt: { $gte: later(now(), -days(30)) } } },
    { $group: { _id: '$person' } },
    { $count: 'people' },
  ])
  return counted?.people ?? 0
}
