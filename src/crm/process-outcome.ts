import { isObjectIdOrHexString, Types } from 'mongoose'
import { minutes, seconds } from '../platform/clock'
import { workInOrder } from '../platform/ordered-work'
import { doubling } from '../platform/queue'
import { applyOutcome } from '../leads/apply-outcome'
import { ownerRoles } from '../leads/assignable-team'
import { Leads } from '../leads/lead'
import { People } from '../people/person'
import { wasSentTo } from '../webhooks/delivery'
import { Outcomes, type Outcome } from './outcome'

const policy = {
  lease: minutes(1),
  backoff: doubling(seconds(30), minutes(60)),
  maxAttempts: 20,
  atOnce: 4,
  inOrderOf: ({ person, externalId }: Pick<Outcome, 'person' | 'externalId'>) => person ?? externalId,
}

/**
 * The consumer of the inbox of outcomes: applies each to its lead, which a teammate may have chosen. An outcome of an
 * unknown lead, or of one whom the endpoint was never sent, becomes `unmatched`, so a teammate can match it. 20
 * attempts take 13 hours.
 */
export const processOutcomes = workInOrder(Outcomes, policy, apply)

async function apply(outcome: Outcome): Promise<Pick<Outcome, 'state' | 'person'>> {
  const { unknownCode, text } = outcome
  const person = outcome.person ?? (await reportedLead(outcome))
  if (!person || !(await Leads.exists({ _id: person }))) return { state: 'unmatched', person: null }
  await applyOutcome({
    id: outcome._id,
    name: outcome.type,
    person,
    at: outcome.occurredAt,
    deal: outcome.type.startsWith('opportunity.') ? outcome.crmId : null,
    amount: outcome.amount,
    currency: outcome.currency,
    reason: outcome.reason ?? 'other',
    // Sales sees the CRM's code before its text.
    text: [unknownCode, text].filter(Boolean).join(': '),
    owner: await ownerNamed(outcome),
  })
  return { state: 'applied', person }
}

/** Returns the id of the owner whom the CRM names by email address; null if it names nobody, or nobody in sales. */
async function ownerNamed({ ownerEmail }: Outcome): Promise<string | null> {
  if (!ownerEmail) return null
  const owner = await People.findOne({ email: ownerEmail, role: { $in: ownerRoles } }, { _id: 1 })
  return owner && String(owner._id)
}

/** Returns the person whom the endpoint means, or null: it may only report about people whom it was sent. */
async function reportedLead({ externalId, endpoint }: Outcome): Promise<Types.ObjectId | null> {
  if (!isObjectIdOrHexString(externalId)) return null
  const person = new Types.ObjectId(externalId)
  return (await wasSentTo(endpoint, person)) ? person : null
}
