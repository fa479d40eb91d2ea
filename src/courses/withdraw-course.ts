import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { cancelEmails } from '../mail/delete-emails'
import { Courses } from './course'
import { publishedCourses } from './published'

/**
 * Removes a course from the catalogue and cancels unsent emails that announce it. Enrolled learners keep their access.
 * Withdrawing it again changes nothing.
 */
export async function withdrawCourse({
  course,
  by,
}: {
  course: Types.ObjectId
  by: Types.ObjectId
}): Promise<void> {
  const before = await Courses.findOneAndUpdate(
    { _id: course, published: { $ne: null } },
    { $set: { published: null } },
  )
  publishedCourses.forget()
  await cancelEmails(`newCourse:${course}:`)
  if (before) await audit({ actor: by, action: 'course.withdrawn', subject: before.slug })
}
