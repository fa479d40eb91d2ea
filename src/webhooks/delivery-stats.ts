import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Deliveries } from './delivery'

/** How deliveries to an endpoint went in the last 26 days. */
export type DeliveryStats = {
  /** One entry per day, oldest first: delivered, and failed or still pending after a failure. */
  days: { ok: number; failed: number }[]
  delivered: number
  /** Share of the attempted deliveries that arrived on the first attempt, from 0 to 1; null when none was attempted. */
  firstAttemptRate: number | null
  /** Median duration of the calls that delivered a message, in ms. */
  medianMs: number | null
}

const periodDays = 26
const maxDeliveries = 5000

/** Returns the statistics of an endpoint, over its latest 5,000 deliveries at most. */
export async function deliveryStatsOf(endpoint: Types.ObjectId): Promise<DeliveryStats> {
  const at = now()
  const since = later(at, -days(periodDays))
  const deliveries = await Deliveries.find(
    { endpoint, createdAt: { $gte: since } },
    { createdAt: 1, state: 1, durationMs: 1, attempts: 1, failures: 1 },
  )
    .sort({ createdAt: -1 })
    .limit(maxDeliveries)
  const perDay = Array.from({ length: periodDays }, () => ({ ok: 0, failed: 0 }))
  for (const { createdAt, state, failures } of deliveries) {
    const age = Math.floor((at.getTime() - createdAt.getTime()) / days(1))
    const day = perDay[periodDays - 1 - Math.min(age, periodDays - 1)]!
    if (state === 'delivered') day.ok++
    else if (state === 'failed' || failures > 0) day.failed++
  }
  const attempted = deliveries.filter(({ attempts }) => attempts > 0)
  const delivered = attempted.filter(({ state }) => state === 'delivered')
  const firstAttempt = delivered.filter(({ attempts }) => attempts === 1)
  const durations = delivered.map(({ durationMs }) => durationMs ?? 0).sort((a, b) => a - b)
  return {
    days: perDay,
    delivered: delivered.length,
    firstAttemptRate: attempted.length ? firstAttempt.length / attempted.length : null,
    medianMs: durations.length ? durations[Math.floor(durations.length / 2)]! : null,
  }
}
