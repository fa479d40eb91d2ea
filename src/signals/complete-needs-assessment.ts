import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { record } from '../events/record'
import { People } from '../people/person'

/**
 * Stores a person's needs assessment answers and the learning path that follows from them. The latest answers replace
 * earlier ones; there is at most one event a day (UTC).
 *
 * @param answers the chosen answer by question.
 * @param path the slug of the recommended learning path, or null.
 */
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
