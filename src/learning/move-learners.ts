import type { Types } from 'mongoose'
import { Courses, type Course, type Lesson } from '../courses/course'
import { revisionById, type Published } from '../courses/published'
import { mapKey } from '../platform/record'
import { now } from '../platform/clock'
import { Enrolments, type Enrolment } from './enrolment'
import { finishCourse } from './update-progress'

type Progress = Pick<Enrolment, 'lessons'>

/** What a move to other lessons means for a learner's progress. Lessons are the same when their URL names are. */
export type MoveMap = {
  /** Lessons that the learner's version doesn't have and that they haven't finished. */
  added: Lesson[]
  /** Lessons that they have finished and that stay finished. */
  kept: Lesson[]
  /** Lessons of their version that are gone. */
  removed: Lesson[]
  /** How many lessons are left, before and after the move. */
  left: { before: number; after: number }
}

/** Maps a learner's progress lesson by lesson: what is finished stays finished. */
export function moveMap(enrolment: Progress, from: Lesson[], to: Lesson[]): MoveMap {
  const isDone = ({ slug }: Lesson) => enrolment.lessons[mapKey(slug)]?.completedAt !== undefined
  const isIn = (lessons: Lesson[]) => (lesson: Lesson) => lessons.some(({ slug }) => slug === lesson.slug)
  const [before, after] = [from, to].map(lessons => lessons.filter(lesson => !isDone(lesson)))
  return {
    added: after!.filter(lesson => !isIn(from)(lesson)),
    kept: to.filter(isDone),
    removed: from.filter(lesson => !isIn(to)(lesson)),
    left: { before: before!.length, after: after!.length },
  }
}

/** Learners beyond this number aren't read to tell what a publication means for each. */
const maxRead = 5000

export type MoveEffect = {
  /** Learners who have begun and not finished, on any version. */
  inProgress: number
  /** How many of those who were read get more lessons to do. */
  withMore: number
  /** Those who had at most one lesson left, and get others before it is the last again. */
  setBack: { person: Types.ObjectId; lesson: Lesson }[]
  /** How many have finished a lesson that the new version changes. */
  finishedChanged: number
}

/** Returns what moving all learners in progress to these lessons means for them. */
export async function effectOfMove(
  { _id: course }: Pick<Course, '_id'>,
  to: Lesson[],
  changed: readonly string[],
): Promise<MoveEffect> {
  const filter = { course, completedAt: null, revokedAt: null }
  const [inProgress, learners] = await Promise.all([
    Enrolments.count(filter),
    Enrolments.find(filter, { person: 1, revision: 1, lessons: 1 }).limit(maxRead),
  ])
  const effect: MoveEffect = { inProgress, withMore: 0, setBack: [], finishedChanged: 0 }
  for (const learner of learners) {
    const from = await revisionById(learner.revision)
    if (!from) continue
    const { added, left } = moveMap(learner, from.lessons, to)
    if (added.length) effect.withMore++
    if (added.length && left.before <= 1) effect.setBack.push({ person: learner.person, lesson: added[0]! })
    if (changed.some(slug => learner.lessons[mapKey(slug)]?.completedAt)) effect.finishedChanged++
  }
  return effect
}

/**
 * Moves a learner to another revision of the course. Progress stays, lesson by lesson; certificates and a finished
 * course stay too. A learner for whom nothing is left to do finishes the course. Moving again changes nothing.
 */
export async function moveLearner(enrolment: Readonly<Enrolment>, to: Published): Promise<void> {
  const { _id, revision, person, course } = enrolment
  if (revision.equals(to.revision)) return
  const at = now()
  const moved = await Enrolments.findOneAndUpdate(
    { _id, revision },
    { $set: { revision: to.revision, movedFrom: { revision, at } } },
    { returnDocument: 'after' },
  )
  if (moved) await finishCourse(moved, { person, course, at })
}

/**
 * What follows from a course's last publication for its learners: moves those in progress to it if its author has
 * decided so, and those who haven't begun on it back once it was undone. It may run again at any time.
 */
export async function followPublication({ _id: course, published, review }: Course): Promise<void> {
  const publication = review?.publication
  if (!publication) return
  const { revision, former, move, isUndone } = publication
  if (isUndone && former) await moveBack(course, revision, former)
  if (!move || isUndone || !published?.equals(revision)) return
  const to = await revisionById(revision)
  const behind = { course, completedAt: null, revokedAt: null, revision: { $ne: revision } }
  for (const enrolment of await Enrolments.find(behind)) await moveLearner(enrolment, to!)
  // Someone may have undone it meanwhile, and another worker may already have brought back those moved until then.
  const current = await Courses.findById(course)
  if (current && current.review?.number !== review.number) await followPublication(current)
}

/** Moves learners who haven't opened a lesson since they got a revision back to the one before. */
async function moveBack(
  course: Types.ObjectId,
  revision: Types.ObjectId,
  former: Types.ObjectId,
): Promise<void> {
  const fields = { lessons: 1, movedFrom: 1, lastActivityAt: 1 } as const
  for (const { _id, lessons, movedFrom, lastActivityAt } of await Enrolments.find(
    { course, revision },
    fields,
  )) {
    const hasBegun = movedFrom ? lastActivityAt > movedFrom.at : Object.keys(lessons).length > 0
    if (hasBegun) continue
    await Enrolments.updateOne(
      { _id, revision, lastActivityAt },
      { $set: { revision: movedFrom?.revision ?? former }, $unset: { movedFrom: 1 } },
    )
  }
}
