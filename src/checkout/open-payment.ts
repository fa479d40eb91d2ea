import { now } from '../platform/clock'
import { Orders, type Order } from '../orders/order'
import { givesAccess, stateOf } from '../orders/payment'
import { attachSession, placeOrder, type ForSale } from '../orders/place-order'
import type { Person } from '../people/person'
import { applySession } from './apply-stripe-event'
import { storeStripeEvent } from './store-stripe-event'
import { expireSession, openSession, readSession, type PaymentPage } from './stripe'

/**
 * Returns where the person pays. Where there is nothing to pay, returns the page of what they want, or the order's; an
 * order that Stripe says is over is followed by a new one.
 *
 * @param onOrder is called with each order before anyone can pay it.
 */
export async function openPayment(
  purchase: ForSale,
  person: Person,
  page: PaymentPage & { bought: string },
  onOrder: (order: Order) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  for (;;) {
    const order = await placeOrder(person, purchase)
    if (!order) return page.bought
    await onOrder(order)
    const paid = await endEarlierSessions(order)
    if (paid) return `/orders/${paid._id}`
    const session = await sessionOf(order, person, page)
    if (session.url) return session.url
    // Its event has not arrived yet.
    const state = await applyAnswer(session, order)
    if (state !== 'expired' && state !== 'failed') return `/orders/${order._id}`
  }
}

/**
 * Ends the sessions of a person's earlier orders for the same, such as those at an old price, so that one payment is
 * possible and not two. Returns an order that turns out to be paid, or whose money is on its way.
 */
async function endEarlierSessions({ _id, person, course, liveSession }: Order): Promise<Order | undefined> {
  const others = await Orders.find({ person, course, liveSession, _id: { $ne: _id }, session: { $ne: null } })
  for (const other of others.filter(each => stateOf(each) === 'open')) {
    const state = await endPayment(other)
    if (state === 'pending' || givesAccess(state)) return other
  }
  return undefined
}

/**
 * Ends the payment page of an order that is still open, so that it can't be paid any more.
 *
 * @returns the state of the order: it may have been paid meanwhile.
 * @throws when Stripe doesn't answer.
 */
export async function endPayment(order: Order) {
  if (!order.session || stateOf(order) !== 'open') return stateOf(order)
  const { session } = order
  return applyAnswer(await expireSession(session).catch(() => readSession(session)), order)
}

/** Returns the Checkout Session of an order, which is opened for the first time it is asked for. */
async function sessionOf(order: Order, person: Person, page: PaymentPage) {
  if (order.session) return readSession(order.session)
  const session = await openSession(order, person, page)
  const attached = await attachSession(order._id, session.id)
  // Another request was first. Nobody gets the address of this one.
  return attached === session.id ? session : readSession(attached)
}

/** Records what Stripe answered about an order's session. Returns the state of the order. */
export async function applyAnswer(session: Awaited<ReturnType<typeof readSession>>, order: Order) {
  const { id, status, payment_status: paymentStatus } = session
  if (status !== 'open') {
    const at = now()
    const type = `checkout.session.${status === 'expired' ? 'expired' : 'completed'}`
    // Stored first, like an event from Stripe: if the process dies before access is updated, the worker finishes it.
    // Each answer counts once, however often the page is opened.
    const isNew = await storeStripeEvent(`read:${id}:${status}:${paymentStatus}`, type, at, session)
    if (isNew) await applySession(type, session, at)
  }
  const current = await Orders.findById(order._id)
  return stateOf(current ?? order)
}
