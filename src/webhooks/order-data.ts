import { z } from 'zod'
import type { Event } from '../events/event'
import type { Person } from '../people/person'
import { personData, personExample, personReference, personSchema } from './person-data'

/** An order, sent with each message about one. */
export const orderSchema = z.object({
  person: personSchema.pick({
    external_id: true,
    email: true,
    first_name: true,
    last_name: true,
    company: true,
  }),
  order: z.object({
    id: z.string(),
    title: z.string(),
    amount_minor: z.number().int().describe('In the smallest unit of the currency: 24000 in EUR is €240.00'),
    currency: z.string().length(3),
    at: z.iso.datetime(),
  }),
  dedupe_key: personReference.dedupe_key,
})

type OrderData = z.input<typeof orderSchema>

export const orderExample: OrderData = {
  person: buyerOf(personExample),
  order: {
    id: '6922a11fa4b1d3e5f7a90c77',
    title: 'Running an academy',
    amount_minor: 24000,
    currency: 'EUR',
    at: '2026-11-23T09:42:10.000Z',
  },
  dedupe_key: personExample.email,
}

/** Builds the record of an order, as its event describes it. `at` is when the event happened. */
export function orderData({ data, at }: Event<'order.paid' | 'order.refunded'>, person: Person): OrderData {
  return {
    person: buyerOf(personData(person)),
    order: {
      id: data.order,
      title: data.title,
      amount_minor: data.amount,
      currency: data.currency,
      at: at.toISOString(),
    },
    dedupe_key: person.email,
  }
}

function buyerOf({ external_id, email, first_name, last_name, company }: z.input<typeof personSchema>) {
  return { external_id, email, first_name, last_name, company }
}
