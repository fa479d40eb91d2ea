import type { Types } from 'mongoose'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Endpoints, type Endpoint } from '../webhooks/endpoint'
import { People, type Person } from '../people/person'
import { Leads, type Lead } from '../leads/lead'

/** A message about somebody that a system took. */
export type Recipient = { delivery: string; name: string; type: Delivery['type']; at: Date }

const most = 50

/** Which systems were told of somebody, the newest first. */
export async function recipientsOf(person: Types.ObjectId): Promise<Recipient[]> {
  const told = await Deliveries.find({ person, deliveredAt: { $ne: null } })
    .sort({ createdAt: -1 })
    .limit(most)
  const endpoints = await Endpoints.find({ _id: { $in: told.map(({ endpoint }) => endpoint) } })
  const names = new Map(endpoints.map(({ _id, name }) => [String(_id), name]))
  return told.map(({ _id, endpoint, type, deliveredAt, createdAt }) => ({
    delivery: _id,
    name: names.get(String(endpoint)) ?? String(endpoint),
    type,
    at: deliveredAt ?? createdAt,
  }))
}

/** The colleague in sales who was given somebody as a lead and may see them now; null when nobody. */
export async function deliveriesAbout(person: Types.ObjectId): Promise<{ name: string; at: Date } | null> {
  const lead = await Leads.findOne({ _id: person, shared: true }).lean<Lead>()
  const owner = lead?.owner && (await People.findOne({ _id: lead.owner }, { name: 1 }).lean<Person>())
  return owner ? { name: owner.name, at: lead.assignedAt ?? lead.qualifiedAt } : null
}
