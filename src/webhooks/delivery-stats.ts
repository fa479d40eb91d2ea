import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Deliveries } from './delivery'

/** How deliveries to an endpoint went in the last 14 days, by the day on which they were queued. */
export type DeliveryStats = {
  /** One entry per day of the reader's calendar, oldest first: delivered, and failed or pending after a failure. */
  days: { ok: number; failed: number }[]
  delivered: number
  /** Those with at least one attempt, delivered or not. */
  attempted: number
  /** Share of the attempted deliveries that arrived on the first attempt, from 0 to 1; null when none was attempted. */
  firstAttemptRate: number | null
  /** Median duration of the latest calls that delivered a message, at most 500, in ms. */
  medianMs: number | null
}

export const statsDays = 14
const maxForMedian = 500

type Group = {
  _id: { day: string; isDelivered: boolean; attempts: number; hasFailed: boolean }
  count: number
}

/** Returns the statistics of an endpoint, with the days of a time zone. */
export async function deliveryStatsOf(endpoint: Types.ObjectId, timeZone: string): Promise<DeliveryStats> {
  const since = later(now(), -days(statsDays))
  const [groups, latest] = await Promise.all([
    Deliveries.aggregate<Group>([
      { $match: { endpoint, createdAt: { $gte: since } } },
      {
        $group: {
          _id: {
            day: { $dateToString: { date: '$createdAt', format: '%Y-%m-%d', timezone: timeZone } },
            isDelivered: { $eq: ['$state', 'delivered'] },
            // Only whether there was none, one or more counts.
            attempts: { $min: ['$attempts', 2] },
            hasFailed: { $or: [{ $eq: ['$state', 'failed'] }, { $gt: ['$failures', 0] }] },
          },
          count: { $sum: 1 },
        },
      },
    ]),
    Deliveries.find({ endpoint, state: 'delivered', createdAt: { $gte: since } }, { durationMs: 1 })
      .sort({ createdAt: -1, _id: -1 })
      .limit(maxForMedian),
  ])
  const sum = (matches: (group: Group['_id']) => boolean) =>
    groups.reduce((total, { _id, count }) => total + (matches(_id) ? count : 0), 0)
  const attempted = sum(({ attempts }) => attempts > 0)
  const delivered = sum(({ isDelivered, attempts }) => isDelivered && attempts > 0)
  const durations = latest.map(({ durationMs }) => durationMs ?? 0).sort((a, b) => a - b)
  return {
    days: lastDays(timeZone).map(day => ({
      ok: sum(group => group.day === day && group.isDelivered),
      failed: sum(group => group.day === day && !group.isDelivered && group.hasFailed),
    })),
    delivered,
    attempted,
    firstAttemptRate: attempted
      ? sum(({ isDelivered, attempts }) => isDelivered && attempts === 1) / attempted
      : null,
    medianMs: durations.length ? durations[Math.floor(durations.length / 2)]! : null,
  }
}

/** Returns the days of the statistics as `YYYY-MM-DD`, oldest first; the last one is today. */
export function lastDays(timeZone: string): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone })
  return Array.from({ length: statsDays }, (_, n) => format.format(later(now(), days(n + 1 - statsDays))))
}
