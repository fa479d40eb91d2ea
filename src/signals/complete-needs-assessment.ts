import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { record } from '../events/record'
import { People } from '../people/person'

/** Keeps what somebody answered about their needs and the path that follows from it. The last answers count; one event a day. */
export async function completeNeedsAssessment(
  person: Types.ObjectId,
  answers: Record<string, string>,
  path: string | null,
): Promise<void> {
  const at = now()
  await record({
    name: 'needs_assessment.completed',
    person,
    at,
    idempotencyKey: [at.toISOString().slice(0, 10)],
    data: { path },
  })
  await People.updateOne({ _id: person }, { $set: { needsAssessment: { answers, path, at } } })
}
