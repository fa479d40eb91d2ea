import type { Types } from 'mongoose'
import { enrolmentId, Enrolments } from './enrolment'

/** Sets the day that a learner wants to finish a course by, `YYYY-MM-DD`; null takes it away. */
export async function setFinishDate(
  person: Types.ObjectId,
  course: Types.ObjectId,
  finishBy: string | null,
): Promise<void> {
  await Enrolments.updateOne({ _id: enrolmentId(person, course) }, { $set: { finishBy } })
}
