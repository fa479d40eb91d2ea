import type { Types } from 'mongoose'
import { hours, now } from '../platform/clock'
import { Events } from '../events/event'
import { eventId, record } from '../events/record'
import { takeTime } from '../people/attention-clock'

/** A shorter view of the pricing page is a glance, not interest. */
const minVisibleSeconds = 20

const events = { pricing: 'pricing.viewed', plans: 'plans.compared' } as const

/**
 * Records that a person has read the pricing page or compared plans. All pages of each that were opened in one clock
 * hour (UTC) count once, however often they are reported, and both pages side by side share the time.
 *
 * @param view when the page was opened, and how long it was visible; less than 20 seconds are ignored.
 * @returns whether a new event was recorded.
 */
export async function recordPricingView(
  person: Types.ObjectId,
  what: keyof typeof events,
  { openedAt, seconds }: { openedAt: Date; seconds: number },
): Promise<boolean> {
  if (seconds < minVisibleSeconds) return false
  const name = events[what]
  const idempotencyKey = [Math.floor(openedAt.getTime() / hours(1))]
  if (await Events.exists({ _id: eventId({ name, person, idempotencyKey }) })) return false
  const visible = await takeTime(person, 'pricing', { seconds, since: openedAt })
  if (visible < minVisibleSeconds) return false
  return record({ name, person, at: now(), idempotencyKey, data: { seconds: Math.round(visible) } })
}
