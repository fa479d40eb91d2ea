import type { Types } from 'mongoose'
import { hours, now } from '../platform/clock'
import { record } from '../events/record'

/** From so many visible seconds on, a look at the prices is attention and not a passing glance. */
const minVisibleSeconds = 20

const events = { pricing: 'pricing.viewed', plans: 'plans.compared' } as const

/**
 * Records that somebody has read the prices or compared the plans. Less than attention is nothing, and within an
 * hour of the clock it is one event each. Answers whether a new event was recorded.
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
