import { days, later } from '../../src/platform/clock'
import type { EventName } from '../../src/events/definitions'
import type { Ledger } from '../../src/scoring/read-ledger'
import { evidenceOf } from '../../src/scoring/evidence'

const today = new Date('2026-11-23T09:00:00Z')

/** A change of an order, a number of days ago. */
function orderEvent(name: EventName, order: string, number: number, daysAgo: number): Ledger[number] {
  const data = { order, title: `Course ${order}`, amount: 24_000, currency: 'EUR', number, refunded: 0 }
  const at = later(today, -days(daysAgo))
  return { _id: `${name}:${order}:${number}`, name, course: null, at, data }
}

const claimsOf = (...ledger: Ledger) => evidenceOf(ledger, today).map(({ claim }) => claim.values?.title)

test('a rep reads that a lead bought a course, until the money is sent back or disputed', () => {
  const paid = orderEvent('order.paid', 'A', 1, 9)
  expect(claimsOf(paid)).toEqual(['Course A'])
  expect(claimsOf(paid, orderEvent('order.refunded', 'A', 2, 5))).toEqual([])
  expect(claimsOf(paid, orderEvent('order.disputed', 'A', 2, 5))).toEqual([])
})

test('a rep reads it again once the dispute is won, and of another order all the time', () => {
  const first = [orderEvent('order.paid', 'A', 1, 9), orderEvent('order.disputed', 'A', 2, 5)]
  expect(claimsOf(...first, orderEvent('order.reinstated', 'A', 3, 1))).toEqual(['Course A'])
  expect(claimsOf(orderEvent('order.paid', 'B', 1, 12), ...first)).toEqual(['Course B'])
})

test('a rep reads what was bought later, after an order of the same course was refunded', () => {
  const refunded = [orderEvent('order.paid', 'A', 1, 9), orderEvent('order.refunded', 'A', 2, 8)]
  expect(claimsOf(...refunded, orderEvent('order.paid', 'C', 1, 1))).toEqual(['Course C'])
})
