import { days, later, now } from '../platform/clock'
import { Deliveries } from './delivery'
import { Messages } from './message'

/**
 * Deletes what messages said after 30 days and what receivers answered after 90 (facts/trust.md, rule 7). That they were sent, when and
 * how it went stays.
 */
export async function purgeOldBodies(): Promise<void> {
  await Messages.updateMany(
    { at: { $lt: later(now(), -days(30)) }, body: { $type: 'string' } },
    { $set: { body: null } },
  )
  await Deliveries.updateMany(
    { createdAt: { $lt: later(now(), -days(90)) }, 'attemptLog.response': { $gt: '' } },
    { $set: { 'attemptLog.$[].response': '' } },
  )
}
