import { record } from '../events/record'
import { itemOf, Orders, type Order, type OrderChange } from './order'
import { givesAccess, hasArrived, paymentOf } from './payment'

/**
 * Numbers the changes of an order's state and records an event for each. Two workers that see different facts agree in
 * the end: each number is taken once, and whoever comes second looks again.
 *
 * @returns the order, whose last change is its state.
 */
export async function recordChanges(order: Order): Promise<Order> {
  let current = order
  for (let next = nextChange(current); next; next = nextChange(current)) {
    const filter = { _id: current._id, changes: { $size: current.changes.length } }
    const numbered = await Orders.findOneAndUpdate(
      filter,
      { $push: { changes: next } },
      { returnDocument: 'after' },
    )
    current = numbered ?? (await Orders.findById(current._id)) ?? current
  }
  // All of them, in case a process died between a change and its event.
  for (const change of current.changes) await recordChange(current, change)
  return current
}

/** Returns the change that an order's facts make due; null when its last change says where it stands. */
function nextChange(order: Order): OrderChange | null {
  const { state, refunded, since, paidAt } = paymentOf(order)
  const last = order.changes.at(-1)
  if (state === (last?.state ?? 'open') && refunded === (last?.refunded ?? 0)) return null
  const number = order.changes.length + 1
  // When a refund or dispute arrives before the payment, the payment still happened first.
  const isFirst = !order.changes.some(change => hasArrived(change.state))
  if (isFirst && hasArrived(state) && paidAt) return { number, state: 'paid', refunded: 0, at: paidAt }
  return { number, state, refunded, at: since }
}

async function recordChange(order: Order, change: OrderChange): Promise<void> {
  const { _id, person, course, amount, currency, title } = order
  const { number, state, refunded, at } = change
  await record({
    name: eventName(order.changes.slice(0, number - 1), change),
    person,
    course,
    at,
    idempotencyKey: [_id, number],
    data: { order: String(_id), amount, currency, title, item: itemOf(order), number, state, refunded },
  })
}

/** Returns the name of a change's event: whether it opens or closes what was bought, or neither. */
function eventName(before: OrderChange[], { state }: OrderChange) {
  const wasOpen = givesAccess(before.at(-1)?.state ?? 'open')
  if (givesAccess(state) === wasOpen) return 'order.updated'
  if (wasOpen) return state === 'refunded' ? 'order.refunded' : 'order.disputed'
  return before.some(change => givesAccess(change.state)) ? 'order.reinstated' : 'order.paid'
}
