import { doubling, work, type Consumer } from '../platform/queue'
import { minutes, now } from '../platform/clock'
import { Courses, type Course } from './course'
import { publishScheduled } from './publish-approved'
import { addToHistory } from './review'

/**
 * Creates the consumer of what follows from the steps of courses: calls `email` about the last step, which must queue
 * each email once, and `move`, which moves learners as the last publication says; and publishes what is scheduled when
 * it is time. All may run again. 20 attempts take 14 hours.
 */
export function advanceCourses({
  email,
  move,
}: Record<'email' | 'move', (course: Course) => Promise<unknown>>): Consumer {
  const policy = { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }
  return work(Courses, policy, async course => {
    await addToHistory(course)
    await email(course)
    await move(course)
    const schedule = course.review?.schedule
    if (schedule && schedule.at > now()) return { dueAt: schedule.at }
    await publishScheduled(course)
  })
}
