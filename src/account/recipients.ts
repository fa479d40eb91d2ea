import type { Types } from 'mongoose'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Endpoints } from '../webhooks/endpoint'
import { People } from '../people/person'
import { Leads } from '../leads/lead'

/** A message about a person that a system received. */
export type Recipient = { delivery: string; name: string; type: Delivery['type']; at: Date }

const maxRecipients = 50

/** Returns the systems that received a message about the person, newest first. */
export async function recipientsOf(person: Types.ObjectId): Promise<Recipient[]> {
  const deliveries = await Deliveries.find({ person, deliveredAt: { $ne: null } })
    .sort({ createdAt: -1 })
    .limit(maxRecipients)
  const ids = deliveries.map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } })
  const names = new Map(endpoints.map(({ _id, name }) => [String(_id), name]))
  return deliveries.map(({ _id, endpoint, type, deliveredAt, createdAt }) => ({
    delivery: _id,
    name: names.get(String(endpoint)) ?? String(endpoint),
    type,
    at: deliveredAt ?? createdAt,
  }))
}

/** Returns the salesperson who can see the person as a lead now, and from what date; null when nobody can. */
export async function leadOwnerOf(person: Types.ObjectId): Promise<{ name: string; at: Date } | null> {
  const lead = await Leads.findOne({ _id: person, shared: true })
  const owner = lead?.owner && (await People.findOne({ _id: lead.owner }, { name: 1 }))
  return owner ? { name: owner.name, at: lead.assignedAt ?? lead.qualifiedAt } : null
}
