import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict, notFound, HttpError } from '../platform/errors'
import { announce } from './announcement'
import { isError } from './check-course'
import { checkDraft } from './check-draft'
import { Courses, type Course } from './course'
import { publishedCourses } from './published'
import { isApproved, keptReview, overtaken, takeStep } from './review'
import { Revisions, type Revision } from './revision'

/**
 * Creates an immutable revision of the draft and gives it to new learners. The first revision of a course is announced.
 * Publishing the same draft again returns the same revision, and completes a publication that was interrupted. Whether
 * it needs an approval is up to the caller (publish-approved.ts).
 *
 * @param draftNumber the draft that the author saw.
 * @param note what has changed, for learners of an older version.
 * @param step the course's last step that the caller decided on; without it, whatever the last one is.
 * @param move whether learners in progress are moved to it (learning/move-learners.ts); by default they stay.
 * @throws 404 for an unknown course, 409 when the draft has been saved since or another step was taken meanwhile, 422
 *   while the check finds errors.
 */
export async function publishCourse({
  course: id,
  by,
  draftNumber,
  step,
  note = '',
  move = false,
}: {
  course: Types.ObjectId
  by: Types.ObjectId | null
  draftNumber: number
  step?: number
  note?: string
  move?: boolean
}): Promise<Revision> {
  const course = await Courses.findById(id)
  if (!course) throw notFound()
  if (course.draftNumber !== draftNumber) throw conflict('studio:errors.draftChanged')
  const isDone = course.published?.equals(revisionId(id, draftNumber)) ?? false
  // Someone has requested changes or cancelled the schedule since the caller looked.
  if (!isDone && step !== undefined && step !== (course.review?.number ?? 0)) throw overtaken()
  const errors = (await checkDraft(course)).filter(isError)
  if (errors.length) {
    throw new HttpError(422, 'studio:errors.notReady', { count: errors.length })
  }
  const revision = await createRevision(course, by, note)
  if (!isDone) await publishRevision(course, revision, { by, note, move })
  publishedCourses.forget()
  // The first version may have been undone.
  if (revision.number === 1 || !course.published) await announce(id)
  return revision
}

/** Makes a revision the published one, unless another request has done so meanwhile. */
async function publishRevision(
  course: Course,
  revision: Revision,
  { by, note, move }: { by: Types.ObjectId | null; note: string; move: boolean },
): Promise<void> {
  const { _id, draftNumber, published: former, archived } = course
  const publication = {
    ...{ at: now(), by, revision: revision._id, draftNumber, former, archived, move },
    isUndone: false,
  }
  try {
    await takeStep(
      course,
      {
        ...keptReview(course),
        ...{ action: 'published', by, note, publication },
        ...{ waitingFor: null, schedule: null },
      },
      {
        only: { draftNumber },
        set: { published: revision._id, revisions: revision.number, archived: null },
        detail: { number: revision.number },
      },
    )
  } catch (error) {
    const current = await Courses.findById(_id)
    if (!current?.published?.equals(revision._id)) throw error
  }
}

async function createRevision(course: Course, by: Types.ObjectId | null, note: string): Promise<Revision> {
  const _id = revisionId(course._id, course.draftNumber)
  const known = await Revisions.findById(_id)
  if (known) {
    const publication = course.review?.publication
    const isUndone = publication?.isUndone && publication.revision.equals(_id)
    return isUndone ? publishedAgain(known, course, { by, note }) : known
  }
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
    ...(note && { note }),
    ...(isApproved(course) && { approvedBy: course.review!.approval!.by }),
  }
  // Another request published the same draft, or published another one and took the number.
  return (await Revisions.insertOnce(revision)) ? revision : createRevision(course, by, note)
}

/** A version that was undone says how it was published in the end; what it teaches stays as it is. */
async function publishedAgain(
  { _id }: Revision,
  course: Course,
  { by, note }: { by: Types.ObjectId | null; note: string },
): Promise<Revision> {
  const approvedBy = isApproved(course) ? course.review!.approval!.by : undefined
  const update = {
    $set: { publishedAt: now(), publishedBy: by, ...(note && { note }), ...(approvedBy && { approvedBy }) },
    $unset: { ...(!note && { note: 1 }), ...(!approvedBy && { approvedBy: 1 }) },
  }
  return (await Revisions.findOneAndUpdate({ _id }, update, { returnDocument: 'after' }))!
}

/** A saved draft has one revision, however often it is published. */
function revisionId(course: Types.ObjectId, draftNumber: number): Types.ObjectId {
  const hash = createHash('sha256').update(`${course}:${draftNumber}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}
