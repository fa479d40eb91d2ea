import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import type { Endpoint } from './endpoint'
import { Deliveries } from './delivery'
import { chosenDeliveries } from './delivery-choice'
import { Messages } from './message'
import { lastRecovery, Recoveries, type Recovery } from './recovery'

/**
 * Starts resending the messages in a time range, or the chosen deliveries, to an endpoint: with their own `webhook-id`
 * and within the rate limit.
 *
 * @param input.submission identifies the press of the button.
 * @returns false when the same press has already started it.
 * @throws HttpError 409 while the endpoint isn't active, or while another recovery of it is running.
 */
export async function startRecovery(
  endpoint: Endpoint,
  input: Pick<Recovery, 'since' | 'until' | 'mode'> & Partial<Pick<Recovery, 'chosen' | 'submission'>>,
): Promise<boolean> {
  const { submission = null } = input
  const isStarted = async () =>
    submission !== null && (await Recoveries.exists({ endpoint: endpoint._id, submission }))
  if (await isStarted()) return false
  if (endpoint.state !== 'active')
    throw conflict('integrations:errors.endpointPaused', { name: endpoint.name })
  const last = await lastRecovery(endpoint._id)
  const isFree = !last || last.endedAt !== null
  const total = await (input.chosen
    ? Deliveries.count(chosenDeliveries(endpoint._id, input.chosen))
    : Messages.count(messagesBetween(input)))
  const _id = idAfter(endpoint, last)
  const started = { ...input, _id, endpoint: endpoint._id, total, startedAt: now(), dueAt: now() }
  if (isFree && (await Recoveries.insertOnce(started))) {
    wakeWorker.emit('due', 'recoveries')
    return true
  }
  if (await isStarted()) return false
  throw conflict('integrations:errors.replayRunning', { name: endpoint.name })
}

/** Returns the id of the recovery that follows another, so that of two started at the same moment, one exists. */
function idAfter({ _id }: Endpoint, last: Recovery | null): Types.ObjectId {
  const hash = createHash('sha256').update(`recovery:${_id}:${last?._id}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}

/** Returns the filter for the messages in a time range, both ends included, whose body isn't deleted yet. */
export function messagesBetween({ since, until }: Pick<Recovery, 'since' | 'until'>) {
  return { at: { $gte: since, $lte: until }, body: { $type: 'string' as const } }
}
