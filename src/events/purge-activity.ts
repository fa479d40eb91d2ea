import { days, later, now } from '../platform/clock'
import { definitions, definitionOf, type EventName } from './definitions'
import { Events } from './event'

const activity = (Object.keys(definitions) as EventName[]).filter(
  name => definitionOf(name).retention === 'activity',
)

/**
 * Deletes individual learner activities after 13 months (396 days), except those whose reactions are still due. With a
 * half-life of 4 weeks, less than 0.01% of their points is left by then.
 */
export async function purgeOldActivity(): Promise<void> {
  await Events.deleteMany({ name: { $in: activity }, at: { $lt: later(now(), -days(396)) }, dueAt: null })
}
