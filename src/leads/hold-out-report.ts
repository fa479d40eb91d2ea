import { days } from '../platform/clock'
import { daysToBuy } from '../scoring/compare-models'
import type { HoldOutGroup } from '../scoring/hold-out'
import type { Lead } from './lead'

/** What leads of one group bought within 90 days of their hand-off. */
type GroupMoney = { leads: number; won: number; mean: number; variance: number }

/** The two groups by money, in minor units of one currency for each lead; one that bought nothing counts 0. */
export type HoldOutMoney = {
  currency: string
  score: GroupMoney
  chance: GroupMoney
  /** How much more a lead is worth in the order by score, with its 95% interval; null with too few leads. */
  difference: { value: number; low: number; high: number } | null
  /** A quarter of what a lead is worth, and how many leads would show such a difference four times out of five. */
  visible: { amount: number; leads: number } | null
}

export type HoldOutReport = {
  /** Leads whose 90 days are over. */
  leads: Record<HoldOutGroup, number>
  /** Leads whose 90 days aren't. */
  younger: number
  /** New leads of both groups in a week, of those handed off so far. */
  perWeek: number
  money: HoldOutMoney[]
}

/** With fewer leads or sales in a group, the interval would be narrower than it should. */
export const fewestHeldOut = { leads: 50, won: 10 } as const
const z = 1.959964
/** For a difference to be seen four times out of five (power 80%) at the 95% level. */
const zToSee = z + 0.841621

export type MeasuredLead = Pick<Lead, 'deals' | 'holdOut'>

/** Compares the groups of the leads that were handed off since a moment, as of another. */
export function holdOutReport(leads: readonly MeasuredLead[], since: Date, at: Date): HoldOutReport {
  const measured = leads.flatMap(({ holdOut, deals }) =>
    holdOut && holdOut.at >= since ? [{ ...holdOut, deals }] : [],
  )
  const isOver = (from: Date) => from.getTime() + days(daysToBuy) <= at.getTime()
  const judged = measured.filter(lead => isOver(lead.at))
  const bought = judged.map(({ group, at: from, deals }) => ({
    group,
    deals: deals.filter(
      ({ state, closedAt }) =>
        state === 'won' &&
        closedAt &&
        closedAt >= from &&
        closedAt <= new Date(from.getTime() + days(daysToBuy)),
    ),
  }))
  const currencies = [...new Set(bought.flatMap(({ deals }) => deals.flatMap(deal => deal.currency ?? [])))]
  const count = (group: HoldOutGroup) => judged.filter(each => each.group === group).length
  return {
    leads: { score: count('score'), chance: count('chance') },
    younger: measured.length - judged.length,
    perWeek: measured.length / Math.max(1, (at.getTime() - since.getTime()) / days(7)),
    money: currencies.sort().map(currency => {
      const amounts = (group: HoldOutGroup) =>
        bought
          .filter(each => each.group === group)
          .map(({ deals }) =>
            deals.reduce((sum, deal) => sum + (deal.currency === currency ? (deal.amount ?? 0) : 0), 0),
          )
      return compareMoney(currency, momentsOf(amounts('score')), momentsOf(amounts('chance')))
    }),
  }
}

function momentsOf(amounts: readonly number[]): GroupMoney {
  const leads = amounts.length
  const mean = leads ? amounts.reduce((sum, each) => sum + each, 0) / leads : 0
  const squares = amounts.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  return {
    ...{ leads, mean, won: amounts.filter(each => each > 0).length },
    variance: leads > 1 ? squares / (leads - 1) : 0,
  }
}

/** The interval is Welch's, for groups of different sizes and spreads (doi:10.1093/biomet/34.1-2.28). */
function compareMoney(currency: string, score: GroupMoney, chance: GroupMoney): HoldOutMoney {
  const shared = { currency, score, chance }
  const isEnough = (group: GroupMoney) => group.leads >= fewestHeldOut.leads && group.won >= fewestHeldOut.won
  if (!isEnough(score) || !isEnough(chance)) return { ...shared, difference: null, visible: null }
  const value = score.mean - chance.mean
  const margin = z * Math.sqrt(score.variance / score.leads + chance.variance / chance.leads)
  const amount = score.mean / 4
  const all = score.leads + chance.leads
  // With as many leads in each group as now, in proportion.
  const spread = (score.variance * all) / score.leads + (chance.variance * all) / chance.leads
  return {
    ...shared,
    difference: { value, low: value - margin, high: value + margin },
    visible: { amount, leads: Math.ceil((zToSee ** 2 * spread) / amount ** 2) },
  }
}
