import type { Types } from 'mongoose'
import { notFound } from '../platform/errors'
import { changeDraft } from './change-draft'
import type { Course, CourseContent, Lesson } from './course'
import { lessonNamed, lessonSeenLike, replaceLesson } from './outline'
import { isSameLesson, SavedPoints, type SavedPoint } from './saved-point'

type Where = { course: Types.ObjectId; lesson: string }

/** Returns the saved points of a lesson without their texts, the newest first. */
export function savedPointsOf({ course, lesson }: Where) {
  const fields = { draftNumber: 1, changedAt: 1, changedBy: 1 } as const
  return SavedPoints.find({ course, lesson }, fields).sort({ changedAt: -1, draftNumber: -1 })
}

/** Returns a saved point of a lesson by the number of the draft that it was in, or null. */
export function savedPoint({ course, lesson }: Where, draftNumber: number): Promise<SavedPoint | null> {
  return SavedPoints.findOne({ course, lesson, draftNumber })
}

/**
 * Makes a lesson what it was at a saved point. What it was until now is a saved point too, so that this can be undone.
 *
 * @param by who restores it, and whether they have a say in who sees the lesson; otherwise that stays as it is.
 * @returns the course after the save, and the number of the draft that the lesson was in until now; null when nothing
 *   has changed.
 * @throws 404 for an unknown point or lesson, and as `changeDraft` does.
 */
export async function restoreLesson(
  where: Where,
  draftNumber: number,
  { by, mayRestrict }: { by: Types.ObjectId; mayRestrict: boolean },
): Promise<{ course: Course; undo: number | null }> {
  const point = await savedPoint(where, draftNumber)
  if (!point) throw notFound()
  const saved: Lesson = { ...point.content, slug: where.lesson }
  let isSame = false
  const change = (content: CourseContent) => {
    const current = lessonNamed(content, where.lesson)
    const lesson = mayRestrict ? saved : lessonSeenLike(saved, current)
    isSame = current !== undefined && isSameLesson(current, lesson)
    return replaceLesson(content, lesson)
  }
  const course = await changeDraft(where.course, change, { by, keepsBefore: true })
  return { course, undo: isSame ? null : course.draftNumber - 1 }
}
