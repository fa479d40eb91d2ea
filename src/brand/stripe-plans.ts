import { STALE_AFTER_MS, cached } from '../platform/cached'
import { now } from '../platform/clock'
import { date, defineRecord, free, nullable, string, type RecordOf } from '../platform/record'
import type { Plan } from './plans'

/** The last copy of the products at Stripe that the pricing page shows. */
const StripePlans = defineRecord('StripePlans', 'stripe_plans', {
  /** `academy`. */
  _id: string(),
  plans: free<Plan[]>(),
  /** When Stripe last answered. */
  readAt: date(),
  /** When Stripe last didn't answer, if that was after `readAt`. */
  failedAt: nullable(date()),
})
export type StripePlansCopy = RecordOf<typeof StripePlans>

const id = 'academy'

/** Returns the last copy, or null before the first. */
export const stripePlans = cached<void, StripePlansCopy | null>(
  STALE_AFTER_MS,
  () => StripePlans.findById(id),
  {
    max: 1,
  },
)

/** Replaces the copy by what Stripe has now. */
export async function storeStripePlans(plans: Plan[]): Promise<void> {
  await StripePlans.updateOne(
    { _id: id },
    { $set: { plans, readAt: now(), failedAt: null } },
    { upsert: true },
  )
  stripePlans.forget()
}

/** Notes that Stripe didn't answer; the copy stays as it is. */
export async function noteStripeFailure(): Promise<void> {
  await StripePlans.updateOne({ _id: id }, { $set: { failedAt: now() } })
  stripePlans.forget()
}
