import { later, minutes, now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { record } from '../events/record'
import { Enrolments, type Enrolment } from './enrolment'

/** Coming back to the same lesson is written down at most this often. */
const quiet = minutes(5)

/**
 * Notes that a learner has opened a lesson: the first time as an event, and always as the place to continue at. Writes
 * nothing when the lesson was the last one anyway.
 *
 * @returns the enrolment afterwards.
 */
export async function openLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const known = enrolment.lessons[lesson.slug]
  const moment = now()
  if (known && enrolment.lastLesson === lesson.slug && later(enrolment.lastActivityAt, quiet) > moment)
    return enrolment
  if (!known) {
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
      // A second tab may have opened it in between: the first moment stands.
      ...(known ? {} : { $min: { [`lessons.${lesson.slug}.openedAt`]: moment } }),
    },
  )
  return {
    ...enrolment,
    lessons: { ...enrolment.lessons, [lesson.slug]: known ?? { openedAt: moment } },
    lastLesson: lesson.slug,
    lastActivityAt: moment,
  }
}
