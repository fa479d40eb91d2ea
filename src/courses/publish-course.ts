import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict, notFound, HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { announce } from './announcement'
import { isError } from './check-course'
import { checkDraft } from './check-draft'
import { Courses, type Course } from './course'
import { publishedCourses } from './published'
import { Revisions, type Revision } from './revision'

/**
 * Creates an immutable revision of the draft and gives it to new learners; learners in progress stay on their revision.
 * The first revision of a course is announced. Publishing the same draft again returns the same revision, and completes
 * a publication that was interrupted.
 *
 * @param draftNumber the draft that the author saw.
 * @throws 404 for an unknown course, 409 when the draft has been saved since, 422 while the check finds errors.
 */
export async function publishCourse({
  course: id,
  by,
  draftNumber,
}: {
  course: Types.ObjectId
  by: Types.ObjectId | null
  draftNumber: number
}): Promise<Revision> {
  const course = await Courses.findById(id)
  if (!course) throw notFound()
  if (course.draftNumber !== draftNumber) throw conflict('studio:errors.draftChanged')
  const errors = (await checkDraft(course)).filter(isError)
  if (errors.length) {
    throw new HttpError(422, 'studio:errors.notReady', { count: errors.length })
  }
  const revision = await createRevision(course, by)
  const isNew = course.published === null || !course.published.equals(revision._id)
  await Courses.updateOne(
    { _id: id, revisions: { $lte: revision.number } },
    { $set: { published: revision._id, revisions: revision.number, archived: null } },
  )
  publishedCourses.forget()
  if (revision.number === 1) await announce(id)
  if (by && isNew) {
    await audit({
      actor: by,
      action: 'course.published',
      subject: course.slug,
      detail: { number: revision.number },
    })
  }
  return revision
}

async function createRevision(course: Course, by: Types.ObjectId | null): Promise<Revision> {
  const _id = revisionId(course._id, course.draftNumber)
  const known = await Revisions.findById(_id)
  if (known) return known
  const newest = await Revisions.findOne({ course: course._id }, { number: 1 }).sort({ number: -1 })
  const revision: Revision = {
    _id,
    course: course._id,
    slug: course.slug,
    number: (newest?.number ?? 0) + 1,
    draftNumber: course.draftNumber,
    content: course.draft,
    publishedAt: now(),
    publishedBy: by,
  }
  // Another request published the same draft, or published another one and took the number.
  return (await Revisions.insertOnce(revision)) ? revision : createRevision(course, by)
}

/** A saved draft has one revision, however often it is published. */
function revisionId(course: Types.ObjectId, draftNumber: number): Types.ObjectId {
  const hash = createHash('sha256').update(`${course}:${draftNumber}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}
