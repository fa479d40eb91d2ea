import { mapKey } from '../platform/record'
import type { Types } from 'mongoose'
import { Enrolments } from './enrolment'

/** Counts the learners who started and who finished a lesson, across all revisions of its course. */
export async function countProgress(
  course: Types.ObjectId,
  lesson: string,
): Promise<{ started: number; finished: number }> {
  const [started, finished] = await Promise.all([
    Enrolments.count({ course, [`lessons.${mapKey(lesson)}.openedAt`]: { $exists: true } }),
    Enrolments.count({ course, [`lessons.${mapKey(lesson)}.completedAt`]: { $exists: true } }),
  ])
  return { started, finished }
}
