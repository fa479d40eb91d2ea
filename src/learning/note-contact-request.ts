import type { Event } from '../events/event'
import { enrolmentId, Enrolments } from './enrolment'

/**
 * Stores the last contact request in the enrolment, so that the course's pages show it without another query. It is the
 * reaction to the event, and the last step of the form that records it. Without an enrolment, nothing happens.
 */
export async function noteContactRequest({
  person,
  course,
  at,
  data,
}: Pick<Event<'contact.requested'>, 'person' | 'course' | 'at' | 'data'>): Promise<void> {
  if (!course) return
  await Enrolments.updateOne(
    { _id: enrolmentId(person, course), 'contactRequest.at': { $not: { $gt: at } } },
    { $set: { contactRequest: { kind: data.kind, at } } },
  )
}
