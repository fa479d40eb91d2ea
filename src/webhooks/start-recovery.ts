import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import type { Endpoint } from './endpoint'
import { Messages } from './message'
import { lastRecovery, Recoveries, type Recovery } from './recovery'

/**
 * Starts resending the messages in a time range to an endpoint, with their own `webhook-id` and within the rate limit.
 *
 * @throws HttpError 409 while the endpoint isn't active, or while another recovery of it is running.
 */
export async function startRecovery(
  endpoint: Endpoint,
  input: Pick<Recovery, 'since' | 'until' | 'mode'>,
): Promise<void> {
  if (endpoint.state !== 'active')
    throw conflict('integrations:errors.endpointPaused', { name: endpoint.name })
  const last = await lastRecovery(endpoint._id)
  if (last && !last.endedAt) throw conflict('integrations:errors.replayRunning', { name: endpoint.name })
  const total = await Messages.count(messagesBetween(input))
  await Recoveries.create({ ...input, endpoint: endpoint._id, total, startedAt: now(), dueAt: now() })
  wakeWorker.emit('due', 'recoveries')
}

/** Returns the filter for the messages in a time range, both ends included, whose body isn't deleted yet. */
export function messagesBetween({ since, until }: Pick<Recovery, 'since' | 'until'>) {
  return { at: { $gte: since, $lte: until }, body: { $type: 'string' as const } }
}
