import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { Events, isNamed } from '../events/event'
import { eventId, record } from '../events/record'
import { enrolmentId, Enrolments } from './enrolment'
import { startEnrolment } from './start-enrolment'

/**
 * Enrols a person in the published revision; they stay on it when a newer one is published. Enrolling twice changes
 * nothing. A learner who pays again after a refund gets their progress back. The caller checks whether they may enrol
 * (orders/access.ts).
 */
export async function enrol(input: {
  person: Types.ObjectId
  published: Published
  /** Whether they have a paid order for it. */
  paid: boolean
}): Promise<void> {
  const { person, published, paid } = input
  const occurrence = {
    name: 'course.enrolled' as const,
    person,
    course: published.course,
    idempotencyKey: [published.course],
    at: now(),
    data: {
      revision: String(published.revision),
      number: published.number,
      title: published.content.title,
      paid,
    },
  }
  if (await record(occurrence)) return startEnrolment(occurrence)
  // The first event counts. If it was interrupted before the enrolment was created, don't wait for the worker to create
  // it.
  const recorded = await Events.findById(eventId(occurrence))
  if (recorded && isNamed('course.enrolled')(recorded)) await startEnrolment(recorded)
  // Bought again after a refund, or free since.
  await Enrolments.updateOne(
    { _id: enrolmentId(person, published.course), revokedAt: { $ne: null } },
    { $set: { revokedAt: null } },
  )
}
