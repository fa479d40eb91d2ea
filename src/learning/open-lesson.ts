import { mapKey } from '../platform/record'
import { later, minutes, now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { record } from '../events/record'
import { Enrolments, type Enrolment } from './enrolment'

/** Reopening the same lesson is recorded at most this often. */
const reopenInterval = minutes(5)

/**
 * Makes a lesson the one to continue at, and records an event the first time. Writes nothing when the lesson was
 * already the last one within the past 5 minutes.
 *
 * @returns the enrolment after the change.
 */
export async function openLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const progress = enrolment.lessons[mapKey(lesson.slug)]
  const moment = now()
  if (
    progress &&
    enrolment.lastLesson === lesson.slug &&
    later(enrolment.lastActivityAt, reopenInterval) > moment
  )
    return enrolment
  if (!progress) {
    await record({
      name: 'lesson.opened',
      person: enrolment.person,
      course: enrolment.course,
      idempotencyKey: [enrolment.course, lesson.slug],
      at: moment,
      data: { lesson: lesson.slug, title: lesson.title, topics: lesson.topics },
    })
  }
  await Enrolments.updateOne(
    { _id: enrolment._id },
    {
      $set: { lastLesson: lesson.slug, lastActivityAt: moment },
      // Another tab may have opened it in between; the earlier time stays.
      ...(progress ? {} : { $min: { [`lessons.${mapKey(lesson.slug)}.openedAt`]: moment } }),
    },
  )
  return {
    ...enrolment,
    lessons: { ...enrolment.lessons, [mapKey(lesson.slug)]: progress ?? { openedAt: moment } },
    lastLesson: lesson.slug,
    lastActivityAt: moment,
  }
}
