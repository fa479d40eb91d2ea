import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import type { Published } from '../courses/published'
import { shownCourse } from '../courses/shown-courses'
import { notFound, HttpError } from '../platform/errors'
import { log } from '../platform/log'
import { hasAccess } from '../orders/access'
import { Orders, type Order } from '../orders/order'
import { stateOf } from '../orders/payment'
import { coursePurchase } from '../orders/place-order'
import { courseLooks } from '../web/course-palette'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'
import { applyAnswer, openPayment } from './open-payment'
import { checkoutPage, orderPage, ordersPage } from './order-pages'
import { readSession } from './stripe'

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
  const looks = await courseLooks(response.locals.brand)
  response.render('checkout/checkout', checkoutPage(published, textsOf(response), looks(published.slug)))
}

/** `POST /courses/:slug/orders`: places an order and redirects to its Checkout Session. */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const published = response.locals.published as Published
  const { slug } = published
  const { baseUrl } = response.locals
  const page = { baseUrl, cancelled: `/courses/${slug}/checkout`, bought: `/courses/${slug}` }
  const next = await openPayment(coursePurchase(published), person, page).catch(stripeFailed(slug))
  response.redirect(303, next)
}

/** Returns the handler of an error while a payment page is opened. */
export function stripeFailed(item: string): (error: unknown) => never {
  return error => {
    if (error instanceof HttpError) throw error
    log.error({ err: error, item }, 'could not open a Stripe session')
    throw new HttpError(503, 'checkout:errors.stripe')
  }
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
