import type { Types } from 'mongoose'
import { minutes, now } from '../platform/clock'
import { subscribersAfter } from '../people/consent'
import { doubling, work, type Consumer } from '../platform/queue'
import { Announcements } from './announcement'
import { publishedCourses, type Published } from './published'

const batchSize = 100

/**
 * Creates the consumer that announces new courses: calls `queueEmail` for one batch of subscribers after another. A
 * course that has been withdrawn since is not announced. A failed batch is retried, so `queueEmail` may be called twice
 * for one subscriber and must queue one email only. 20 attempts take 14 hours.
 */
export function announceCourses(
  queueEmail: (course: Published, subscriber: Types.ObjectId) => Promise<unknown>,
): Consumer {
  const policy = { lease: minutes(2), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }
  return work(Announcements, policy, async announcement => {
    const course = (await publishedCourses()).find(each => each.course.equals(announcement._id))
    const subscribers = course ? await subscribersAfter(announcement.cursor, batchSize) : []
    for (const { person } of subscribers) await queueEmail(course!, person)
    const isLastBatch = subscribers.length < batchSize
    return { cursor: subscribers.at(-1)?._id ?? announcement.cursor, dueAt: isLastBatch ? null : now() }
  })
}
