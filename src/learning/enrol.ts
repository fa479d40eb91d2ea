import type { Types } from 'mongoose'
import { now } from '../clock'
import type { Published } from '../courses/published'
import { record } from '../events/record'
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
  const happening = {
    person,
    course: published.course,
    at: now(),
    data: {
      revision: String(published.revision),
      number: published.number,
      title: published.content.title,
      paid,
    },
  }
  const isNew = await record({ name: 'course.enrolled', ...happening, once: [published.course] })
  if (isNew) await startEnrolment(happening)
  else if (paid) {
    await Enrolments.updateOne(
      { _id: enrolmentId(person, published.course), revokedAt: { $ne: null } },
      { $set: { revokedAt: null } },
    )
  }
}
