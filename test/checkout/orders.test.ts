import request from 'supertest'
import { config } from '../../src/platform/config'
import { hours, minutes } from '../../src/platform/clock'
import { changeDraft } from '../../src/courses/change-draft'
import { publishCourse } from '../../src/courses/publish-course'
import type { Published } from '../../src/courses/published'
import { StripeEvents } from '../../src/checkout/stripe-event'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { Events } from '../../src/events/event'
import { Enrolments, enrolmentId } from '../../src/learning/enrolment'
import { Orders, type Order } from '../../src/orders/order'
import { stateOf } from '../../src/orders/payment'
import { coursePurchase, placeOrder } from '../../src/orders/place-order'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { advance } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import * as make from '../kit/make'
import {
  bodyOf,
  chargeRefunded,
  disputeEvent,
  refundEvent,
  sendBody,
  sendEvent,
  sessionEvent,
  sign,
} from './stripe-events'

let academy: Academy
let stripe: StripeSimulator
let address: string

beforeAll(async () => {
  academy = await openAcademy()
  address = await academy.listen()
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

const price = { amount: 24_000, currency: 'EUR' }

describe('a buyer', () => {
  test('sees the price, pays at Stripe, and gets access', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const page = await visitor.get(`/courses/${pumps.slug}/checkout`).expect(200)
    expect(page.text).toContain('€240')

    const toStripe = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    expect(toStripe.headers.location).toMatch(new RegExp(`^${stripe.url}/pay/cs_test_`))
    const back = await pay(toStripe.headers.location!)
    const order = await visitor.get(new URL(back).pathname).expect(200)
    expect(order.text).toContain('Paid. You&#39;re in.')
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(true)
    expect(await happened(ada)).toEqual(
      expect.arrayContaining(['order.placed', 'order.paid', 'course.enrolled']),
    )
  })

  test('gets access even if the process dies after storing the payment and no event from Stripe arrives', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const toStripe = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    const back = await pay(toStripe.headers.location!)
    await visitor.get(new URL(back).pathname).expect(200)
    await StripeEvents.deleteMany({ _id: /^evt_/ })
    await Events.deleteOne({ person: ada._id, name: 'order.paid' })
    expect((await Orders.find({ person: ada._id })).map(stateOf)).toEqual(['paid'])
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(true)
    expect(await happened(ada)).toEqual(expect.arrayContaining(['order.paid', 'course.enrolled']))
  })

  test('a buyer who clicks twice has one order and one Stripe session', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const press = () => visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    const answers = [await press(), ...(await Promise.all([press(), press(), press()]))]
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1)
    expect(await Orders.count({ person: ada._id })).toBe(1)
  })

  test('a buyer who clicks 8 times at the same moment has one order', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const placed = await Promise.all(Array.from({ length: 8 }, () => placeOrder(ada, coursePurchase(pumps))))
    expect(new Set(placed.map(order => String(order!._id))).size).toBe(1)
    expect(await Orders.count({ person: ada._id })).toBe(1)
    expect(await happened(ada)).toEqual(['order.placed'])
  })

  test('a buyer who has paid is not asked to pay again', async () => {
    const { ada, pumps } = await buyer()
    const visitor = await as(ada)
    await visitor
      .get(`/courses/${pumps.slug}/checkout`)
      .expect(303)
      .expect('location', `/courses/${pumps.slug}`)
    await visitor
      .post(`/courses/${pumps.slug}/orders`)
      .expect(303)
      .expect('location', `/courses/${pumps.slug}`)
  })

  test('gets a new session after a day, since Stripe has closed the old one', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const first = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    advance(hours(25))
    const second = await (await as(ada)).post(`/courses/${pumps.slug}/orders`).expect(303)
    expect(second.headers.location).not.toBe(first.headers.location)
  })

  test('can pay once only, although the price changed while a payment page was open', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const old = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    await changePrice(pumps, 20_000)
    const current = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    expect(current.headers.location).not.toBe(old.headers.location)
    await pay(old.headers.location!)
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(false)
    await pay(current.headers.location!)
    await runAllDue()
    expect((await Orders.find({ person: ada._id })).map(stateOf).sort()).toEqual(['expired', 'paid'])
    expect(await hasAccess(ada, pumps)).toBe(true)
  })

  test('who paid the old price just before it changed is not asked for the new one', async () => {
    const ada = await make.person()
    const pumps = await make.course({ price })
    const visitor = await as(ada)
    const old = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    // Paid at Stripe, whose event is lost.
    await pay(old.headers.location!)
    await Orders.updateOne({ person: ada._id }, { $set: { facts: [], changes: [] } })
    await changePrice(pumps, 20_000)
    const [order] = await Orders.find({ person: ada._id })
    const next = await visitor.post(`/courses/${pumps.slug}/orders`).expect(303)
    expect(next.headers.location).toBe(`/orders/${order!._id}`)
    expect(await Orders.findById(order!._id).then(found => found && stateOf(found))).toBe('paid')
  })

  test('refreshing the page of a pending order records one answer of Stripe', async () => {
    const { ada, order } = await placed()
    const body = new URLSearchParams({ method: 'transfer' })
    await fetch(`${stripe.url}/pay/${order.session}`, { method: 'POST', redirect: 'manual', body })
    const visitor = await as(ada)
    for (let n = 0; n < 5; n++) await visitor.get(`/orders/${order._id}`).expect(200)
    await runAllDue()
    expect((await Orders.findById(order._id))!.facts.length).toBeLessThanOrEqual(2)
  })

  test('who was refunded can start the course once it is free', async () => {
    const { ada, pumps, order } = await buyer()
    await sendEvent(chargeRefunded(order))
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(false)
    const { draftNumber } = await changeDraft(pumps.course, draft => ({ ...draft, price: null }))
    await publishCourse({ course: pumps.course, by: null, draftNumber })
    await (await as(ada)).post(`/courses/${pumps.slug}/enrolment`).expect(303)
    expect(await hasAccess(ada, pumps)).toBe(true)
  })

  test('pays nothing for a free course', async () => {
    const pumps = await make.course()
    await (
      await as(await make.person())
    )
      .post(`/courses/${pumps.slug}/orders`)
      .expect(303)
      .expect('location', `/courses/${pumps.slug}`)
  })

  test('sees their own orders only', async () => {
    const { ada, order } = await buyer()
    expect((await (await as(ada)).get('/orders').expect(200)).text).toContain(order.title)
    const other = await as(await make.person())
    await other.get(`/orders/${order._id}`).expect(404)
    expect((await other.get('/orders').expect(200)).text).toContain('No orders yet')
    await other.get('/orders/rubbish').expect(404)
  })

  test('sees that nothing was charged when Stripe does not respond', async () => {
    const pumps = await make.course({ price })
    config.stripe.apiBase = 'http://127.0.0.1:1'
    const refused = await (await as(await make.person())).post(`/courses/${pumps.slug}/orders`).expect(503)
    config.stripe.apiBase = stripe.url
    expect(refused.text).toContain('You haven&#39;t been charged')
  })
})

describe('Stripe events, in any order and number', () => {
  const paid = (order: Order) => sessionEvent('completed', order)
  const refunded = (order: Order) => chargeRefunded(order)
  const refundFailed = (order: Order) => refundEvent('failed', order, 're_1', 'failed')
  const disputed = (order: Order) => disputeEvent('created', order, 'dp_1', 'needs_response')
  const won = (order: Order) => disputeEvent('closed', order, 'dp_1', 'won')
  test.each([
    { what: 'paid', events: [paid], isEnrolled: true },
    { what: 'paid, three times', events: [paid, paid, paid], isEnrolled: true },
    { what: 'paid, refunded', events: [paid, refunded], isEnrolled: false },
    { what: 'refunded, paid', events: [refunded, paid], isEnrolled: false },
    { what: 'paid, refunded, both twice', events: [paid, refunded, paid, refunded], isEnrolled: false },
    { what: 'paid, refunded, refund failed', events: [paid, refunded, refundFailed], isEnrolled: true },
    { what: 'paid, disputed', events: [paid, disputed], isEnrolled: false },
    { what: 'disputed, paid', events: [disputed, paid], isEnrolled: false },
    { what: 'paid, disputed, won', events: [paid, disputed, won], isEnrolled: true },
    { what: 'won, disputed, paid', events: [won, disputed, paid], isEnrolled: true },
  ])('$what: enrolled is $isEnrolled', async ({ events: eventsOf, isEnrolled }) => {
    const { ada, pumps, order } = await placed()
    for (const eventOf of eventsOf) {
      await sendEvent(eventOf(order))
      await runAllDue()
    }
    // A dispute has only its payment, so it is retried until the payment is known.
    advance(minutes(2))
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(isEnrolled)
    const events = await happened(ada)
    expect(events.filter(name => name === 'course.enrolled').length).toBeLessThanOrEqual(1)
    expect(events.filter(name => name === 'order.paid').length).toBeLessThanOrEqual(1)
  })

  test('a partial refund does not end access', async () => {
    const { ada, pumps, order } = await placed()
    await sendEvent(paid(order))
    await sendEvent(chargeRefunded(order, 100))
    await runAllDue()
    expect(await hasAccess(ada, pumps)).toBe(true)
  })

  test('an event that arrives twice is applied once', async () => {
    const { ada, order } = await placed()
    const event = bodyOf(sessionEvent('completed', order))
    for (let n = 0; n < 3; n++) await sendBody(event).expect(200)
    await Promise.all(Array.from({ length: 4 }, () => sendBody(event).expect(200)))
    expect(await StripeEvents.count({ 'object.client_reference_id': String(order._id) })).toBe(1)
    expect((await happened(ada)).filter(name => name === 'order.paid')).toHaveLength(1)
  })

  test('only the fields that an order needs are stored, not the buyer’s details', async () => {
    const { order } = await placed()
    const details = {
      email: 'ada@northwind-pumps.example',
      name: 'Ada Lovelace',
      address: { city: 'London' },
    }
    await sendEvent(
      sessionEvent('completed', order, { customer_email: details.email, customer_details: details }),
    )
    const stored = await StripeEvents.find({ 'object.client_reference_id': String(order._id) })
    expect(stored).toHaveLength(1)
    expect(JSON.stringify(stored)).not.toMatch(/northwind|Lovelace|London/)
  })

  test('a buyer who pays again after a refund finds their progress', async () => {
    const { ada, pumps, order } = await placed()
    await sendEvent(sessionEvent('completed', order))
    await runAllDue()
    await Enrolments.updateOne(
      { _id: enrolmentId(ada._id, pumps.course) },
      { $set: { lastLesson: 'lesson-2' } },
    )
    await sendEvent(chargeRefunded(order))
    await runAllDue()
    const again = await (await as(ada)).post(`/courses/${pumps.slug}/orders`).expect(303)
    await pay(again.headers.location!)
    await runAllDue()
    const enrolment = await Enrolments.findById(enrolmentId(ada._id, pumps.course))
    expect(enrolment).toMatchObject({ revokedAt: null, lastLesson: 'lesson-2' })
  })

  test('a wrong, old or missing signature and an invalid body are rejected, and nothing is written', async () => {
    const { ada, order } = await placed()
    const body = bodyOf(sessionEvent('completed', order))
    const old = Math.floor(Date.now() / 1000) - 3600
    for (const signature of ['', 'rubbish', sign(body, 'whsec_other'), sign(body, undefined, old)]) {
      await sendBody(body, signature).expect(400)
    }
    await sendBody('{').expect(400)
    await request(theApp())
      .post('/stripe/events')
      .set('content-type', 'application/json')
      .send('x'.repeat(400_000))
      .expect(413)
    expect(await happened(ada)).not.toContain('order.paid')
  })

  test('an event about an unknown order changes nothing', async () => {
    const { ada, order } = await placed()
    await sendEvent(sessionEvent('completed', order, { client_reference_id: 'not-ours' }))
    await sendEvent({ type: 'customer.created', object: { id: 'cus_1' } })
    expect(await happened(ada)).not.toContain('order.paid')
  })

  test('events of any shape do not keep a buyer’s payment waiting', async () => {
    const { ada, order } = await placed()
    const object = { toString: 1, valueOf: null }
    for (const field of ['client_reference_id', 'payment_intent', 'metadata', 'id', 'status']) {
      await sendEvent({ type: 'charge.refunded', object: { [field]: object, amount_refunded: object } })
      await sendEvent({ type: 'checkout.session.completed', object: { [field]: [object] } })
    }
    await sendEvent({ type: 'charge.refunded', object: { metadata: { order: object } } })
    await sendEvent(sessionEvent('completed', order))
    await runAllDue()
    expect(await happened(ada)).toContain('order.paid')
  })
})

test('an anonymous visitor is asked to sign in before paying', async () => {
  const pumps = await make.course({ price })
  const visitor = await anonymous()
  await visitor
    .get(`/courses/${pumps.slug}/checkout`)
    .expect(303)
    .expect('location', /^\/sign-in\?next=/)
  await visitor.post(`/courses/${pumps.slug}/orders`).expect(401)
})

async function placed() {
  const ada = await make.person()
  const pumps = await make.course({ price })
  await (await as(ada)).post(`/courses/${pumps.slug}/orders`).expect(303)
  const order = (await Orders.findOne({ person: ada._id }))!
  return { ada, pumps, order }
}

async function buyer() {
  const made = await placed()
  await sendEvent(sessionEvent('completed', made.order))
  await runAllDue()
  return made
}

async function changePrice({ course, content }: Published, amount: number): Promise<void> {
  const changed = { ...content, price: { amount, currency: 'EUR' } }
  const { draftNumber } = await changeDraft(course, () => changed)
  await publishCourse({ course, by: null, draftNumber })
}

async function pay(address: string): Promise<string> {
  const answer = await fetch(address, { method: 'POST', redirect: 'manual' })
  return answer.headers.get('location')!
}

async function hasAccess(
  person: { _id: Order['person'] },
  course: { course: Order['course'] },
): Promise<boolean> {
  const enrolment = await Enrolments.findById(enrolmentId(person._id, course.course!))
  return enrolment !== null && enrolment.revokedAt === null
}
