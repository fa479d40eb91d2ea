import { isValidObjectId, Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { log } from '../platform/log'
import { claim, complete } from '../platform/queue'
import { applyOutcome } from '../leads/apply-outcome'
import { Leads } from '../leads/lead'
import { Outcomes, type Outcome } from './outcome'

/**
 * Takes one outcome from the inbox and applies it to its lead. An outcome of an unknown lead becomes `unmatched`, so
 * a teammate can look into it. A failure is retried every 5 minutes.
 *
 * @returns true when there was an outcome to process.
 */
export async function processNextOutcome(): Promise<boolean> {
  const outcome = await claim(Outcomes, minutes(1))
  if (!outcome) return false
  try {
    await complete(Outcomes, outcome, { ...(await apply(outcome)), dueAt: null, lastError: null })
  } catch (error) {
    log.error({ err: error, outcome: outcome._id }, 'an outcome could not be applied; retrying in 5 minutes')
    await complete(Outcomes, outcome, {
      dueAt: later(now(), minutes(5)),
      lastError: (error as Error).message,
    })
  }
  return true
}

async function apply(outcome: Outcome): Promise<Pick<Outcome, 'state' | 'person'>> {
  const person = isValidObjectId(outcome.externalId) ? new Types.ObjectId(outcome.externalId) : null
  if (!person || !(await Leads.exists({ _id: person }))) return { state: 'unmatched', person: null }
  await applyOutcome({
    id: outcome._id,
    name: outcome.type,
    person,
    at: outcome.occurredAt,
    amount: outcome.amount,
    currency: outcome.currency,
    reason: outcome.reason ?? 'other',
    text: outcome.text,
  })
  return { state: 'applied', person }
}
