import type { Request, Response } from 'express'
import { notFound } from '../platform/errors'
import { paidSeat } from '../orders/access'
import type { Person } from '../people/person'
import { bookingId, SessionBookings } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { holdForPayment, noteOrder } from '../sessions/pay-seat'
import { shownSession } from '../sessions/shown-sessions'
import type { Handler } from '../web/handler'
import { pageZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { openPayment } from './open-payment'
import { seatCheckoutPage } from './order-pages'
import { stripeFailed } from './orders'

/** Puts the paid live session in the URL into `response.locals.liveSession`, or responds with 404. */
export const loadPaidSession: Handler = async (request, response, person) => {
  const session = await shownSession(response.locals.brand, request.params.slug, person)
  if (!session?.price) throw notFound()
  response.locals.liveSession = session
}

/** `GET /sessions/:slug/checkout`: the price and until when the seat is held, before Stripe asks for a card. */
export async function seatCheckout(request: Request, response: Response, person: Person): Promise<void> {
  const session = response.locals.liveSession as LiveSession
  const booking = await SessionBookings.findById(bookingId(session._id, person._id))
  const isHeld = booking?.state === 'paying' || booking?.state === 'offered'
  if (!isHeld || (await paidSeat(person._id, session._id))) {
    return response.redirect(303, `/sessions/${session.slug}`)
  }
  response.render('checkout/seat', seatCheckoutPage(session, booking, pageZone(request), textsOf(response)))
}

/** `POST /sessions/:slug/orders`: holds the seat while the buyer pays, and redirects to Stripe. */
export async function createSeatOrder(request: Request, response: Response, person: Person): Promise<void> {
  const session = response.locals.liveSession as LiveSession
  const { _id, slug, title, price } = session
  const path = `/sessions/${slug}`
  if (await paidSeat(person._id, _id)) return response.redirect(303, path)
  const expiresAt = await holdForPayment(session, person._id)
  const next = await openPayment(
    { of: { course: null, liveSession: _id }, slug, title, price },
    person,
    { baseUrl: response.locals.baseUrl, cancelled: `${path}/checkout`, bought: path, expiresAt },
    order => noteOrder(session, person._id, order._id),
  ).catch(stripeFailed(slug))
  response.redirect(303, next)
}
