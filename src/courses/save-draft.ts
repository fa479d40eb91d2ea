import { isDeepStrictEqual } from 'node:util'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict, notFound, HttpError } from '../platform/errors'
import { courseCaps, isTooLarge } from './content'
import { Courses, type Course, type CourseContent } from './course'
import { withMediaSeconds } from './media-seconds'
import { queueOutsideLinks } from './outside-link'
import { keepSavedPoints, type DraftChange } from './saved-point'

/** A module or a lesson that was added, or a lesson that was changed once, and the press of the button that did it. */
export type Addition = { submission: string; slug: string }

/** A second press of a button, or the end of what was interrupted, comes before so many more additions. */
const maxAdditions = 50

/**
 * Saves a draft over the one with `draftNumber`. An identical draft isn't saved again. `addition` is what the draft has
 * that the one before hadn't, for `addOnce`. The lessons that it changes are kept as they were (saved-point.ts), and
 * whoever saves (`by`) can't approve the draft if it is in review.
 *
 * @returns the course after the save.
 * @throws 404 for an unknown course, 409 when someone else has saved since, 422 when the draft exceeds `courseCaps`.
 */
export async function saveDraft({
  course,
  draftNumber,
  content: given,
  addition,
  ...change
}: DraftChange & {
  course: Types.ObjectId
  draftNumber: number
  content: CourseContent
  addition?: Addition
}): Promise<Course> {
  const content = withMediaSeconds(given)
  if (isTooLarge(content)) throw new HttpError(422, 'studio:faults.courseTooLarge', courseCaps)
  const before = await Courses.findById(course)
  if (!before) throw notFound()
  if (before.draftNumber !== draftNumber) throw conflict('studio:errors.draftChanged')
  if (isSameContent(before.draft, content)) return before
  // Kept first: an interruption leaves a copy too many.
  await keepSavedPoints(course, before, content, change)
  const saved = await Courses.findOneAndUpdate(
    { _id: course, draftNumber },
    {
      $set: { draft: content, changedAt: now() },
      $inc: { draftNumber: 1 },
      ...(change.by && { $addToSet: { editors: change.by } }),
      ...(addition && { $push: { additions: { $each: [addition], $slice: -maxAdditions } } }),
    },
    { returnDocument: 'after' },
  )
  if (!saved) throw conflict('studio:errors.draftChanged')
  await queueOutsideLinks(course, content)
  return saved
}

/** Whether two drafts are stored alike: a field that is undefined is the same as one that is missing. */
export function isSameContent(a: CourseContent, b: CourseContent): boolean {
  const plain = (content: CourseContent): unknown => JSON.parse(JSON.stringify(content))
  return isDeepStrictEqual(plain(a), plain(b))
}
