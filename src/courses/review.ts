import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import {
  date,
  defineRecord,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import { allowsOwnEdits } from './publishing-rule'
import { Courses, reviewActions, type Course, type CourseReview } from './course'

/** The history of a course's steps, oldest first: who did what to which draft, when and why. Never changed. */
export const ReviewSteps = defineRecord(
  'ReviewStep',
  'review_steps',
  {
    /** `course:number`. */
    _id: string(),
    course: objectId(),
    number: number(),
    action: oneOf(reviewActions),
    by: nullable(objectId()),
    at: date(),
    note: string(),
    draftNumber: number(),
    /** When it will be published, for a `scheduled` step. */
    publishAt: nullable(date()),
  },
  { indexes: [[{ course: 1, number: -1 }]] },
)
export type ReviewStep = RecordOf<typeof ReviewSteps>

export type CourseStatus =
  'draft' | 'in-review' | 'changes-requested' | 'approved' | 'scheduled' | 'published'
type Reviewed = Pick<Course, 'draftNumber' | 'review'>

/**
 * Returns where a draft is on its way to learners. An approval and a schedule are about one draft, so the next save
 * ends them.
 *
 * @param publishedDraft the `draftNumber` of the published revision, if there is one.
 */
export function draftStatus({ draftNumber, review }: Reviewed, publishedDraft?: number): CourseStatus {
  if (publishedDraft === draftNumber) return 'published'
  if (review?.schedule?.draftNumber === draftNumber) return 'scheduled'
  if (isApproved({ draftNumber, review })) return 'approved'
  if (review?.waitingFor === 'reviewer') return 'in-review'
  return review?.waitingFor === 'authors' ? 'changes-requested' : 'draft'
}

/** Whether a reviewer has approved the draft as it is now. */
export function isApproved({ draftNumber, review }: Reviewed): boolean {
  return review?.approval?.draftNumber === draftNumber
}

/** What a save has ended: the approval or the schedule of the draft before it; null when it has ended neither. */
export function endedByEdit({ draftNumber, review }: Reviewed): 'approval' | 'schedule' | null {
  if (review?.schedule && review.schedule.draftNumber !== draftNumber) return 'schedule'
  const { approval = null, publication = null } = review ?? {}
  if (!approval || approval.draftNumber === draftNumber) return null
  const isUsed = !publication?.isUndone && approval.draftNumber === publication?.draftNumber
  return isUsed ? null : 'approval'
}

/** Who takes a step from which one, and why. `step` is the number of the last step that the person saw; 0 for none. */
export type StepInput = { course: Types.ObjectId; by: Types.ObjectId; step: number; note?: string }

/** Asks the course's reviewers to review the draft. @throws 409 when it is in review, approved or published. */
export async function requestReview({ course: id, by, step, note = '' }: StepInput): Promise<Course> {
  const course = await courseAt(id, step)
  if (course.review?.waitingFor === 'reviewer' || isApproved(course)) throw overtaken()
  return takeStep(
    course,
    { ...keptReview(course), action: 'requested', by, note, waitingFor: 'reviewer', requestedBy: by },
    { set: { editors: [] } },
  )
}

/** Takes a request for a review back. @throws 409 when the draft isn't in review. */
export async function withdrawRequest({ course: id, by, step, note = '' }: StepInput): Promise<Course> {
  const course = await courseAt(id, step)
  if (course.review?.waitingFor !== 'reviewer') throw overtaken()
  return takeStep(course, { ...keptReview(course), action: 'request-withdrawn', by, note, waitingFor: null })
}

/**
 * Approves the draft that the reviewer saw.
 *
 * @throws 409 when it isn't in review, has been saved since, or when the reviewer has asked for the review or
 *   changed the draft since.
 */
export async function approveDraft({
  course: id,
  by,
  step,
  note = '',
  draftNumber,
}: StepInput & { draftNumber: number }): Promise<Course> {
  const course = await courseAt(id, step)
  if (course.draftNumber !== draftNumber) throw conflict('studio:errors.draftChanged')
  if (course.review?.waitingFor !== 'reviewer') throw overtaken()
  if (course.review.requestedBy?.equals(by)) throw conflict('studio:errors.ownRequest')
  if (hasEdited(course, by) && !(await allowsOwnEdits())) throw conflict('studio:errors.ownEdits')
  const approval = { by, at: now(), draftNumber }
  return takeStep(
    course,
    { ...keptReview(course), action: 'approved', by, note, waitingFor: null, approval },
    { only: { draftNumber } },
  )
}

/** Whether a person has changed the draft since it was last sent for review. */
export function hasEdited({ editors = [] }: Pick<Course, 'editors'>, person: Types.ObjectId): boolean {
  return editors.some(editor => editor.equals(person))
}

/** Asks the authors for changes; `note` says which. @throws 409 when the draft is neither in review nor approved. */
export async function requestChanges({ course: id, by, step, note = '' }: StepInput): Promise<Course> {
  const course = await courseAt(id, step)
  if (course.review?.waitingFor !== 'reviewer' && !isApproved(course)) throw overtaken()
  return takeStep(course, {
    ...keptReview(course),
    action: 'changes-requested',
    by,
    note,
    waitingFor: 'authors',
    approval: null,
    schedule: null,
  })
}

/** Cancels a scheduled publication. @throws 409 when none is scheduled. */
export async function cancelSchedule({ course: id, by, step, note = '' }: StepInput): Promise<Course> {
  const course = await courseAt(id, step)
  if (!course.review?.schedule) throw overtaken()
  return takeStep(course, { ...keptReview(course), action: 'schedule-cancelled', by, note, schedule: null })
}

/** @throws 404 for an unknown course, 409 when another step was taken since the one that the person saw. */
export async function courseAt(id: Types.ObjectId, step: number): Promise<Course> {
  const course = await Courses.findById(id)
  if (!course) throw notFound()
  if ((course.review?.number ?? 0) !== step) throw overtaken()
  return course
}

/** For a step that someone else was quicker with: the page shows theirs. */
export const overtaken = () => conflict('studio:errors.overtaken')

type NextReview = Omit<CourseReview, 'number' | 'at'>

/** Returns what a step about the current draft leaves as it is. */
export function keptReview({ draftNumber, review }: Reviewed): Omit<NextReview, 'action' | 'by' | 'note'> {
  return {
    draftNumber,
    waitingFor: review?.waitingFor ?? null,
    requestedBy: review?.requestedBy ?? null,
    approval: review?.approval ?? null,
    schedule: review?.schedule ?? null,
    publication: review?.publication ?? null,
  }
}

/**
 * Takes the next step of a course, as one update that only one of two people can make, and adds it to the history.
 *
 * @param course as it was when the step was decided on.
 * @param options.only what else the course has to be like.
 * @param options.set what else the step changes.
 * @param options.detail what else the audit log says.
 * @throws 409 when another step was taken meanwhile, or `only` isn't met.
 */
export async function takeStep(
  course: Course,
  next: NextReview,
  {
    only = {},
    set = {},
    detail = {},
  }: {
    only?: { draftNumber?: number; published?: Types.ObjectId }
    set?: Partial<Pick<Course, 'published' | 'revisions' | 'archived' | 'editors'>>
    detail?: Record<string, unknown>
  } = {},
): Promise<Course> {
  const { _id, slug, review } = course
  // If the process ended after the step before, only the course knows it.
  await addToHistory(course)
  const at = now()
  const step = { ...next, number: (review?.number ?? 0) + 1, at }
  const saved = await Courses.findOneAndUpdate(
    { _id, ...only, ...(review ? { 'review.number': review.number } : { review: { $exists: false } }) },
    // A worker that has begun with the step before doesn't write its result any more.
    {
      $set: {
        ...set,
        review: step,
        dueAt: at,
        attempts: 0,
        failedAt: null,
        leaseToken: null,
        leaseUntil: null,
      },
    },
    { returnDocument: 'after' },
  )
  if (!saved) throw overtaken()
  await addToHistory(saved)
  wakeWorker.emit('due', Courses.queue)
  if (next.by) {
    const { note, draftNumber } = next
    await audit({
      actor: next.by,
      action: `course.${next.action}`,
      subject: slug,
      detail: { draftNumber, ...detail, ...(note && { note }) },
    })
  }
  return saved
}

/** Returns the request that the draft's authors haven't answered yet; null when there is none. */
export function requestedChanges({ _id: course, review }: Course): Promise<ReviewStep | null> | null {
  if (review?.waitingFor !== 'authors') return null
  return ReviewSteps.findOne({ course, action: 'changes-requested' }).sort({ number: -1 })
}

/** Adds the last step of a course to its history; again changes nothing. */
export async function addToHistory({ _id: course, review }: Pick<Course, '_id' | 'review'>): Promise<void> {
  if (!review) return
  const { number, action, by, at, note, draftNumber, schedule } = review
  await ReviewSteps.insertOnce({
    _id: `${course}:${number}`,
    course,
    ...{ number, action, by, at, note, draftNumber },
    publishAt: action === 'scheduled' ? (schedule?.at ?? null) : null,
  })
}
