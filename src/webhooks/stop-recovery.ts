import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { countWaiting, lastRecovery, Recoveries } from './recovery'

/**
 * Stops the endpoint's latest recovery where it is. What it has queued and isn't sent yet becomes what it was before;
 * the worker does that.
 *
 * @throws HttpError 409 when none is running and all that it has queued is sent.
 */
export async function stopRecovery(endpoint: Types.ObjectId): Promise<void> {
  const last = await lastRecovery(endpoint)
  const isStoppable = last && !last.stopped && (!last.endedAt || (await countWaiting(last, 1)) > 0)
  const stopped =
    isStoppable &&
    (await Recoveries.updateOne(
      { _id: last._id, stopped: false },
      { $set: { stopped: true, endedAt: null, dueAt: now() } },
    ))
  if (!stopped || !stopped.matchedCount) throw conflict('integrations:errors.replayFinished')
  wakeWorker.emit('due', 'recoveries')
}
