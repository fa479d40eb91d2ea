import type { Published } from '../courses/published'
import { itemOf, itemPath, type Order, type OrderState } from '../orders/order'
import { paymentOf, stateOf } from '../orders/payment'
import type { SessionBooking } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { courseCover } from '../web/course-cover'
import type { CourseLook } from '../web/course-palette'
import type { Texts } from '../web/texts'

/** Returns what the checkout page of a paid course shows. */
export function checkoutPage(published: Published, texts: Texts, look: CourseLook) {
  const { slug, content, lessons, minutes } = published
  const { t, money } = texts
  const title = t('checkout:checkout.title', { title: content.title })
  const price = content.price ? money(content.price.amount, content.price.currency) : ''
  return {
    head: { title, noindex: true },
    course: { href: `/courses/${slug}`, title: content.title },
    cover: courseCover(texts, published, look),
    title,
    included: [
      t('checkout:checkout.lessons', { count: lessons.length, minutes: texts.minutes(minutes) }),
      ...(content.certificate ? [t('checkout:checkout.certificate')] : []),
      t('checkout:checkout.versions'),
    ],
    price,
    action: `/courses/${slug}/orders`,
    button: t('checkout:checkout.pay', { price }),
  }
}

/** Returns what the checkout page of a seat in a live session shows; `zone` is the reader's. */
export function seatCheckoutPage(
  session: LiveSession,
  { until }: SessionBooking,
  zone: string,
  texts: Texts,
) {
  const { t, money, dateIn, timeIn } = texts
  const title = t('checkout:checkout.seatTitle', { title: session.title })
  const price = session.price ? money(session.price.amount, session.price.currency) : ''
  const { slug, startsAt, refundHours, isRecorded } = session
  return {
    head: { title, noindex: true },
    session: { href: `/sessions/${slug}`, title: session.title },
    title,
    lede: until ? t('checkout:checkout.seatLede', { until: timeIn(until, zone) }) : '',
    included: [
      t('checkout:checkout.seat', { when: dateIn(startsAt, zone) }),
      t('checkout:checkout.seatInvitation'),
      ...(isRecorded ? [t('checkout:checkout.seatRecording')] : []),
    ],
    price,
    action: `/sessions/${slug}/orders`,
    button: t('checkout:checkout.pay', { price }),
    refund:
      refundHours === null
        ? t('checkout:checkout.seatNoRefund')
        : t('checkout:checkout.seatRefund', { count: refundHours }),
  }
}

const tagOfState: Record<OrderState, string> = {
  open: 'tag-ochre',
  pending: 'tag-ochre',
  failed: 'tag-brick',
  expired: '',
  paid: 'tag-pine',
  partially_refunded: 'tag-pine',
  refunded: 'tag-brick',
  disputed: 'tag-brick',
  dispute_lost: 'tag-brick',
}

/** Returns what the list of orders shows. */
export function ordersPage(orders: Order[], { t, date, money }: Texts) {
  return {
    head: { title: t('checkout:orders.title'), noindex: true },
    empty: {
      title: t('checkout:orders.none'),
      text: t('checkout:orders.noneText'),
      link: { href: '/courses', text: t('checkout:orders.noneLink') },
    },
    orders: orders.map(order => ({
      href: `/orders/${order._id}`,
      title: order.title,
      tag: tagOfState[stateOf(order)],
      state: t(`checkout:orders.states.${stateOf(order)}`),
      placed: date(order.placedAt),
      price: money(order.amount, order.currency),
    })),
  }
}

/** Returns what the page of an order shows. `email` is where the receipt goes. */
export function orderPage(order: Order, email: string, { t, date, money }: Texts) {
  const { state, since, paidAt, refunded } = paymentOf(order)
  const price = money(order.amount, order.currency)
  const path = itemPath(order)
  const item = itemOf(order)
  const isSeat = item === 'session'
  const begin = {
    href: path,
    text: isSeat ? t('checkout:seatOrder.begin') : t('checkout:order.begin'),
    style: 'button-main button-big',
  }
  const refresh = { href: `/orders/${order._id}`, text: t('checkout:order.refresh'), style: 'button-main' }
  const payAgain = { href: `${path}/checkout`, text: t('checkout:order.again'), style: '' }
  const actions: Record<OrderState, (typeof begin)[]> = {
    open: [refresh, payAgain],
    pending: [refresh],
    failed: [{ ...payAgain, style: 'button-main' }],
    expired: [payAgain],
    paid: [begin],
    partially_refunded: [begin],
    refunded: [],
    disputed: [],
    dispute_lost: [],
  }
  const values = { email, price, day: date(since), refunded: money(refunded, order.currency) }
  return {
    head: { title: t('checkout:order.title', { title: order.title }), noindex: true },
    title: t(`checkout:order.${state}`),
    lede: isSeat ? t(`checkout:seatOrder.${state}Text`, values) : t(`checkout:order.${state}Text`, values),
    actions: actions[state],
    item: { kind: t(`checkout:order.${item}`), href: path, title: order.title },
    price,
    placed: date(order.placedAt, 'full'),
    paid: paidAt && date(paidAt, 'full'),
    refunded: refunded ? values.refunded : null,
    number: String(order._id),
  }
}
