import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { Emails } from '../../src/mail/email'
import { Orders } from '../../src/orders/order'
import { stateOf } from '../../src/orders/payment'
import { config } from '../../src/platform/config'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import type { Person } from '../../src/people/person'
import { bookSeat, cancelBooking, reconcileBookings } from '../../src/sessions/book-seat'
import { bookingId, SessionBookings } from '../../src/sessions/booking'
import { LiveSessions, type LiveSession } from '../../src/sessions/live-session'
import { holdForPayment, paymentDue } from '../../src/sessions/pay-seat'
import { createSeats, SessionSeats } from '../../src/sessions/seats'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { advance } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let stripe: StripeSimulator

beforeAll(async () => {
  academy = await openAcademy()
  const address = await academy.listen()
  stripe = await startStripeSimulator({
    eventsUrl: () => `${address}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase = stripe.url
})
afterAll(async () => {
  await stripe.close()
  await academy.close()
})

const price = { amount: 9_000, currency: 'EUR' }
let count = 0

async function paidSession(seats: number, given: Partial<LiveSession> = {}): Promise<LiveSession> {
  const startsAt = later(now(), days(7))
  const session = await LiveSessions.create({
    slug: `paid-${++count}`,
    state: 'published',
    topic: 'learning',
    title: 'Bearings in a day',
    summary: 'Bring a pump.',
    language: 'en',
    startsAt,
    endsAt: later(startsAt, hours(6)),
    timeZone: 'Europe/London',
    kind: 'room',
    price,
    createdAt: now(),
    ...given,
  })
  await createSeats(session._id, seats)
  return session
}

const bookingOf = async (session: LiveSession, person: Person) =>
  (await SessionBookings.findById(bookingId(session._id, person._id)))!
const takenOf = async ({ _id }: LiveSession) => (await SessionSeats.findById(_id))!.taken
const ordersOf = (person: Person) => Orders.find({ person: person._id }).sort({ placedAt: 1 })
const hold = (session: LiveSession, person: Person) =>
  bookSeat(session, person._id, { paying: paymentDue(session) })

async function openPaymentPage(session: LiveSession, person: Person): Promise<string> {
  const answer = await (await as(person)).post(`/sessions/${session.slug}/orders`).expect(303)
  return answer.headers.location!
}

/** Presses a button of Stripe's payment page. */
async function pay(page: string, method = 'card'): Promise<void> {
  const body = new URLSearchParams({ method })
  const answer = await fetch(page, { method: 'POST', body, redirect: 'manual' })
  expect(answer.status).toBe(303)
}

test('a seat is held while its price is paid, and then theirs', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  expect((await hold(session, ada)).state).toBe('paying')
  const checkout = await (await as(ada)).get(`/sessions/${session.slug}/checkout`).expect(200)
  expect(checkout.text).toContain('€90')
  expect(checkout.text).toContain('Your seat is held for you until')
  const ben = await make.person()
  expect((await hold(session, ben)).state).toBe('waiting')
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('booked')
  const order = (await ordersOf(ada))[0]!
  expect(stateOf(order)).toBe('paid')
  const page = await (await as(ada)).get(`/orders/${order._id}`).expect(200)
  expect(page.text).toContain('Go to the session')
  expect(await happened(ada)).toEqual(expect.arrayContaining(['order.paid', 'session.booked']))
  await (await as(ada)).get(`/sessions/${session.slug}/checkout`).expect(303)
})

test('a seat that nobody pays goes to the next, and can no longer be paid', async () => {
  const [ada, ben, session] = [await make.person(), await make.person(), await paidSession(1)]
  await hold(session, ada)
  const page = await openPaymentPage(session, ada)
  await hold(session, ben)
  advance(minutes(40))
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('lapsed')
  expect((await bookingOf(session, ben)).state).toBe('offered')
  await pay(page)
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['expired'])
  await (await as(ada)).post(`/sessions/${session.slug}/orders`).expect(409)
})

test('a payment at the last moment counts, although its report comes late', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  const { apiBase } = config.stripe
  const page = await openPaymentPage(session, ada)
  await pay(page)
  // The event was lost, and Stripe doesn't answer at first.
  const order = (await ordersOf(ada))[0]!
  await Orders.updateOne({ _id: order._id }, { $set: { facts: [], changes: [] } })
  config.stripe.apiBase = 'http://127.0.0.1:9'
  advance(minutes(40))
  await runAllDue()
  expect(await takenOf(session)).toBe(1)
  config.stripe.apiBase = apiBase!
  advance(minutes(5))
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('booked')
})

test('a transfer that takes days keeps the seat until it arrives', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada), 'transfer')
  advance(days(2))
  await runAllDue()
  expect(await takenOf(session)).toBe(1)
  await fetch(`${stripe.url}/payments/${(await ordersOf(ada))[0]!.paymentIntent}/arrive`, {
    method: 'POST',
    redirect: 'manual',
  })
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('booked')
})

test('whoever gives up the seat in time gets the money back', async () => {
  const [ada, session] = [await make.person(), await paidSession(2)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  await cancelBooking(session, ada._id)
  await runAllDue()
  await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['refunded'])
  expect(await takenOf(session)).toBe(0)
})

test('nobody pays for a seat that they gave up on the way', async () => {
  const [ada, ben] = [await make.person(), await make.person()]
  const session = await paidSession(2)
  for (const each of [ada, ben]) await hold(session, each)
  const [adasPage, bensPage] = [await openPaymentPage(session, ada), await openPaymentPage(session, ben)]
  await cancelBooking(session, ada._id)
  await runAllDue()
  await pay(adasPage)
  await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['expired'])
  // Paid before the page was closed.
  await pay(bensPage)
  await cancelBooking(session, ben._id)
  for (const _ of [1, 2]) await runAllDue()
  expect((await ordersOf(ben)).map(stateOf)).toEqual(['refunded'])
  expect(await takenOf(session)).toBe(0)
})

test('whoever gives it up later keeps nothing but may book again without paying', async () => {
  const [ada, session] = [await make.person(), await paidSession(2)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  advance(days(6.5))
  await cancelBooking(session, ada._id)
  await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['paid'])
  expect((await bookSeat(session, ada._id)).state).toBe('booked')
  await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['paid'])
})

test('everyone gets the money back when the session is cancelled', async () => {
  const [ada, ben, session] = [await make.person(), await make.person(), await paidSession(2)]
  for (const each of [ada, ben]) {
    await hold(session, each)
    await pay(await openPaymentPage(session, each))
  }
  await runAllDue()
  await LiveSessions.updateOne({ _id: session._id }, { $set: { state: 'cancelled', cancelledAt: now() } })
  await reconcileBookings((await LiveSessions.findById(session._id))!)
  await runAllDue()
  await runAllDue()
  for (const each of [ada, ben]) expect((await ordersOf(each)).map(stateOf)).toEqual(['refunded'])
})

test('a refund in Stripe frees the seat', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  await fetch(`${stripe.url}/payments/${(await ordersOf(ada))[0]!.paymentIntent}/refund`, {
    method: 'POST',
    redirect: 'manual',
  })
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('cancelled')
  expect(await takenOf(session)).toBe(0)
})

test('money that comes when every seat is gone is sent back', async () => {
  const [ada, ben, session] = [await make.person(), await make.person(), await paidSession(1)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  // As if the hold had lapsed before the payment was known.
  await SessionSeats.updateOne({ _id: session._id }, { $set: { holders: [], taken: 0 } })
  await SessionBookings.updateOne({ _id: bookingId(session._id, ada._id) }, { $set: { state: 'lapsed' } })
  await hold(session, ben)
  await runAllDue()
  await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['refunded'])
  expect((await bookingOf(session, ada)).state).toBe('cancelled')
  expect((await bookingOf(session, ben)).state).toBe('paying')
})

test('whoever a host takes the seat away from gets the money back, however late, and reads why', async () => {
  const [ada, host, session] = [
    await make.person(),
    await make.person({ role: 'admin' }),
    await paidSession(2),
  ]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  // Whoever gives it up at this time gets nothing back.
  advance(days(6.5))
  await (await as(host)).post(`/studio/sessions/${session._id}/people/${ada._id}/removal`).expect(303)
  for (const _ of [1, 2]) await runAllDue()
  expect((await ordersOf(ada)).map(stateOf)).toEqual(['refunded'])
  const subjects = (await Emails.find({ person: ada._id })).map(({ subject }) => subject)
  expect(subjects).toContain('Your seat was cancelled: Bearings in a day')
  expect(subjects).not.toContain('You gave up your seat: Bearings in a day')
})

test('a dispute takes the seat away, and the money that comes back brings it again', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  const { paymentIntent } = (await ordersOf(ada))[0]!
  const press = (what: string) =>
    fetch(`${stripe.url}/payments/${paymentIntent}/${what}`, { method: 'POST', redirect: 'manual' })
  await press('dispute')
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('cancelled')
  await press('winDispute')
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('booked')
  // It is paid by the same order, and goes with it.
  await press('refund')
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('cancelled')
  expect(await takenOf(session)).toBe(0)
})

test('a transfer that has not arrived at the start keeps the seat until the end, and no longer', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  await pay(await openPaymentPage(session, ada), 'transfer')
  advance(days(7) + minutes(1))
  await runAllDue()
  expect(await bookingOf(session, ada)).toMatchObject({ state: 'paying', dueAt: session.endsAt })
  advance(hours(6))
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('lapsed')
})

test('a payment page whose opening was interrupted is opened again', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  await openPaymentPage(session, ada)
  // The process died before it noted what Stripe had answered.
  await Orders.updateOne({ person: ada._id }, { $set: { session: null } })
  advance(minutes(5))
  await pay(await openPaymentPage(session, ada))
  await runAllDue()
  expect((await bookingOf(session, ada)).state).toBe('booked')
})

test('nobody holds a seat for hours by opening the payment page again and again', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  await hold(session, ada)
  for (const wait of [0, 30, 30, 20]) {
    advance(minutes(wait))
    await holdForPayment(session, ada._id)
  }
  advance(minutes(15))
  await expect(holdForPayment(session, ada._id)).rejects.toMatchObject({ status: 409 })
})

test('whoever has no seat, or sees no such session, has nothing to pay', async () => {
  const [ada, session] = [await make.person(), await paidSession(1)]
  const free = await paidSession(1, { price: null })
  const draft = await paidSession(1, { state: 'draft' })
  const visitor = await as(ada)
  await visitor.get(`/sessions/${session.slug}/checkout`).expect(303)
  await visitor.post(`/sessions/${session.slug}/orders`).expect(409)
  for (const { slug } of [free, draft, { slug: 'nowhere' }]) {
    await visitor.get(`/sessions/${slug}/checkout`).expect(404)
    await visitor.post(`/sessions/${slug}/orders`).expect(404)
  }
  await (await anonymous()).get(`/sessions/${session.slug}/checkout`).expect(303)
  expect(await ordersOf(ada)).toEqual([])
})
