import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { cancelEmails } from '../mail/delete-emails'
import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { Courses } from './course'
import { publishedCourses } from './published'
import { cancelSchedule } from './review'

/**
 * Archives a course: it leaves the catalogue and nobody new can enrol, those in progress can finish, and its page says
 * so. A scheduled publication is cancelled. Archiving it again changes nothing.
 *
 * @throws 404 for an unknown course, 409 when it is published or withdrawn at the same moment.
 */
export async function archiveCourse({
  course: id,
  by,
}: {
  course: Types.ObjectId
  by: Types.ObjectId
}): Promise<void> {
  const course = await Courses.findById(id, { slug: 1, published: 1, archived: 1, review: 1 })
  if (!course) throw notFound()
  if (course.archived) return
  // It would bring the course back.
  if (course.review?.schedule) await cancelSchedule({ course: id, by, step: course.review.number })
  const changed = await Courses.findOneAndUpdate(
    { _id: id, published: course.published },
    { $set: { published: null, archived: { at: now(), revision: course.published } } },
  )
  publishedCourses.forget()
  if (!changed) throw conflict('studio:errors.draftChanged')
  await cancelEmails(`newCourse:${id}:`)
  await audit({ actor: by, action: 'course.archived', subject: course.slug })
}

/**
 * Brings an archived course back, with the version that new learners had; one that wasn't published then is a draft
 * again. Bringing it back again changes nothing.
 *
 * @returns whether it is published again.
 * @throws 404 for an unknown course.
 */
export async function unarchiveCourse({
  course: id,
  by,
}: {
  course: Types.ObjectId
  by: Types.ObjectId
}): Promise<boolean> {
  const course = await Courses.findById(id, { slug: 1, published: 1, archived: 1 })
  if (!course) throw notFound()
  if (!course.archived) return course.published !== null
  const { revision } = course.archived
  const changed = await Courses.findOneAndUpdate(
    { _id: id, 'archived.at': course.archived.at },
    { $set: { published: revision, archived: null } },
  )
  publishedCourses.forget()
  if (changed) await audit({ actor: by, action: 'course.unarchived', subject: course.slug })
  return revision !== null
}
