import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { shownCourse } from '../courses/shown-courses'
import { notFound, HttpError } from '../platform/errors'
import { log } from '../platform/log'
import { hasAccess } from '../orders/access'
import { Orders, type Order } from '../orders/order'
import { givesAccess, stateOf } from '../orders/payment'
import { attachSession, placeOrder } from '../orders/place-order'
import { storeStripeEvent } from './store-stripe-event'
import { applySession } from './apply-stripe-event'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'
import { checkoutPage, orderPage, ordersPage } from './order-pages'
import { expireSession, openSession, readSession } from './stripe'

/** Puts the course in the URL into `response.locals.published`, or responds with 404. */
export const loadCourse: Handler = async (request, response, person) => {
  const published = await shownCourse(response.locals.brand, request.params.slug, person)
  if (!published) throw notFound()
  response.locals.published = published
}

/** `GET /courses/:slug/checkout`: the price and what is included, before Stripe asks for a card. */
export async function checkout(request: Request, response: Response, person: Person): Promise<void> {
  const published = response.locals.published as Published
  if (await hasAccess(person, published)) return response.redirect(303, `/courses/${published.slug}`)
  response.render('checkout/checkout', checkoutPage(published, textsOf(response)))
}

/** `POST /courses/:slug/orders`: places an order and redirects to its Checkout Session. */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const published = response.locals.published as Published
  const next = await openPayment(published, person, response.locals.baseUrl).catch(error => {
    log.error({ err: error, course: published.slug }, 'could not open a Stripe session')
    throw new HttpError(503, 'checkout:errors.stripe')
  })
  response.redirect(303, next)
}

/**
 * Returns where the person pays for a course. Where there is nothing to pay, returns the course or the order's page; an
 * order that Stripe says is over is followed by a new one.
 */
async function openPayment(published: Published, person: Person, baseUrl: string): Promise<string> {
  for (;;) {
    const order = await placeOrder(person, published)
    if (!order) return `/courses/${published.slug}`
    const paid = await endEarlierSessions(order)
    if (paid) return `/orders/${paid._id}`
    const session = await sessionOf(order, person, baseUrl)
    if (session.url) return session.url
    // Its event has not arrived yet.
    const state = await applyAnswer(session, order)
    if (state !== 'expired' && state !== 'failed') return `/orders/${order._id}`
  }
}

/**
 * Ends the sessions of a person's earlier orders for a course, such as those at an old price, so that one payment is
 * possible and not two. Returns an order that turns out to be paid, or whose money is on its way.
 */
async function endEarlierSessions({ _id, person, course }: Order): Promise<Order | undefined> {
  const others = await Orders.find({ person, course, _id: { $ne: _id }, session: { $ne: null } })
  for (const other of others.filter(each => stateOf(each) === 'open')) {
    const session = await expireSession(other.session!).catch(() => readSession(other.session!))
    const state = await applyAnswer(session, other)
    if (state === 'pending' || givesAccess(state)) return other
  }
  return undefined
}

/** Returns the Checkout Session of an order, which is opened for the first time it is asked for. */
async function sessionOf(order: Order, person: Person, baseUrl: string) {
  if (order.session) return readSession(order.session)
  const session = await openSession(order, person, baseUrl)
  await attachSession(order._id, session.id)
  return session
}

/** Records what Stripe answered about an order's session. Returns the state of the order. */
async function applyAnswer(session: Awaited<ReturnType<typeof readSession>>, order: Order) {
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

/** `GET /orders`: the person's orders, newest first. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const orders = await Orders.find({ person: person._id }).sort({ placedAt: -1 }).limit(100)
  response.render('checkout/orders', ordersPage(orders, textsOf(response)))
}

/** `GET /orders/:id`: where Stripe sends the buyer back to. Asks Stripe when its event has not arrived yet. */
export async function show(
  request: Request<{ id: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const order = await ownOrder(request.params.id, person)
  if (order.session && ['open', 'pending'].includes(stateOf(order))) {
    const session = await readSession(order.session).catch(error => {
      // The event will arrive anyway. Until then the page says that the payment isn't confirmed.
      log.warn({ err: error, order: String(order._id) }, 'could not read a Stripe session')
      return undefined
    })
    if (session) await applyAnswer(session, order)
  }
  const page = orderPage(await ownOrder(request.params.id, person), person.email, textsOf(response))
  response.render('checkout/order', page)
}

async function ownOrder(id: string, person: Person): Promise<Order> {
  if (!Types.ObjectId.isValid(id)) throw notFound()
  const order = await Orders.findOne({ _id: id, person: person._id })
  if (!order) throw notFound()
  return order
}
