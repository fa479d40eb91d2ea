import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { rejectionReasons } from '../leads/lead'
import { Outcomes, type Outcome } from './outcome'

export type OutcomeInput = Pick<
  Outcome,
  'type' | 'externalId' | 'crmId' | 'occurredAt' | 'amount' | 'currency'
> & {
  reasonCode: string | null
  reasonText: string
  ownerEmail?: string | null
}

/**
 * Stores an outcome in the inbox, due now.
 *
 * @returns false when one with the same `webhook-id` is already stored; if it isn't processed yet, it still will be.
 */
export async function recordOutcome(
  endpoint: Types.ObjectId,
  webhookId: string,
  input: OutcomeInput,
): Promise<boolean> {
  const { reasonCode, reasonText, ...outcome } = input
  const receivedAt = now()
  const isNew = await Outcomes.insertOnce({
    ...outcome,
    ...reasonOf(reasonCode),
    text: reasonText,
    _id: `${endpoint}:${webhookId}`,
    endpoint,
    receivedAt,
    dueAt: receivedAt,
  })
  if (isNew) wakeWorker.emit('due', 'outcomes')
  return isNew
}

/** Treats a code that isn't one of ours as `other`. */
function reasonOf(code: string | null): Pick<Outcome, 'reason' | 'unknownCode'> {
  const reason = rejectionReasons.find(each => each === code) ?? null
  return code && !reason ? { reason: 'other', unknownCode: code } : { reason, unknownCode: null }
}
