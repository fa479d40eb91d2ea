import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { date, defineRecord, free, number, objectId, type RecordOf } from '../platform/record'
import { Courses, type Course, type CourseContent } from './course'
import { Revisions } from './revision'
import { isSameContent, saveDraft } from './save-draft'

/** A draft that was replaced as a whole before it was published. */
export const ReplacedDrafts = defineRecord(
  'ReplacedDraft',
  'replaced_drafts',
  {
    course: objectId(),
    /** The `draftNumber` that the draft had. */
    draftNumber: number(),
    content: free<CourseContent>(),
    replacedAt: date(),
  },
  { indexes: [[{ course: 1, draftNumber: -1 }, { unique: true }]] },
)
export type ReplacedDraft = RecordOf<typeof ReplacedDrafts>

/** The replaced drafts that each course keeps: the newest ones. */
const maxReplacedDrafts = 20

/**
 * Replaces the whole draft of a course. The old draft can be restored: as a version if it was published, otherwise as a
 * replaced draft. An identical draft isn't replaced.
 *
 * @returns the course after the save.
 * @throws 404 for an unknown course, 409 when someone else saves the draft meanwhile, 422 when it is too large.
 */
export async function replaceDraft(
  id: Types.ObjectId,
  content: CourseContent,
  by?: Types.ObjectId,
): Promise<Course> {
  const course = await Courses.findById(id)
  if (!course) throw notFound()
  const { draft, draftNumber } = course
  if (isSameContent(draft, content)) return course
  // Kept first: an interruption leaves a copy too many, not a draft too few.
  await keepDraft(course)
  return saveDraft({ course: id, draftNumber, content, by })
}

/**
 * Makes sure that a draft can be restored after it has been changed.
 *
 * @returns where it is kept: as the version that was published from it, or as a replaced draft with its number.
 */
export async function keepDraft({
  _id,
  draftNumber,
  draft,
}: Pick<Course, '_id' | 'draftNumber' | 'draft'>): Promise<{ version: number } | { draftNumber: number }> {
  const revision = await Revisions.findOne({ course: _id, draftNumber }, { number: 1 })
  if (revision) return { version: revision.number }
  await keep(_id, draftNumber, draft)
  return { draftNumber }
}

async function keep(course: Types.ObjectId, draftNumber: number, content: CourseContent): Promise<void> {
  await ReplacedDrafts.insertOnce({ course, draftNumber, content, replacedAt: now() })
  const [excess] = await ReplacedDrafts.find({ course }, { draftNumber: 1 })
    .sort({ draftNumber: -1 })
    .skip(maxReplacedDrafts)
    .limit(1)
  if (excess) await ReplacedDrafts.deleteMany({ course, draftNumber: { $lte: excess.draftNumber } })
}
