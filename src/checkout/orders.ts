import type { Request, RequestHandler, Response } from 'express'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { publishedCourse, type Published } from '../courses/published'
import { notFound, HttpError } from '../platform/errors'
import { log } from '../platform/log'
import { hasAccess } from '../orders/access'
import { Orders, stateOf, type Order } from '../orders/order'
import { placeOrder } from '../orders/place-order'
import { storeStripeEvent } from './store-stripe-event'
import { applySession } from './apply-stripe-event'
import { openSession, readSession } from './stripe'

/** Puts the course that is bought into `response.locals.published`, or answers 404. */
export const loadCourse: RequestHandler<{ slug: string }> = async (request, response, next) => {
  const published = await publishedCourse(request.params.slug)
  if (!published) throw notFound()
  response.locals.published = published
  next()
}

/** `GET /courses/:slug/checkout`: what one pays, and for what, before Stripe asks for a card. */
export async function checkout(request: Request, response: Response): Promise<void> {
  const published = response.locals.published as Published
  if (await hasAccess(request.user!, published)) return response.redirect(303, `/courses/${published.slug}`)
  response.render('checkout/checkout', {
    head: {
      title: response.locals.t('checkout:checkout.title', { title: published.content.title }),
      noindex: true,
    },
    published,
    price: published.content.price,
  })
}

/** `POST /courses/:slug/orders`: an order, a Checkout Session for it, and off to Stripe. */
export async function create(request: Request, response: Response): Promise<void> {
  const published = response.locals.published as Published
  const order = await placeOrder(request.user!, published)
  if (!order) return response.redirect(303, `/courses/${published.slug}`)
  const session = await openSession(order, request.user!).catch(error => {
    log.error({ err: error, order: String(order._id) }, 'Stripe did not open a session')
    throw new HttpError(503, 'checkout:errors.stripe')
  })
  await Orders.updateOne({ _id: order._id }, { $set: { session: session.id } })
  // Paid already, only its event has not come: the order asks Stripe itself.
  response.redirect(303, session.url ?? `/orders/${order._id}`)
}

/** `GET /orders`: what somebody has bought. */
export async function index(request: Request, response: Response): Promise<void> {
  const orders = await Orders.find({ person: request.user!._id })
    .sort({ placedAt: -1 })
    .limit(100)
    .lean<Order[]>()
  response.render('checkout/orders', {
    head: { title: response.locals.t('checkout:orders.title'), noindex: true },
    orders: orders.map(order => ({ ...order, state: stateOf(order) })),
  })
}

/** `GET /orders/:id`: where Stripe sends the buyer back to. Asks Stripe itself when its event has not come yet. */
export async function show(request: Request<{ id: string }>, response: Response): Promise<void> {
  const order = await ownOrder(request)
  if (stateOf(order) === 'open' && order.session) {
    const session = await readSession(order.session).catch(error => {
      // The event will come all the same; until then the page says that it waits.
      log.warn({ err: error, order: String(order._id) }, 'Stripe did not tell about a session')
      return undefined
    })
    if (session?.payment_status === 'paid') {
      const at = now()
      // Kept first, as an event of Stripe's is: should the process die between the order and what follows, the worker goes on.
      await storeStripeEvent(`read:${session.id}`, 'checkout.session.completed', at, session)
      await applySession(session, at)
    }
  }
  const newest = await ownOrder(request)
  response.render('checkout/order', {
    head: { title: response.locals.t('checkout:order.title', { title: order.title }), noindex: true },
    order: newest,
    state: stateOf(newest),
  })
}

async function ownOrder(request: Request<{ id: string }>): Promise<Order> {
  if (!Types.ObjectId.isValid(request.params.id)) throw notFound()
  const order = await Orders.findOne({ _id: request.params.id, person: request.user!._id }).lean<Order>()
  if (!order) throw notFound()
  return order
}
