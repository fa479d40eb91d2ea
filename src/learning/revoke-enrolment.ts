import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { enrolmentId, Enrolments } from './enrolment'

/** Closes a course to a person whose money went back. Their progress stays, should they come again. Twice is once. */
export async function revokeEnrolment(person: Types.ObjectId, course: Types.ObjectId): Promise<void> {
  await Enrolments.updateOne(
    { _id: enrolmentId(person, course), revokedAt: null },
    { $set: { revokedAt: now() } },
  )
}
