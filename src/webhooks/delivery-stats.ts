import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { instantOf } from '../platform/zoned-time'
import { Deliveries } from './delivery'

/** How deliveries to an endpoint went in the last 14 days, by the day on which they were queued. */
export type DeliveryStats = {
  /** The first of the days, `YYYY-MM-DD`. */
  from: string
  /** One entry per day of the reader's calendar, oldest first: delivered, and failed or pending after a failure. */
  days: { ok: number; failed: number }[]
  delivered: number
  /** Those with at least one attempt, delivered or not. */
  attempted: number
  /** Share of the attempted deliveries whose first attempt arrived, from 0 to 1; null when none was attempted. */
  firstAttemptRate: number | null
  /** Median duration of the latest calls that delivered a message, at most 500, in ms. */
  medianMs: number | null
}

const statsDays = 14
const maxForMedian = 500

type Group = {
  _id: { day: string; isDelivered: boolean; isAttempted: boolean; isFirstOk: boolean; hasFailed: boolean }
  count: number
}
const firstStatus = { $arrayElemAt: ['$attemptLog.status', 0] }

/** Returns the statistics of an endpoint, with the days of a time zone. */
export async function deliveryStatsOf(endpoint: Types.ObjectId, timeZone: string): Promise<DeliveryStats> {
  const calendar = lastDays(timeZone)
  const from = calendar[0]!
  const since = new Date(instantOf(Date.parse(from), timeZone))
  const [groups, latest] = await Promise.all([
    Deliveries.aggregate<Group>([
      { $match: { endpoint, createdAt: { $gte: since } } },
      {
        $group: {
          _id: {
            day: { $dateToString: { date: '$createdAt', format: '%Y-%m-%d', timezone: timeZone } },
            isDelivered: { $eq: ['$state', 'delivered'] },
            isAttempted: { $gt: ['$attempts', 0] },
            // A message that was sent again later has still arrived on its first attempt.
            isFirstOk: { $and: [{ $gte: [firstStatus, 200] }, { $lt: [firstStatus, 300] }] },
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
  const attempted = sum(({ isAttempted }) => isAttempted)
  const delivered = sum(({ isDelivered, isAttempted }) => isDelivered && isAttempted)
  const durations = latest.map(({ durationMs }) => durationMs ?? 0).sort((a, b) => a - b)
  return {
    from,
    days: calendar.map(day => ({
      ok: sum(group => group.day === day && group.isDelivered),
      failed: sum(group => group.day === day && !group.isDelivered && group.hasFailed),
    })),
    delivered,
    attempted,
    firstAttemptRate: attempted ? sum(({ isFirstOk }) => isFirstOk) / attempted : null,
    medianMs: durations.length ? durations[Math.floor(durations.length / 2)]! : null,
  }
}

/** Returns the days of the statistics as `YYYY-MM-DD`, oldest first; the last one is today. */
function lastDays(timeZone: string): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone })
  return Array.from({ length: statsDays }, (_, n) => format.format(later(now(), days(n + 1 - statsDays))))
}
