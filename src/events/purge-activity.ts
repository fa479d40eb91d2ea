import { days, later, now } from '../platform/clock'
import { definitions, definitionOf, type EventName } from './definitions'
import { date, defineRecord, string } from '../platform/record'
import { Events } from './event'

/** Before which moment activity was deleted, or is being deleted; one record, `activity`. */
const Purges = defineRecord('Purge', 'purges', { _id: string(), before: date() })

const activity = (Object.keys(definitions) as EventName[]).filter(
  name => definitionOf(name).retention === 'activity',
)

/**
 * Deletes individual learner activities after 13 months (396 days), except those whose reactions are still due. With a
 * half-life of 4 weeks, less than 0.01% of their points is left by then.
 */
export async function purgeOldActivity(): Promise<void> {
  const before = later(now(), -days(396))
  await Purges.updateOne({ _id: 'activity' }, { $set: { before } }, { upsert: true })
  await Events.deleteMany({ name: { $in: activity }, at: { $lt: before }, dueAt: null })
}

/** Returns a moment before which activity may have been deleted, and after which none was. */
export async function activityPurgedBefore(): Promise<Date> {
  return (await Purges.load('activity'))?.before ?? new Date(0)
}
