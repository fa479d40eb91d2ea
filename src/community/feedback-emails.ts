import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { date, defineRecord, objectId } from '../platform/record'

/** Who has switched off the emails about what they have asked the product team. */
const FeedbackEmailStops = defineRecord('FeedbackEmailStop', 'feedback_email_stops', {
  /** The person's id. */
  _id: objectId(),
  at: date(),
})

/** Ends the emails about a person's wishes, or starts them again. */
export async function setFeedbackEmails(person: Types.ObjectId, isOn: boolean): Promise<void> {
  if (isOn) await FeedbackEmailStops.deleteOne({ _id: person })
  else await FeedbackEmailStops.insertOnce({ _id: person, at: now() })
}

/** Returns those of the people who get emails about their wishes. */
export async function feedbackReaders(people: readonly Types.ObjectId[]): Promise<Types.ObjectId[]> {
  const stops = await FeedbackEmailStops.find({ _id: { $in: people } }, { _id: 1 })
  const stopped = new Set(stops.map(({ _id }) => String(_id)))
  return people.filter(person => !stopped.has(String(person)))
}
