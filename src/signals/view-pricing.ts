import type { Types } from 'mongoose'
import { hours, now } from '../platform/clock'
import { record } from '../events/record'

/** A shorter view of the pricing page is a glance, not interest. */
const minVisibleSeconds = 20

const events = { pricing: 'pricing.viewed', plans: 'plans.compared' } as const

/**
 * Records that a person has read the pricing page or compared plans, at most once each per clock hour (UTC).
 *
 * @param seconds how long the page was visible; less than 20 is ignored.
 * @returns whether a new event was recorded.
 */
export async function recordPricingView(
  person: Types.ObjectId,
  what: keyof typeof events,
  seconds: number,
): Promise<boolean> {
  if (seconds < minVisibleSeconds) return false
  const at = now()
  return record({
    name: events[what],
    person,
    at,
    idempotencyKey: [Math.floor(at.getTime() / hours(1))],
    data: { seconds: Math.round(seconds) },
  })
}
