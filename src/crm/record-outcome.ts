import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { rejectionReasons, type RejectionReason } from '../leads/lead'
import { Outcomes, type Outcome } from './outcome'

export type OutcomeInput = Pick<
  Outcome,
  'type' | 'externalId' | 'crmId' | 'occurredAt' | 'amount' | 'currency'
> & {
  reasonCode: string | null
  reasonText: string
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
    ...reasonOf(reasonCode, reasonText),
    _id: `${endpoint}:${webhookId}`,
    endpoint,
    receivedAt,
    dueAt: receivedAt,
  })
  if (isNew) wakeWorker.emit('due')
  return isNew
}

/** Turns a code that we don't know into `other` and puts it in front of the text. */
function reasonOf(code: string | null, text: string): Pick<Outcome, 'reason' | 'text'> {
  if (!code) return { reason: null, text }
  const isKnown = (rejectionReasons as readonly string[]).includes(code)
  if (isKnown) return { reason: code as RejectionReason, text }
  return { reason: 'other', text: text ? `${code}: ${text}` : code }
}
