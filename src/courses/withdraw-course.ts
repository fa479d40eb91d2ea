import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { cancelEmails } from '../mail/delete-emails'
import { Courses } from './course'
import { publishedCourses } from './published'
import { cancelSchedule } from './review'

/**
 * Removes a course from the catalogue, and cancels a scheduled publication and unsent emails that announce it. Enrolled
 * learners keep their access. Withdrawing it again changes nothing.
 *
 * @throws 409 when another step was taken at the same moment as the schedule is cancelled.
 */
export async function withdrawCourse({
  course: id,
  by,
}: {
  course: Types.ObjectId
  by: Types.ObjectId
}): Promise<void> {
  const course = await Courses.findById(id, { published: 1, review: 1 })
  // It would bring the course back.
  if (course?.published && course.review?.schedule) {
    await cancelSchedule({ course: id, by, step: course.review.number })
  }
  const before = await Courses.findOneAndUpdate(
    { _id: id, published: { $ne: null } },
    { $set: { published: null } },
  )
  publishedCourses.forget()
  await cancelEmails(`newCourse:${id}:`)
  if (before) await audit({ actor: by, action: 'course.withdrawn', subject: before.slug })
}
