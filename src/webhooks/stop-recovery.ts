import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { Recoveries } from './recovery'

/** Stops a recovery of a receiver where it is; what it has queued so far goes out. Refuses (409) when none is under way. */
export async function stopRecovery(endpoint: Types.ObjectId): Promise<void> {
  const stopped = await Recoveries.updateOne(
    { endpoint, endedAt: null },
    { $set: { endedAt: now(), stopped: true, dueAt: null, leaseToken: null, leaseUntil: null } },
  )
  if (!stopped.matchedCount) throw conflict('integrations:errors.replayFinished')
}
