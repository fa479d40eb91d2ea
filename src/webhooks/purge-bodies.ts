import { days, later, now } from '../platform/clock'
import { Deliveries } from './delivery'
import { Messages } from './message'

/**
 * Deletes the bodies of messages after 30 days and the responses of endpoints after 90 (README.md, "Retention"). The
 * fact that a message was sent, when, and with what status is kept.
 */
export async function purgeOldBodies(): Promise<void> {
  await Messages.updateMany(
    { at: { $lt: later(now(), -days(30)) }, body: { $type: 'string' } },
    { $set: { body: null } },
  )
  await Deliveries.updateMany(
    { createdAt: { $lt: later(now(), -days(90)) }, 'attemptLog.response': { $gt: '' } },
    { $set: { 'attemptLog.$[].response': '', 'attemptLog.$[].location': null } },
  )
}
