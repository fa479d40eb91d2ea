import { randomBytes } from 'node:crypto'
import mongoose from 'mongoose'

type Refund = {
  id: string
  amount: number
  status: 'succeeded' | 'failed'
  /** Of the request that made it; none for a refund by the seller's button. */
  idempotencyKey?: string | null
}
type Dispute = {
  id: string
  status: 'warning_needs_response' | 'warning_closed' | 'needs_response' | 'won' | 'lost'
}

/** A Checkout Session of the Stripe simulator, with its payment and what became of it. Amounts are in minor units. */
export type Session = {
  _id: string
  created: number
  status: 'open' | 'complete' | 'expired'
  amount: number
  currency: string
  name: string
  email: string | null
  reference: string | null
  metadata: Record<string, string>
  successUrl: string
  cancelUrl: string
  payment: string | null
  /** A bank transfer is `unpaid` for days, then `paid` or `failed`. */
  paymentStatus: 'unpaid' | 'paid' | 'failed'
  refunds: Refund[]
  disputes: Dispute[]
  idempotencyKey: string | null
  /** When an open session expires, in seconds; null in sessions without a time of their own. */
  expiresAt?: number | null
}

/** The sessions, in a collection of their own; a function, since the database is connected later. */
export const sessions = () => mongoose.connection.collection<Session>('demo_stripe')

/** An event as Stripe sends it. */
export type Occurrence = { type: string; object: object }

/** What the seller, the buyer or their bank can do with a payment. */
type Action = {
  name: string
  isPossible: (session: Session) => boolean
  /** Returns the changed session and what Stripe reports. */
  run: (session: Session) => { session: Session; events: ((session: Session) => Occurrence)[] }
}

/** The actions in the order of their buttons; the text of each is `checkout:simulator.actions.<name>`. */
const actions: Action[] = [
  {
    name: 'arrive',
    isPossible: ({ paymentStatus }) => paymentStatus === 'unpaid',
    run: session => ({
      session: { ...session, paymentStatus: 'paid' },
      events: [sessionEvent('async_payment_succeeded')],
    }),
  },
  {
    name: 'fail',
    isPossible: ({ paymentStatus }) => paymentStatus === 'unpaid',
    run: session => ({
      session: { ...session, paymentStatus: 'failed' },
      events: [sessionEvent('async_payment_failed')],
    }),
  },
  { name: 'refund', isPossible: session => refundable(session) > 0, run: session => refund(session, 1) },
  {
    name: 'refundPart',
    isPossible: session => refundable(session) > 1,
    run: session => refund(session, 1 / 4),
  },
  {
    name: 'failRefund',
    isPossible: session => succeeded(session).length > 0,
    run: session => {
      const { id } = succeeded(session).at(-1)!
      const refunds = session.refunds.map(each =>
        each.id === id ? { ...each, status: 'failed' as const } : each,
      )
      return { session: { ...session, refunds }, events: [refundEvent('failed', id)] }
    },
  },
  {
    name: 'inquire',
    isPossible: session => isPaid(session) && !openDispute(session),
    run: session => openNew(session, 'warning_needs_response'),
  },
  {
    name: 'dispute',
    isPossible: session => isPaid(session) && !openDispute(session),
    run: session => openNew(session, 'needs_response'),
  },
  {
    name: 'escalate',
    isPossible: session => openDispute(session)?.status === 'warning_needs_response',
    run: session => settle(session, 'needs_response', 'updated'),
  },
  {
    name: 'closeInquiry',
    isPossible: session => openDispute(session)?.status === 'warning_needs_response',
    run: session => settle(session, 'warning_closed', 'closed'),
  },
  {
    name: 'winDispute',
    isPossible: session => openDispute(session)?.status === 'needs_response',
    run: session => settle(session, 'won', 'closed'),
  },
  {
    name: 'loseDispute',
    isPossible: session => openDispute(session)?.status === 'needs_response',
    run: session => settle(session, 'lost', 'closed'),
  },
]

/** Returns the names of what can happen to a payment now. */
export function possibleActions(session: Session): string[] {
  return actions.filter(action => action.isPossible(session)).map(({ name }) => name)
}

/**
 * Lets something happen to a payment.
 *
 * @returns the events that Stripe reports; null when it isn't possible now.
 */
export async function act(
  payment: string,
  name: string,
  idempotencyKey: string | null = null,
): Promise<Occurrence[] | null> {
  const session = await sessions().findOne({ payment })
  const action = actions.find(each => each.name === name)
  if (!session || !action?.isPossible(session)) return null
  const { session: changed, events } = action.run(session)
  if (idempotencyKey) changed.refunds.at(-1)!.idempotencyKey = idempotencyKey
  const { paymentStatus, refunds, disputes } = changed
  await sessions().updateOne({ payment }, { $set: { paymentStatus, refunds, disputes } })
  return events.map(event => event(changed))
}

const isPaid = ({ paymentStatus }: Session) => paymentStatus === 'paid'
const succeeded = ({ refunds }: Session) => refunds.filter(({ status }) => status === 'succeeded')
const refundedOf = (session: Session) => succeeded(session).reduce((sum, { amount }) => sum + amount, 0)
const refundable = (session: Session) => (isPaid(session) ? session.amount - refundedOf(session) : 0)
const openDispute = ({ disputes }: Session) =>
  disputes.find(({ status }) => status.endsWith('needs_response'))
const newId = (kind: string) => `${kind}_${randomBytes(12).toString('hex')}`

function refund(session: Session, share: number) {
  const left = refundable(session)
  const amount = Math.max(1, Math.floor(left * share))
  const made: Refund = { id: newId('re'), amount, status: 'succeeded' }
  const chargeEvent = (changed: Session) => ({ type: 'charge.refunded', object: chargeObject(changed) })
  return {
    session: { ...session, refunds: [...session.refunds, made] },
    events: [refundEvent('created', made.id), chargeEvent],
  }
}

function openNew(session: Session, status: Dispute['status']) {
  const made: Dispute = { id: newId('dp'), status }
  return {
    session: { ...session, disputes: [...session.disputes, made] },
    events: [disputeEvent('created', made.id)],
  }
}

/** Changes the dispute that is open. */
function settle(session: Session, status: Dispute['status'], event: 'updated' | 'closed') {
  const { id } = openDispute(session)!
  const disputes = session.disputes.map(each => (each.id === id ? { ...each, status } : each))
  return { session: { ...session, disputes }, events: [disputeEvent(event, id)] }
}

/** Returns a function that reports the session itself. */
export function sessionEvent(name: string): (session: Session) => Occurrence {
  return session => ({ type: `checkout.session.${name}`, object: sessionObject(session) })
}

function refundEvent(name: string, id: string): (session: Session) => Occurrence {
  return session => {
    return { type: `refund.${name}`, object: refundObject(session, id) }
  }
}

export function refundObject({ refunds, payment, currency }: Session, id: string) {
  const { amount, status } = refunds.find(each => each.id === id)!
  return { id, object: 'refund', amount, currency, payment_intent: payment, status, metadata: {} }
}

function disputeEvent(name: string, id: string): (session: Session) => Occurrence {
  return session => {
    const { status } = session.disputes.find(each => each.id === id)!
    const { amount, currency, payment } = session
    const charge = chargeObject(session).id
    const object = { id, object: 'dispute', amount, currency, charge, payment_intent: payment, status }
    return { type: `charge.dispute.${name}`, object: { ...object, metadata: {} } }
  }
}

/** @param payUrl where an open session is paid; not needed in events about one that is complete. */
export function sessionObject(session: Session, payUrl: string | null = null) {
  return {
    id: session._id,
    object: 'checkout.session',
    created: session.created,
    expires_at: session.expiresAt ?? session.created + 24 * 3600,
    status: session.status,
    mode: 'payment',
    payment_status: session.paymentStatus === 'paid' ? 'paid' : 'unpaid',
    amount_total: session.amount,
    currency: session.currency,
    client_reference_id: session.reference,
    customer_email: session.email,
    metadata: session.metadata,
    payment_intent: session.payment,
    url: session.status === 'open' ? payUrl : null,
    livemode: false,
  }
}

export function paymentObject({ payment, amount, currency, metadata, paymentStatus }: Session) {
  const status = { unpaid: 'processing', paid: 'succeeded', failed: 'requires_payment_method' }[paymentStatus]
  return { id: payment, object: 'payment_intent', amount, currency, status, metadata }
}

function chargeObject(session: Session) {
  const refunded = refundedOf(session)
  return {
    id: `ch_${session.payment!.slice(3)}`,
    object: 'charge',
    amount: session.amount,
    amount_refunded: refunded,
    refunded: refunded === session.amount,
    currency: session.currency,
    payment_intent: session.payment,
    metadata: session.metadata,
  }
}
