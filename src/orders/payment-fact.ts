/** What Stripe reported about the payment of an order. `at` is when; amounts are in minor units. */
export type PaymentFact =
  | {
      fact: 'session'
      at: Date
      session: string
      /** `unpaid`: the buyer is done, and the money is on its way. */
      status: 'unpaid' | 'paid' | 'failed' | 'expired'
      amount: number | null
      currency: string | null
      payment: string | null
    }
  /** How much of a payment was refunded in total at that moment. */
  | { fact: 'charge'; at: Date; payment: string | null; refunded: number }
  | RefundFact
  | DisputeFact

/** One refund, with Stripe's status of it (https://docs.stripe.com/api/refunds/object#refund_object-status). */
export type RefundFact = {
  fact: 'refund'
  at: Date
  payment: string | null
  refund: string
  status: string
  amount: number
}

/** One dispute, with Stripe's status of it (https://docs.stripe.com/api/disputes/object#dispute_object-status). */
export type DisputeFact = {
  fact: 'dispute'
  at: Date
  payment: string | null
  dispute: string
  status: string
}
