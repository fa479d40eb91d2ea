import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { log } from '../platform/log'
import { subscribersAfter } from '../people/consent'
import { claim, complete } from '../platform/queue'
import { Announcements } from './announcement'
import { publishedCourses, type Published } from './published'

const batchSize = 100

/**
 * Calls `queueEmail` for the next batch of subscribers of a course announcement that is due. A course that has been
 * withdrawn since is not announced. A failed batch is retried after 5 minutes, so `queueEmail` may be called twice for
 * one subscriber and must queue one email only.
 *
 * @returns whether an announcement was due.
 */
export async function announceNextCourse(
  queueEmail: (course: Published, subscriber: Types.ObjectId) => Promise<unknown>,
): Promise<boolean> {
  const announcement = await claim(Announcements, minutes(2))
  if (!announcement) return false
  try {
    const course = (await publishedCourses()).find(each => each.course.equals(announcement._id))
    const subscribers = course ? await subscribersAfter(announcement.cursor, batchSize) : []
    for (const { person } of subscribers) await queueEmail(course!, person)
    const isLastBatch = subscribers.length < batchSize
    await complete(Announcements, announcement, {
      cursor: subscribers.at(-1)?._id ?? announcement.cursor,
      dueAt: isLastBatch ? null : now(),
      lastError: null,
    })
  } catch (error) {
    log.error({ err: error, course: announcement._id }, 'could not announce a course, will retry')
    const lastError = (error as Error).message
    await complete(Announcements, announcement, { dueAt: later(now(), minutes(5)), lastError })
  }
  return true
}
