import type { Types } from 'mongoose'
import type { EventData } from '../events/definitions'
import { record } from '../events/record'
import { projectLead } from './project-lead'

/** The outcomes that a CRM may report about a lead. */
export const outcomeNames = [
  'lead.accepted',
  'lead.rejected',
  'lead.returned',
  'lead.contacted',
  'opportunity.opened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.reopened',
] as const
export type OutcomeName = (typeof outcomeNames)[number]

export type LeadOutcome = {
  /** The CRM's id of the message: the same message twice is one outcome. */
  id: string
  name: OutcomeName
  person: Types.ObjectId
  /** When it happened in the CRM. Outcomes are ordered by this time, not by their arrival. */
  at: Date
  /** The CRM's id of the deal; null when it gives none. */
  deal: string | null
  /** In minor units; null when the CRM doesn't say. */
  amount: number | null
  currency: string | null
  reason: string
  text: string
  /** The id of the teammate who owns it in the CRM; null when the CRM doesn't say. */
  owner?: string | null
}

/**
 * Records an outcome in the ledger and updates the lead.
 *
 * @returns false when the CRM has already sent this message.
 */
export async function applyOutcome(outcome: LeadOutcome): Promise<boolean> {
  const { id, name, person, at, owner } = outcome
  const data = { ...eventDataOf(outcome), ...(owner && { crmOwner: owner }) }
  const isNew = await record({ name, person, at, idempotencyKey: [id], data })
  await projectLead({ person })
  return isNew
}

function eventDataOf({ name, deal, amount, currency, reason, text }: LeadOutcome): EventData[OutcomeName] {
  switch (name) {
    case 'lead.accepted':
      return { by: null, source: 'crm' }
    case 'lead.rejected':
      return { by: null, source: 'crm', reason, text }
    case 'lead.returned':
      return { by: null, source: 'crm', text }
    case 'lead.contacted':
      return { source: 'crm' }
    case 'opportunity.opened':
    case 'opportunity.won':
      return { deal, amount, currency }
    case 'opportunity.lost':
      return { deal, reason, text }
    case 'opportunity.reopened':
      return { deal }
  }
}
