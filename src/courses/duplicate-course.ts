import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import type { Course } from './course'
import { copyCrops } from './crop'
import { createWithFreeSlug } from './new-course'

/**
 * Creates a course with a copy of another one's draft: its own slug, its own list of files, unpublished, unreviewed,
 * and with nothing of its learners. Doing it again with the same `_id` returns the first copy.
 *
 * @param title of the copy.
 * @param _id the copy's id.
 */
export async function duplicateCourse(
  { _id: from, draft }: Pick<Course, '_id' | 'draft'>,
  { _id, title, by }: { _id: Types.ObjectId; title: string; by: Types.ObjectId },
): Promise<Course> {
  const content = structuredClone({ ...draft, title, checkedOn: null })
  const { course, isNew } = await createWithFreeSlug(_id, title, content, by)
  await copyCrops(from, course._id)
  if (isNew) {
    await audit({ actor: by, action: 'course.duplicated', subject: course.slug, detail: { title } })
  }
  return course
}
