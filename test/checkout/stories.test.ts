import { Types } from 'mongoose'
import { config } from '../../src/platform/config'
import { minutes } from '../../src/platform/clock'
import { StripeEvents } from '../../src/checkout/stripe-event'
import { startStripeSimulator, type StripeSimulator } from '../../src/demo/stripe'
import { sessions } from '../../src/demo/stripe-session'
import { Enrolments, enrolmentId } from '../../src/learning/enrolment'
import { Emails } from '../../src/mail/email'
import { Orders, type Order, type OrderState } from '../../src/orders/order'
import { givesAccess, paymentOf, stateOf } from '../../src/orders/payment'
import type { PaymentFact } from '../../src/orders/payment-fact'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { randomOf, type Random } from '../leads/histories'
import { closeEndpointServers, openEndpointServer, type EndpointServer } from '../webhooks/endpoint-server'
import {
  chargeRefunded,
  disputeEvent,
  refundEvent,
  sendEvent,
  sessionEvent,
  type StripeEvent,
} from './stripe-events'

/*
 * What Stripe reports about an order, story by story, arrives in every order and with every event doubled: the order
 * ends in one state, and the last message to the CRM and the last email to the buyer agree with it.
 */

const seed = Number(process.env.STORY_SEED ?? 20_261_129)
/** Orders of arrival that are run through the whole application, per story; `npm run test:long` runs 12. */
const arrivals = Number(process.env.STORY_ARRIVALS ?? 2)

type EventOf = (order: Order) => StripeEvent

const completed: EventOf = order => sessionEvent('completed', order)
const unpaid: EventOf = order => sessionEvent('completed', order, { payment_status: 'unpaid' })
const succeeded: EventOf = order => sessionEvent('async_payment_succeeded', order)
const failed: EventOf = order => sessionEvent('async_payment_failed', order)
const expired: EventOf = order => sessionEvent('expired', order)
const charge =
  (share: number): EventOf =>
  order =>
    chargeRefunded(order, order.amount * share)
const refund =
  (type: string, id: string, status: string, share = 1): EventOf =>
  order =>
    refundEvent(type, order, id, status, order.amount * share)
const dispute =
  (type: string, id: string, status: string): EventOf =>
  order =>
    disputeEvent(type, order, id, status)
const inquiry = dispute('created', 'dp_0', 'warning_needs_response')
const disputed = dispute('created', 'dp_1', 'needs_response')
const won = dispute('closed', 'dp_1', 'won')

/** Each story in the order in which it happens, a minute apart. */
const stories: { what: string; events: EventOf[]; state: OrderState; refunded?: number }[] = [
  { what: 'paid', events: [completed], state: 'paid' },
  { what: 'never paid', events: [expired], state: 'expired' },
  { what: 'paid by bank transfer, after days', events: [unpaid, succeeded], state: 'paid' },
  { what: 'a bank transfer that fails', events: [unpaid, failed], state: 'failed' },
  { what: 'a bank transfer under way', events: [unpaid], state: 'pending' },
  {
    what: 'refunded in full',
    events: [completed, refund('created', 're_1', 'succeeded'), charge(1)],
    state: 'refunded',
    refunded: 1,
  },
  {
    what: 'refunded in part',
    events: [completed, charge(1 / 4), refund('created', 're_1', 'succeeded', 1 / 4)],
    state: 'partially_refunded',
    refunded: 1 / 4,
  },
  {
    what: 'refunded in two parts',
    events: [
      completed,
      refund('created', 're_1', 'succeeded', 1 / 4),
      charge(1 / 4),
      refund('created', 're_2', 'succeeded', 3 / 4),
      charge(1),
    ],
    state: 'refunded',
    refunded: 1,
  },
  {
    what: 'a refund that fails',
    events: [completed, refund('created', 're_1', 'pending'), charge(1), refund('failed', 're_1', 'failed')],
    state: 'paid',
  },
  {
    what: 'an inquiry that is closed',
    events: [completed, inquiry, dispute('closed', 'dp_0', 'warning_closed')],
    state: 'paid',
  },
  { what: 'an open dispute', events: [completed, disputed], state: 'disputed' },
  { what: 'a dispute that is won', events: [completed, disputed, won], state: 'paid' },
  {
    what: 'a dispute that is lost',
    events: [
      completed,
      disputed,
      dispute('updated', 'dp_1', 'under_review'),
      dispute('closed', 'dp_1', 'lost'),
    ],
    state: 'dispute_lost',
  },
  {
    what: 'a second dispute after a won one',
    events: [completed, disputed, won, dispute('created', 'dp_2', 'needs_response')],
    state: 'disputed',
  },
  {
    what: 'a second dispute that is lost',
    events: [
      completed,
      disputed,
      won,
      dispute('created', 'dp_2', 'needs_response'),
      dispute('closed', 'dp_2', 'lost'),
    ],
    state: 'dispute_lost',
  },
  {
    what: 'an inquiry that becomes a dispute, which is won',
    events: [
      completed,
      inquiry,
      dispute('updated', 'dp_0', 'needs_response'),
      dispute('closed', 'dp_0', 'won'),
    ],
    state: 'paid',
  },
]

let academy: Academy
let stripe: StripeSimulator
let crm: EndpointServer
/** Accounting, which only wants to know about refunds, and fraud, which only wants to know about disputes. */
let refundsOnly: EndpointServer
let disputesOnly: EndpointServer
beforeAll(async () => {
  academy = await openAcademy()
  const address = await academy.listen()
  stripe = await startStripeSimulator({
    eventsUrl: () => `${address}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase = stripe.url
  crm = await openEndpointServer({ types: ['order.paid', 'order.refunded', 'order.disputed'] })
  refundsOnly = await openEndpointServer({ types: ['order.refunded'] })
  disputesOnly = await openEndpointServer({ types: ['order.disputed'] })
})
afterAll(async () => {
  await closeEndpointServers()
  await stripe.close()
  await academy.close()
})

test.each(stories)('$what: all orders of arrival, with each event doubled, end in one state', story => {
  const order = orderOf()
  const facts = story.events.flatMap(
    (eventOf, n) => factOf(eventOf(order), new Date(1e12 + n * 60_000)) ?? [],
  )
  const expected = { state: story.state, refunded: order.amount * (story.refunded ?? 0) }
  let count = 0
  for (const arrived of permutationsOf(facts))
    for (let doubled = -1; doubled < facts.length; doubled++) {
      // An order stores the same fact once; a store that kept both must not change the state.
      const twice = doubled < 0 ? arrived : [...arrived, facts[doubled]!]
      expect(paymentOf({ ...order, facts: twice })).toMatchObject(expected)
      count++
    }
  expect(count).toBe(factorial(facts.length) * (facts.length + 1))
})

test.each(stories)(
  '$what: the CRM, the buyer and the course agree, in whatever order it arrives',
  async story => {
    for (let n = 0; n < arrivals; n++) {
      const random = randomOf(seed + n)
      const events = n === 0 ? story.events : shuffled([...story.events, ...story.events], random)
      const { ada, pumps, order } = await placed()
      const start = Math.floor(Date.now() / 1000) - 3600
      for (const eventOf of events) {
        await sendEvent({ ...eventOf(order), created: start + story.events.indexOf(eventOf) * 60 })
        if (random() < 0.7) await runAllDue()
      }
      // Refunds and disputes have only their payment, so they are retried until it is known.
      for (let round = 0; round < 4; round++) {
        advance(minutes(2))
        await runAllDue()
      }
      const history = `STORY_SEED=${seed + n}: ${events.map(each => story.events.indexOf(each)).join(' ')}`
      const current = (await Orders.findById(order._id))!
      const email = await lastEmailAbout(order)
      for (const server of [refundsOnly, disputesOnly]) {
        expect([history, toldOf(current), null]).toContainEqual(lastMessageAbout(order, server))
      }
      expect({
        history,
        state: stateOf(current),
        told: lastMessageAbout(order),
        email: viewsOf[story.state].includes(email ?? ''),
        isEnrolled: await isEnrolled(ada, pumps),
      }).toEqual({
        history,
        state: story.state,
        told: toldOf(current),
        email: true,
        isEnrolled: givesAccess(story.state),
      })
    }
  },
)

test('a payment link of 1 cent with the number of an order opens nothing, and an administrator reads why', async () => {
  const admin = await make.person({ role: 'admin', name: 'Tomasz Wrona' })
  const { ada, pumps, order } = await placed()
  const foreign = { id: 'cs_test_foreign', amount_total: 1, payment_intent: 'pi_foreign' }
  await sendEvent(sessionEvent('completed', order, foreign))
  await runAllDue()
  expect(stateOf((await Orders.findById(order._id))!)).toBe('open')
  expect(await isEnrolled(ada, pumps)).toBe(false)
  expect(lastMessageAbout(order)).toBeNull()
  const [email] = await Emails.find({ to: admin.email })
  expect(email!.text).toContain('€0.01')
  expect(email!.text).toContain(String(order._id))
  const page = await (await as(admin)).get('/admin/background-jobs').expect(200)
  expect(page.text).toContain('cs_test_foreign')
  // The buyer's own payment still counts.
  await sendEvent(completed(order))
  await runAllDue()
  expect(await isEnrolled(ada, pumps)).toBe(true)
})

test.each([
  ['another amount', { amount_total: 23_999 }],
  ['another currency', { currency: 'usd' }],
  ['no amount', { amount_total: null }],
])('a session of the order with %s does not pay for it', async (_what, more) => {
  const { ada, pumps, order } = await placed()
  await sendEvent(sessionEvent('completed', order, more))
  await runAllDue()
  expect(stateOf((await Orders.findById(order._id))!)).toBe('open')
  expect(await isEnrolled(ada, pumps)).toBe(false)
  const failures = await StripeEvents.find({ failedAt: { $ne: null }, 'object.id': order.session })
  expect(failures).toHaveLength(1)
})

/** The emails after which a buyer knows the state. */
const viewsOf: Record<OrderState, string[]> = {
  open: [''],
  expired: [''],
  pending: ['paymentPending'],
  failed: ['paymentFailed'],
  paid: ['receipt', 'disputeClosed', 'refundFailed'],
  partially_refunded: ['partialRefund'],
  refunded: ['refund'],
  disputed: ['dispute'],
  dispute_lost: ['disputeLost'],
}

async function lastEmailAbout(order: Order): Promise<string | null> {
  const emails = await Emails.find({ _id: { $regex: `:${order._id}:` } })
  const numberOf = (email: { _id: string }) => Number(email._id.split(':').at(-1))
  return (
    emails
      .sort((a, b) => numberOf(a) - numberOf(b))
      .at(-1)
      ?._id.split(':')[0] ?? null
  )
}

/** What the CRM was told last: the message with the highest number. */
function lastMessageAbout(order: Order, server = crm): unknown {
  const orders = server.received
    .map(({ body }) => JSON.parse(body).data.order)
    .filter(({ id }) => id === String(order._id))
  const last = orders.sort((a, b) => a.sequence - b.sequence).at(-1)
  return last ? [last.state, last.refunded_minor] : null
}

/** An order that was never paid isn't for the CRM. */
function toldOf(order: Order): unknown {
  const { state, paidAt, refunded } = paymentOf(order)
  return paidAt ? [state, refunded] : null
}

function orderOf(): Order {
  const _id = new Types.ObjectId()
  return {
    _id,
    session: 'cs_1',
    amount: 24_000,
    currency: 'EUR',
    placedAt: new Date(1e12),
    facts: [],
  } as Partial<Order> as Order
}

type StripeFields = Record<'id' | 'status' | 'payment_intent' | 'currency', string> &
  Record<'amount' | 'amount_refunded' | 'amount_total', number> & { payment_status: 'paid' | 'unpaid' }

/** The fact that an event becomes, as apply-stripe-event.ts reads it. */
function factOf({ type, object }: StripeEvent, at: Date): PaymentFact {
  const { id, status, amount, payment_intent: payment, ...fields } = object as StripeFields
  if (type.startsWith('charge.dispute.')) return { fact: 'dispute', at, payment, dispute: id, status }
  if (type.startsWith('refund.')) return { fact: 'refund', at, payment, refund: id, status, amount }
  if (type === 'charge.refunded') return { fact: 'charge', at, payment, refunded: fields.amount_refunded }
  const statuses = {
    'checkout.session.completed': fields.payment_status,
    'checkout.session.async_payment_succeeded': 'paid',
    'checkout.session.async_payment_failed': 'failed',
    'checkout.session.expired': 'expired',
  } as const
  return {
    fact: 'session',
    at,
    session: id,
    status: statuses[type as keyof typeof statuses],
    amount: fields.amount_total,
    currency: fields.currency,
    payment,
  }
}

function permutationsOf<T>(items: T[]): T[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, n) =>
    permutationsOf([...items.slice(0, n), ...items.slice(n + 1)]).map(rest => [item, ...rest]),
  )
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

function shuffled<T>(items: T[], random: Random): T[] {
  return items
    .map(item => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

async function placed() {
  const ada = await make.person()
  const pumps = await make.course({ price: { amount: 24_000, currency: 'EUR' } })
  await (await as(ada)).post(`/courses/${pumps.slug}/orders`).expect(303)
  const order = (await Orders.findOne({ person: ada._id }))!
  return { ada, pumps, order }
}

async function isEnrolled(
  person: { _id: Order['person'] },
  course: { course: Order['course'] },
): Promise<boolean> {
  const enrolment = await Enrolments.findById(enrolmentId(person._id, course.course!))
  return enrolment !== null && enrolment.revokedAt === null
}

describe('in the demo, where payments are made up', () => {
  const act = async (order: Order, action: string) => {
    const { payment } = (await sessions().findOne({ _id: order.session! }))!
    const answer = await fetch(`${stripe.url}/payments/${payment}/${action}`, {
      method: 'POST',
      redirect: 'manual',
    })
    expect(answer.status).toBe(303)
    for (let round = 0; round < 2; round++) {
      advance(minutes(2))
      await runAllDue()
    }
  }
  const stateNow = async (order: Order) => stateOf((await Orders.findById(order._id))!)
  const payBy = async (order: Order, method: string) => {
    const body = new URLSearchParams({ method })
    await fetch(`${stripe.url}/pay/${order.session}`, { method: 'POST', redirect: 'manual', body })
    await runAllDue()
  }

  test.each([
    ['a transfer that arrives', 'transfer', ['arrive'], ['pending', 'paid']],
    ['a transfer that fails', 'transfer', ['fail'], ['pending', 'failed']],
    [
      'a partial refund that fails',
      'card',
      ['refundPart', 'failRefund'],
      ['paid', 'partially_refunded', 'paid'],
    ],
    ['two refunds', 'card', ['refundPart', 'refund'], ['paid', 'partially_refunded', 'refunded']],
    ['an inquiry', 'card', ['inquire', 'closeInquiry'], ['paid', 'paid', 'paid']],
    [
      'two disputes, the second one after an inquiry',
      'card',
      ['dispute', 'winDispute', 'inquire', 'escalate', 'loseDispute'],
      ['paid', 'disputed', 'paid', 'paid', 'disputed', 'dispute_lost'],
    ],
  ])('%s can be tried out', async (_what, method, actions, states) => {
    const { ada, pumps, order } = await placed()
    await payBy(order, method)
    const seen = [await stateNow(order)]
    for (const action of actions) {
      await act(order, action)
      seen.push(await stateNow(order))
    }
    expect(seen).toEqual(states)
    expect(await isEnrolled(ada, pumps)).toBe(givesAccess(seen.at(-1)!))
  })

  test('what cannot happen to a payment has no button and changes nothing', async () => {
    const { order } = await placed()
    await payBy(order, 'card')
    const { payment } = (await sessions().findOne({ _id: order.session! }))!
    const path = `${stripe.url}/payments/${payment}`
    for (const action of ['arrive', 'winDispute', 'failRefund', 'constructor'])
      expect((await fetch(`${path}/${action}`, { method: 'POST', redirect: 'manual' })).status).toBe(404)
    const page = await (await fetch(stripe.url)).text()
    expect(page).toContain(`/payments/${payment}/refundPart`)
    expect(page).not.toContain(`/payments/${payment}/winDispute`)
    expect(await stateNow(order)).toBe('paid')
  })
})
