import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { Events, type Event } from '../events/event'
import { eventId, record } from '../events/record'
import { enrolmentId, Enrolments } from './enrolment'
import { startEnrolment } from './start-enrolment'

/**
 * Enrols a person in the revision that is published now; they stay on it when a newer one comes. Enrolling twice changes
 * nothing. Somebody whose money went back and who pays again gets their old progress again. Whether they may enter is asked
 * before (orders/may-enter.ts).
 */
export async function enrol(joining: {
  person: Types.ObjectId
  published: Published
  /** True when a paid order stands behind it. */
  paid: boolean
}): Promise<void> {
  const { person, published, paid } = joining
  const enrolled = {
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
  if (await record(enrolled)) return startEnrolment(enrolled)
  // The event of before counts, and may have been cut off before its enrolment was there: whoever asks again need not wait for the worker.
  const before = await Events.findById(eventId(enrolled)).lean<Event<'course.enrolled'>>()
  if (before) await startEnrolment(before)
  if (paid) {
    await Enrolments.updateOne(
      { _id: enrolmentId(person, published.course), revokedAt: { $ne: null } },
      { $set: { revokedAt: null } },
    )
  }
}
