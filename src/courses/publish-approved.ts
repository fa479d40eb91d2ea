import type { Types } from 'mongoose'
import { People } from '../people/person'
import { hours, later, minutes, now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { cancelAnnouncement } from './announcement'
import { isError } from './check-course'
import { checkDraft } from './check-draft'
import { Courses, type Course } from './course'
import { coursePermissions } from './course-role'
import { publishCourse } from './publish-course'
import { publishedCourses } from './published'
import { needsApproval } from './publishing-rule'
import { courseAt, isApproved, keptReview, overtaken, takeStep, type StepInput } from './review'
import type { Revision } from './revision'

type PublicationInput = StepInput & { draftNumber: number; move?: boolean }

/**
 * Publishes a draft that needs no approval, or has one. Repeating it returns the same revision.
 *
 * @param input.note what has changed, for learners of an older version.
 * @throws 409 when the draft has been saved since, another step was taken meanwhile, or an approval is missing; 422
 *   while the check finds errors.
 */
export async function publishApproved(input: PublicationInput): Promise<Revision> {
  const { course: id, draftNumber } = input
  const course = await Courses.findById(id)
  if (course && !isPublication(course, draftNumber)) {
    await courseAt(id, input.step)
    await requireApproval(course)
  }
  return publishCourse(input)
}

/** Whether this draft is what the last publication made public: a second press of the button. */
function isPublication({ published, review }: Course, draftNumber: number): boolean {
  const publication = review?.publication
  return publication?.draftNumber === draftNumber && (published?.equals(publication.revision) ?? false)
}

/** @throws 409 when the course needs an approval and its draft has none. */
async function requireApproval(course: Course): Promise<void> {
  if (!isApproved(course) && (await needsApproval(course))) throw conflict('studio:errors.notApproved')
}

/** How far ahead a publication can be scheduled. */
const longestSchedule = hours(24 * 365)

/**
 * Schedules the publication of a draft; saving it again, or a request for changes, ends the schedule.
 *
 * @throws 409 as `publishApproved` does, 422 for a time that has passed or is more than a year away, and while the
 *   check finds errors.
 */
export async function schedulePublication({
  course: id,
  by,
  step,
  note = '',
  draftNumber,
  move = false,
  at,
}: PublicationInput & { at: Date }): Promise<Course> {
  const course = await courseAt(id, step)
  if (course.draftNumber !== draftNumber) throw conflict('studio:errors.draftChanged')
  if (isPublication(course, draftNumber)) throw overtaken()
  if (at <= now()) throw new HttpError(422, 'studio:errors.timePassed')
  if (at > later(now(), longestSchedule)) throw new HttpError(422, 'studio:errors.timeTooFar')
  await requireApproval(course)
  const errors = (await checkDraft(course)).filter(isError)
  if (errors.length) throw new HttpError(422, 'studio:errors.notReady', { count: errors.length })
  const schedule = { at, by, draftNumber, note, move }
  return takeStep(
    course,
    { ...keptReview(course), action: 'scheduled', by, note, waitingFor: null, schedule },
    { only: { draftNumber } },
  )
}

/** How long a publication can be undone. */
export const undoWithin = minutes(10)

/** Whether the last publication is still the published revision, and new enough to be undone. */
export function canUndo({ published, review }: Pick<Course, 'published' | 'review'>): boolean {
  const publication = review?.publication
  if (!publication || !published?.equals(publication.revision)) return false
  return now() < later(publication.at, undoWithin)
}

/**
 * Takes a publication back: new learners get the revision that it replaced, or none if it was the first. Learners who
 * have opened a lesson of the new revision stay on it (learning/move-learners.ts).
 *
 * @throws 409 after ten minutes, or when another step was taken meanwhile.
 */
export async function undoPublication({ course: id, by, step, note = '' }: StepInput): Promise<Course> {
  const course = await courseAt(id, step)
  if (!canUndo(course)) throw conflict('studio:errors.undoTooLate')
  const publication = course.review!.publication!
  const { former, archived, revision } = publication
  const undone = await takeStep(
    course,
    {
      ...keptReview(course),
      action: 'publication-undone',
      by,
      note,
      publication: { ...publication, isUndone: true },
    },
    { only: { published: revision }, set: { published: former, archived } },
  )
  publishedCourses.forget()
  if (!former) await cancelAnnouncement(id)
  return undone
}

/** Why a scheduled publication didn't happen. */
type MissedReason = 'edited' | 'notReady' | 'notApproved' | 'noPermission'

/** Whether a person may publish a course: not once they have left, lost their account or changed to another role. */
export async function canStillPublish(
  course: Pick<Course, 'team'>,
  person: Types.ObjectId,
): Promise<boolean> {
  const found = await People.findOne({ _id: person, suspendedAt: null, erasedAt: null }, { role: 1 })
  return found !== null && coursePermissions(found, course).has('publish')
}

/**
 * Publishes what is scheduled and due, or records why it isn't published. Repeating it, as after an interruption, does
 * nothing else.
 */
export async function publishScheduled(course: Course): Promise<void> {
  const { _id, draftNumber, review } = course
  const schedule = review?.schedule
  if (!schedule || schedule.at > now()) return
  const { note, by, move } = schedule
  const isEdited = schedule.draftNumber !== draftNumber
  const reason = isEdited ? 'edited' : await attempt()
  if (!reason) return
  await takeStep(course, {
    ...keptReview(course),
    ...{ action: 'schedule-refused', by: null, note: reason, schedule: null },
  })

  async function attempt(): Promise<MissedReason | null> {
    if (!(await canStillPublish(course, by))) return 'noPermission'
    try {
      await requireApproval(course)
      await publishCourse({ course: _id, by, draftNumber, step: review!.number, note, move })
      return null
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      if (error.key === 'studio:errors.notReady') return 'notReady'
      if (error.key === 'studio:errors.notApproved') return 'notApproved'
      if (error.key === 'studio:errors.draftChanged') return 'edited'
      // Someone cancelled it, or published it, at the same moment.
      return null
    }
  }
}
