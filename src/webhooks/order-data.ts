import { z } from 'zod'
import type { Event } from '../events/event'
import { itemOf, orderItems, Orders, orderStates, type OrderChange, type OrderState } from '../orders/order'
import type { Person } from '../people/person'
import { brandData, brandExample, brandSchema } from './brand-data'
import { personData, personExample, personReference, personSchema } from './person-data'

/** An order, sent with each message about one. */
export const orderSchema = z.object({
  brand: brandSchema,
  person: personSchema.pick({
    external_id: true,
    email: true,
    first_name: true,
    last_name: true,
    company: true,
  }),
  order: z.object({
    id: z.string(),
    item: z.enum(orderItems).describe('A course, or a seat in a live session'),
    title: z.string(),
    amount_minor: z
      .number()
      .int()
      .describe('In the smallest unit of the currency, as Stripe counts it: 24000 in EUR is €240.00'),
    currency: z.string().length(3),
    state: z
      .enum(orderStates)
      .describe('After this change. The buyer has access while it is paid or partially_refunded'),
    sequence: z.number().int().min(1).describe('Rises with each change of the order, so drop a lower one'),
    refunded_minor: z.number().int().describe('How much of the amount was sent back, in total'),
    at: z.iso.datetime().describe('Since when the order is in this state'),
  }),
  dedupe_key: personReference.dedupe_key,
})

type OrderData = z.input<typeof orderSchema>
type OrderEvent = Event<(typeof orderEvents)[number]>

/** The events of the ledger that change what an endpoint knows of an order. */
export const orderEvents = [
  'order.paid',
  'order.refunded',
  'order.disputed',
  'order.reinstated',
  'order.updated',
] as const

/** Returns the order of the examples, in a state. */
export function orderExample(state: OrderState, sequence: number, refunded: number): OrderData {
  return {
    brand: brandExample,
    person: buyerOf(personExample),
    order: {
      id: '6922a11fa4b1d3e5f7a90c77',
      item: 'course',
      title: 'Running an academy',
      amount_minor: 24000,
      currency: 'EUR',
      state,
      sequence,
      refunded_minor: refunded,
      at: '2026-11-23T09:42:10.000Z',
    },
    dedupe_key: personExample.email,
  }
}

/**
 * Returns a function that builds the record of an order, as it is now, from its first change to one of the states on:
 * an endpoint that was told about a refund must hear that the refund failed. It returns null for a change that another
 * one has followed: the message of that one tells the state.
 */
export function orderDataSince(...states: OrderState[]) {
  return orderDataWhen(changes => changes.some(({ state }) => states.includes(state)))
}

/** Like `orderDataSince`, for an order whose changes so far fulfil a condition. */
export function orderDataWhen(isTold: (changes: OrderChange[]) => boolean) {
  return async ({ data }: OrderEvent, person: Person): Promise<OrderData | null> => {
    const order = await Orders.findById(data.order)
    const last = order?.changes.at(-1)
    if (!order || !last || last.number !== data.number || !isTold(order.changes)) return null
    return {
      brand: await brandData(person),
      person: buyerOf(personData(person)),
      order: {
        id: String(order._id),
        item: itemOf(order),
        title: order.title,
        amount_minor: order.amount,
        currency: order.currency,
        state: last.state,
        sequence: last.number,
        refunded_minor: last.refunded,
        at: last.at.toISOString(),
      },
      dedupe_key: person.email,
    }
  }
}

function buyerOf({ external_id, email, first_name, last_name, company }: z.input<typeof personSchema>) {
  return { external_id, email, first_name, last_name, company }
}
