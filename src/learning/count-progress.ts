import type { Types } from 'mongoose'
import { Enrolments } from './enrolment'

/** How many people have begun and how many have finished a lesson, over all revisions of its course. */
export async function countProgress(
  course: Types.ObjectId,
  lesson: string,
): Promise<{ began: number; finished: number }> {
  const [began, finished] = await Promise.all([
    Enrolments.countDocuments({ course, [`lessons.${lesson}.openedAt`]: { $exists: true } }),
    Enrolments.countDocuments({ course, [`lessons.${lesson}.completedAt`]: { $exists: true } }),
  ])
  return { began, finished }
}
