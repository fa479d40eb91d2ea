import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
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
 * Puts what a CRM said into the inbox, due at once. False when it is there already under the same `webhook-id`: if it was not worked
 * off then, it still will be.
 */
export async function recordOutcome(
  endpoint: Types.ObjectId,
  webhookId: string,
  said: OutcomeInput,
): Promise<boolean> {
  const { reasonCode, reasonText, ...outcome } = said
  const moment = now()
  try {
    await Outcomes.create({
      ...outcome,
      ...reasonOf(reasonCode, reasonText),
      _id: `${endpoint}:${webhookId}`,
      endpoint,
      receivedAt: moment,
      dueAt: moment,
    })
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
  wakeWorker.emit('due')
  return true
}

/** A code that is none of ours becomes `other`, and is kept in the text. */
function reasonOf(code: string | null, text: string): Pick<Outcome, 'reason' | 'text'> {
  if (!code) return { reason: null, text }
  const isKnown = (rejectionReasons as readonly string[]).includes(code)
  if (isKnown) return { reason: code as RejectionReason, text }
  return { reason: 'other', text: text ? `${code}: ${text}` : code }
}
