import type { Order, OrderState } from './order'
import type { DisputeFact, PaymentFact, RefundFact } from './payment-fact'

/** Where the payment of an order stands. */
export type Payment = {
  state: OrderState
  /** Since when, by Stripe's clock. */
  since: Date
  paidAt: Date | null
  /** Minor units that were sent back, in total. */
  refunded: number
}

type Facts = Pick<Order, 'amount' | 'currency' | 'placedAt' | 'session' | 'facts'>
type SessionFact = Extract<PaymentFact, { fact: 'session' }>
type ChargeFact = Extract<PaymentFact, { fact: 'charge' }>

export const stateOf = (order: Facts): OrderState => paymentOf(order).state

/** True for a state in which the buyer may take the course. */
export const givesAccess = (state: OrderState): boolean => state === 'paid' || state === 'partially_refunded'

/** True for a state in which the money has arrived, whatever became of it since. */
export const hasArrived = (state: OrderState): boolean =>
  givesAccess(state) || state === 'refunded' || state === 'disputed' || state === 'dispute_lost'

/** True when a session is the order's own, for its amount in its currency. */
export function matchesOrder(
  { session, amount, currency }: Pick<Order, 'session' | 'amount' | 'currency'>,
  fact: SessionFact,
): boolean {
  return (
    fact.session === session &&
    fact.amount === amount &&
    fact.currency?.toUpperCase() === currency.toUpperCase()
  )
}

/**
 * Returns where the payment of an order stands. A pure function of what Stripe reported, in whatever order and however
 * often it arrived. Only the order's own session counts, and only refunds and disputes of what that session paid.
 */
export function paymentOf(order: Facts): Payment {
  const sessions = order.facts
    .filter(fact => fact.fact === 'session')
    .filter(fact => matchesOrder(order, fact))
  const paid = sessions.filter(({ status }) => status === 'paid')
  if (!paid.length) return unpaid(order, sessions)
  const paidAt = earliest(paid)
  const payments = new Set(paid.map(({ payment }) => payment))
  const after = order.facts
    .filter(fact => fact.fact !== 'session')
    .filter(({ payment }) => payments.has(payment))
  const refunds = refundsOf(after, order.amount)
  const disputes = disputesOf(after)
  const payment = { paidAt, refunded: refunds.total }
  if (refunds.total >= order.amount) return { ...payment, state: 'refunded', since: refunds.at ?? paidAt }
  const lost = disputes.filter(({ outcome }) => outcome === 'lost')
  if (lost.length) return { ...payment, state: 'dispute_lost', since: latest(lost) }
  const open = disputes.filter(({ outcome }) => outcome === 'open')
  if (open.length) return { ...payment, state: 'disputed', since: latest(open) }
  const since = latest([{ at: refunds.at ?? paidAt }, ...disputes, ...refunds.failures])
  return { ...payment, state: refunds.total > 0 ? 'partially_refunded' : 'paid', since }
}

function unpaid({ placedAt, session, facts }: Facts, sessions: SessionFact[]): Payment {
  const none = { paidAt: null, refunded: 0 }
  const failed = sessions.filter(({ status }) => status === 'failed')
  if (failed.length) return { ...none, state: 'failed', since: earliest(failed) }
  const pending = sessions.filter(({ status }) => status === 'unpaid')
  if (pending.length) return { ...none, state: 'pending', since: earliest(pending) }
  const expired = facts.filter(
    fact => fact.fact === 'session' && fact.session === session && fact.status === 'expired',
  )
  if (expired.length) return { ...none, state: 'expired', since: earliest(expired) }
  return { ...none, state: 'open', since: placedAt }
}

/**
 * Returns how much was refunded. Stripe reports the total with the charge, and each refund by itself; either may be
 * missing. A refund counts until it has failed. The total is of a moment, so it still contains refunds that failed
 * later.
 */
function refundsOf(facts: PaymentFact[], amount: number) {
  const refunds = grouped(
    facts.filter(fact => fact.fact === 'refund'),
    ({ refund }) => refund,
  ).map(refundOf)
  const failures = refunds.filter(({ hasFailed }) => hasFailed)
  const counted = refunds.filter(({ hasFailed }) => !hasFailed)
  const charges = facts.filter(fact => fact.fact === 'charge')
  const newest = charges.toSorted(byTimeThenTotal).at(-1)
  const sinceFailed = failures.filter(({ at }) => newest && at >= newest.at)
  const byRefund = sum(counted)
  const byCharge = newest ? newest.refunded - sum(sinceFailed) : 0
  const total = Math.min(Math.max(byRefund, byCharge, 0), amount)
  const reports = counted.length ? counted : charges.filter(({ refunded }) => refunded === newest?.refunded)
  return {
    total,
    failures,
    at: reports.length ? (counted.length ? latest(reports) : earliest(reports)) : null,
  }
}

/** A refund that has failed does not succeed any more, so a failure outweighs every other status. */
function refundOf(facts: RefundFact[]) {
  const failed = facts.filter(({ status }) => status === 'failed' || status === 'canceled')
  const known = failed.length ? failed : facts
  return {
    at: earliest(known),
    amount: Math.max(...known.map(({ amount }) => amount)),
    hasFailed: failed.length > 0,
  }
}

type Dispute = { at: Date; outcome: 'open' | 'lost' | 'closed' }

/** Returns the disputes that took the money back at some time. An inquiry (`warning_*`) takes nothing. */
function disputesOf(facts: PaymentFact[]): Dispute[] {
  return grouped(
    facts.filter(fact => fact.fact === 'dispute').filter(({ status }) => !status.startsWith('warning_')),
    ({ dispute }) => dispute,
  ).map(disputeOf)
}

/** A closed dispute stays closed. The newest outcome counts, since Stripe may correct one. */
function disputeOf(facts: DisputeFact[]): Dispute {
  const closed = facts.filter(({ status }) => status !== 'needs_response' && status !== 'under_review')
  const last = closed.toSorted((a, b) => +a.at - +b.at || a.status.localeCompare(b.status)).at(-1)
  if (!last) return { at: earliest(facts), outcome: 'open' }
  return { at: last.at, outcome: last.status === 'lost' ? 'lost' : 'closed' }
}

const byTimeThenTotal = (a: ChargeFact, b: ChargeFact) => +a.at - +b.at || a.refunded - b.refunded
const sum = (refunds: { amount: number }[]) => refunds.reduce((total, { amount }) => total + amount, 0)
const earliest = (facts: { at: Date }[]) => new Date(Math.min(...facts.map(({ at }) => +at)))
const latest = (facts: { at: Date }[]) => new Date(Math.max(...facts.map(({ at }) => +at)))

function grouped<T>(items: T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups.values()]
}
