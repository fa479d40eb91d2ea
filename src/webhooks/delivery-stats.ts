import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Deliveries, type Delivery } from './delivery'

/** How a receiver has done in the last 26 days. */
export type DeliveryStats = {
  /** One entry a day, the oldest first: what has arrived and what was given up or still waits after a failure. */
  days: { ok: number; failed: number }[]
  delivered: number
  /** Of what was tried, the share that arrived at the first try; null when nothing was. */
  firstAttemptRate: number | null
  /** Median of the calls that delivered, in ms. */
  median: number | null
}

const shown = 26
const most = 5000

export async function deliveryStatsOf(endpoint: Types.ObjectId): Promise<DeliveryStats> {
  const today = now()
  const since = later(today, -days(shown))
  const deliveries = await Deliveries.find(
    { endpoint, createdAt: { $gte: since } },
    { createdAt: 1, state: 1, ms: 1, attempts: 1, failures: 1 },
  )
    .sort({ createdAt: -1 })
    .limit(most)
    .lean<Pick<Delivery, 'createdAt' | 'state' | 'ms' | 'attempts' | 'failures'>[]>()
  const bars = Array.from({ length: shown }, () => ({ ok: 0, failed: 0 }))
  for (const { createdAt, state, failures } of deliveries) {
    const age = Math.floor((today.getTime() - createdAt.getTime()) / days(1))
    const bar = bars[shown - 1 - Math.min(age, shown - 1)]!
    if (state === 'delivered') bar.ok++
    else if (state === 'failed' || failures > 0) bar.failed++
  }
  const tried = deliveries.filter(({ attempts }) => attempts > 0)
  const arrived = tried.filter(({ state }) => state === 'delivered')
  const atOnce = arrived.filter(({ attempts }) => attempts === 1)
  const times = arrived.map(({ ms }) => ms ?? 0).sort((a, b) => a - b)
  return {
    days: bars,
    delivered: arrived.length,
    firstAttemptRate: tried.length ? atOnce.length / tried.length : null,
    median: times.length ? times[Math.floor(times.length / 2)]! : null,
  }
}
