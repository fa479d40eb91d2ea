import type { Types } from 'mongoose'
import type { EventData } from '../events/event'
import { record } from '../events/record'
import { projectLead } from './project-lead'

/** What a CRM may say of a lead. */
export const outcomeNames = [
  'lead.accepted',
  'lead.rejected',
  'lead.contacted',
  'opportunity.opened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.reopened',
] as const
export type OutcomeName = (typeof outcomeNames)[number]

export type LeadOutcome = {
  /** The CRM's own id of the message: the same message twice is one outcome. */
  id: string
  name: OutcomeName
  person: Types.ObjectId
  /** When it happened in the CRM; the order of outcomes follows it, not their arrival. */
  at: Date
  /** In minor units; null when the CRM does not say. */
  amount: number | null
  currency: string | null
  reason: string
  text: string
}

/** Writes an outcome to the ledger and brings the lead up to date. False when the CRM had said it before. */
export async function applyOutcome(outcome: LeadOutcome): Promise<boolean> {
  const { id, name, person, at } = outcome
  const fresh = await record({ name, person, at, idempotencyKey: [id], data: saidIn(outcome) })
  await projectLead({ person })
  return fresh
}

function saidIn({ name, amount, currency, reason, text }: LeadOutcome): EventData[OutcomeName] {
  switch (name) {
    case 'lead.accepted':
      return { by: null, source: 'crm' }
    case 'lead.rejected':
      return { by: null, source: 'crm', reason, text }
    case 'lead.contacted':
      return { source: 'crm' }
    case 'opportunity.opened':
    case 'opportunity.won':
      return { amount, currency }
    case 'opportunity.lost':
      return { reason, text }
    case 'opportunity.reopened':
      return {}
  }
}
