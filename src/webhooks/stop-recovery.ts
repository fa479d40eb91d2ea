import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { Recoveries } from './recovery'

/**
 * Stops the endpoint's recovery where it is. What it has queued so far is still sent.
 *
 * @throws HttpError 409 when none is running.
 */
export async function stopRecovery(endpoint: Types.ObjectId): Promise<void> {
  const stopped = await Recoveries.updateOne(
    { endpoint, endedAt: null },
    { $set: { endedAt: now(), stopped: true, dueAt: null, leaseToken: null, leaseUntil: null } },
  )
  if (!stopped.matchedCount) throw conflict('integrations:errors.replayFinished')
}
