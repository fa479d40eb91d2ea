import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { conflict } from '../platform/errors'
import { Comments } from './comment'
import { Courses, type Course } from './course'
import { CourseInvitations } from './invitation'
import { PreviewLinks } from './preview-link'
import { ReplacedDrafts } from './replace-draft'
import { ReviewSteps } from './review'
import { SavedPoints } from './saved-point'

/** Whether a course may be deleted: it was never published, so nobody outside the team knows of it. */
export const canDelete = ({ revisions, published }: Pick<Course, 'revisions' | 'published'>) =>
  revisions === 0 && published === null

/**
 * Deletes a course that was never published, with its comments, versions of the draft, links and invitations. The
 * course goes last: a deletion that was interrupted can be done again, and deleting it again changes nothing.
 *
 * @throws 409 when it was published, or is published at the same moment.
 */
export async function deleteCourse({
  course: id,
  by,
}: {
  course: Types.ObjectId
  by: Types.ObjectId
}): Promise<void> {
  const course = await Courses.findById(id)
  if (!course) return
  if (!canDelete(course)) throw conflict('studio:errors.wasPublished')
  const own = { course: id }
  await Promise.all([
    Comments.deleteMany(own),
    CourseInvitations.deleteMany(own),
    PreviewLinks.deleteMany(own),
    ReplacedDrafts.deleteMany(own),
    ReviewSteps.deleteMany(own),
    SavedPoints.deleteMany(own),
  ])
  const { deletedCount } = await Courses.deleteOne({ _id: id, revisions: 0, published: null })
  if (!deletedCount && (await Courses.findById(id))) throw conflict('studio:errors.wasPublished')
  if (!deletedCount) return
  const detail = { title: course.draft.title }
  await audit({ actor: by, action: 'course.deleted', subject: course.slug, detail })
}
