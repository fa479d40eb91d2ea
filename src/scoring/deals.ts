import { date, nullable, number, oneOf, string, type ReadOf } from '../platform/record'
import type { Event } from '../events/event'
import type { EventData, EventName } from '../events/definitions'

export const dealFields = {
  /** The CRM's id; null for the one deal of a CRM that gives none. */
  id: nullable(string()),
  state: oneOf(['open', 'won', 'lost']),
  /** In minor units of `currency`; null when the CRM doesn't say. */
  amount: nullable(number()),
  currency: nullable(string()),
  openedAt: date(),
  closedAt: nullable(date()),
  lostReason: nullable(string()),
}
export type Deal = ReadOf<typeof dealFields>

export type DealEvent = Pick<Event, 'name' | 'at' | 'data'>

/** The events that change a deal, in the order they count when they happened at the same moment. */
export const dealEventNames = [
  'opportunity.opened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.reopened',
] as const satisfies EventName[]

const changes: Record<(typeof dealEventNames)[number], (deal: Deal, event: DealEvent) => Deal> = {
  'opportunity.opened': (deal, event) =>
    deal.state === 'won'
      ? deal
      : { ...deal, ...amountOf(event), state: 'open', closedAt: null, lostReason: null },
  'opportunity.won': (deal, event) => ({
    ...deal,
    ...amountOf(event),
    state: 'won',
    closedAt: event.at,
    lostReason: null,
  }),
  'opportunity.lost': (deal, event) => {
    const { reason } = event.data as EventData['opportunity.lost']
    return deal.state === 'won' ? deal : { ...deal, state: 'lost', closedAt: event.at, lostReason: reason }
  },
  'opportunity.reopened': deal => ({ ...deal, state: 'open', closedAt: null, lostReason: null }),
}

/**
 * Returns a person's deals after one more event about one of them. A won deal stays won unless it is reopened. A CRM
 * that gives no id has one deal; when it gives the id later, the deal without an id gets it.
 */
export function dealsAfter(deals: readonly Deal[], event: DealEvent): Deal[] {
  const change = isDealEvent(event.name) ? changes[event.name] : null
  if (!change) return [...deals]
  const { deal: id } = event.data as EventData['opportunity.reopened']
  const known =
    deals.find(deal => deal.id === id) ??
    (id === null ? deals.at(-1) : deals.find(deal => deal.id === null && deal.state !== 'won'))
  const before: Deal = known ?? { ...newDeal, openedAt: event.at }
  const after = { ...change(before, event), id: id ?? before.id }
  return known ? deals.map(deal => (deal === known ? after : deal)) : [...deals, after]
}

/** Returns whether one of a person's deals is won, from their events in any order. */
export function hasWonDeal(events: readonly DealEvent[]): boolean {
  const ordered = events.filter(({ name }) => isDealEvent(name)).sort(byTime)
  const deals = ordered.reduce<Deal[]>((before, event) => dealsAfter(before, event), [])
  return deals.some(({ state }) => state === 'won')
}

const newDeal: Omit<Deal, 'openedAt'> = {
  id: null,
  state: 'open',
  amount: null,
  currency: null,
  closedAt: null,
  lostReason: null,
}

function amountOf(event: DealEvent): Partial<Deal> {
  const { amount, currency } = event.data as EventData['opportunity.won']
  return amount === null ? {} : { amount, currency }
}

export function isDealEvent(name: EventName): name is (typeof dealEventNames)[number] {
  return (dealEventNames as readonly string[]).includes(name)
}

function byTime(a: DealEvent, b: DealEvent): number {
  const order = ({ name }: DealEvent) => (dealEventNames as readonly string[]).indexOf(name)
  return a.at.getTime() - b.at.getTime() || order(a) - order(b)
}
