import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { cancelEmails } from '../mail/delete-emails'
import { Courses } from './course'
import { publishedCourses } from './published'

/** Takes a course out of the catalogue, and letters about it that are not sent yet out of the outbox. Whoever has begun it keeps it. Withdrawing it again changes nothing. */
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
  ).lean<{ slug: string }>()
  publishedCourses.forget()
  await cancelEmails(`newCourse:${course}:`)
  if (before) await audit({ actor: by, action: 'course.withdrawn', subject: before.slug })
}
