import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { log } from '../platform/log'
import { subscribersAfter } from '../people/consent'
import { claim, complete } from '../platform/queue'
import { Announcements } from './announcement'
import { publishedCourses, type Published } from './published'

const atOnce = 100

/**
 * Has the next hundred readers written to about a course that is new. True when there was one to announce. One that was
 * withdrawn meanwhile is not announced any more; what fails is tried again after five minutes, and each reader's letter is still one.
 */
export async function announceNextCourse(
  write: (course: Published, reader: Types.ObjectId) => Promise<unknown>,
): Promise<boolean> {
  const announcement = await claim(Announcements, minutes(2))
  if (!announcement) return false
  try {
    const course = (await publishedCourses()).find(each => each.course.equals(announcement._id))
    const readers = course ? await subscribersAfter(announcement.cursor, atOnce) : []
    for (const { person } of readers) await write(course!, person)
    const isOver = readers.length < atOnce
    await complete(Announcements, announcement, {
      cursor: readers.at(-1)?._id ?? announcement.cursor,
      dueAt: isOver ? null : now(),
      lastError: null,
    })
  } catch (error) {
    log.error({ err: error, course: announcement._id }, 'a course could not be announced; it is tried again')
    const lastError = (error as Error).message
    await complete(Announcements, announcement, { dueAt: later(now(), minutes(5)), lastError })
  }
  return true
}
