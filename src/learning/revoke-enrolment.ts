import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { enrolmentId, Enrolments } from './enrolment'

/** Ends a person's access to a course after a refund. Their progress stays in case they buy it again. */
export async function revokeEnrolment(person: Types.ObjectId, course: Types.ObjectId): Promise<void> {
  await Enrolments.updateOne(
    { _id: enrolmentId(person, course), revokedAt: null },
    { $set: { revokedAt: now() } },
  )
}
