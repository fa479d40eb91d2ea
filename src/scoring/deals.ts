import type { Event } from '../events/event'
import type { EventName, EventData } from '../events/definitions'

/** A deal as the CRM reported it. */
export type Deal = {
  /** The CRM's id; null for the one deal of a CRM that gives none. */
  id: string | null
  state: 'open' | 'won' | 'lost'
  /** In minor units of `currency`; null when the CRM doesn't say. */
  amount: number | null
  currency: string | null
  openedAt: Date
  closedAt: Date | null
  lostReason: string | null
}

type LedgerEvent = Pick<Event, 'name' | 'at' | 'data'>

const open = { state: 'open' as const, closedAt: null, lostReason: null }

/** What each event changes of its deal. A won deal stays won unless it is reopened. */
const steps: { [N in EventName]?: (deal: Deal, event: LedgerEvent) => Deal } = {
  'opportunity.opened': (deal, event) =>
    deal.state === 'won' ? deal : { ...deal, ...amountOf(event), ...open },
  'opportunity.won': (deal, event) => ({
    ...deal,
    ...amountOf(event),
    state: 'won',
    closedAt: event.at,
    lostReason: null,
  }),
  'opportunity.lost': (deal, { at, data }) => {
    const { reason } = data as EventData['opportunity.lost']
    return deal.state === 'won' ? deal : { ...deal, state: 'lost', closedAt: at, lostReason: reason }
  },
  'opportunity.reopened': deal => ({ ...deal, ...open }),
}

/**
 * Returns the deals after one more event, which must not be older than those before it. A CRM that gives no id has one
 * deal; when it gives the id later, the deal without an id gets it.
 */
export function dealsAfter(deals: Deal[], event: LedgerEvent): Deal[] {
  const step = steps[event.name]
  if (!step) return deals
  const { deal: id } = event.data as EventData['opportunity.reopened']
  const known =
    deals.find(deal => deal.id === id) ??
    (id === null ? deals.at(-1) : deals.find(deal => deal.id === null && deal.state !== 'won'))
  const before = known ?? { id, amount: null, currency: null, openedAt: event.at, ...open }
  const after = { ...step(before, event), id: id ?? before.id }
  return known ? deals.map(deal => (deal === known ? after : deal)) : [...deals, after]
}

/** Returns the deals of a ledger in any order. */
export function dealsOf(ledger: readonly (LedgerEvent & Pick<Event, '_id'>)[]): Deal[] {
  return ledger
    .filter(({ name }) => name in steps)
    .sort(
      (a, b) =>
        a.at.getTime() - b.at.getTime() || dealOrder(a.name) - dealOrder(b.name) || (a._id < b._id ? -1 : 1),
    )
    .reduce<Deal[]>(dealsAfter, [])
}

/** Orders the events of a deal in the same moment: opened, won, lost, reopened. */
function dealOrder(name: EventName): number {
  return Object.keys(steps).indexOf(name)
}

function amountOf({ data }: LedgerEvent): Pick<Deal, 'amount' | 'currency'> | object {
  const { amount, currency } = data as EventData['opportunity.won']
  return amount === null ? {} : { amount, currency }
}
