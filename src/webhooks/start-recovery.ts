import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import type { Endpoint } from './endpoint'
import { Messages } from './message'
import { lastRecovery, Recoveries, type Recovery } from './recovery'

/**
 * Begins to send a receiver again what was told between two moments, each message under its own `webhook-id` and at the receiver's pace.
 * Refuses (409) while the receiver takes nothing, and while another recovery of it is under way.
 */
export async function startRecovery(
  endpoint: Endpoint,
  wish: Pick<Recovery, 'since' | 'until' | 'which'>,
): Promise<void> {
  if (endpoint.state !== 'active')
    throw conflict('integrations:errors.endpointPaused', { name: endpoint.name })
  const last = await lastRecovery(endpoint._id)
  if (last && !last.endedAt) throw conflict('integrations:errors.replayRunning', { name: endpoint.name })
  const total = await Messages.countDocuments(messagesBetween(wish))
  await Recoveries.create({ ...wish, endpoint: endpoint._id, total, startedAt: now(), dueAt: now() })
  wakeWorker.emit('due')
}

/** The messages of a span of time whose text is still there. */
export function messagesBetween({ since, until }: Pick<Recovery, 'since' | 'until'>) {
  return { at: { $gte: since, $lte: until }, body: { $type: 'string' as const } }
}
