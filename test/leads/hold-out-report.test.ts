import { holdOutReport, type MeasuredLead } from '../../src/leads/hold-out-report'
import { days, later } from '../../src/platform/clock'
import type { HoldOutGroup } from '../../src/scoring/hold-out'

const since = new Date('2026-01-01')
const at = later(since, days(140))

function lead(group: HoldOutGroup, day: number, amount: number | null, boughtAfter = 30): MeasuredLead {
  const from = later(since, days(day))
  const deal = {
    ...{ id: 'd', state: 'won' as const, amount, currency: 'EUR', openedAt: from, lostReason: null },
    closedAt: later(from, days(boughtAfter)),
  }
  return { holdOut: { group, at: from }, deals: amount === null ? [] : [deal] }
}

/** Of a group, every fifth buys for about an amount. */
function leadsOf(group: HoldOutGroup, count: number, amount: number): MeasuredLead[] {
  return Array.from({ length: count }, (_, n) => lead(group, n % 40, n % 5 ? null : amount + n))
}

test('a difference is named with its interval by Welch, and only when it leaves out 0', () => {
  const leads = [...leadsOf('score', 400, 100_000), ...leadsOf('chance', 100, 20_000)]
  const { leads: counts, money, younger, perWeek } = holdOutReport(leads, since, at)
  expect([counts, younger, perWeek]).toEqual([{ score: 400, chance: 100 }, 0, 25])
  const [euro] = money
  // As R has it for these amounts, but with the normal instead of the t distribution:
  // mean(x) - mean(y) -+ 1.959964 * sqrt(var(x) / 400 + var(y) / 100)
  const amounts = (count: number, amount: number) =>
    Array.from({ length: count }, (_, n) => (n % 5 ? 0 : amount + n))
  const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = (values: number[]) =>
    values.reduce((sum, each) => sum + (each - mean(values)) ** 2, 0) / (values.length - 1)
  const [x, y] = [amounts(400, 100_000), amounts(100, 20_000)]
  const margin = 1.959964 * Math.sqrt(variance(x) / 400 + variance(y) / 100)
  expect(euro).toMatchObject({ currency: 'EUR', score: { won: 80 }, chance: { won: 20 } })
  expect(euro!.difference!.value).toBeCloseTo(mean(x) - mean(y), 6)
  expect(euro!.difference!.low).toBeCloseTo(mean(x) - mean(y) - margin, 6)
  expect(euro!.difference!.low).toBeGreaterThan(0)
  // A smaller difference needs four times as many leads for half its size.
  expect(euro!.visible!.amount).toBeCloseTo(mean(x) / 4, 6)
  const spread = variance(x) / 0.8 + variance(y) / 0.2
  expect(euro!.visible!.leads).toBe(Math.ceil((2.801585 ** 2 * spread) / (mean(x) / 4) ** 2))

  const same = [...leadsOf('score', 100, 50_000), ...leadsOf('chance', 100, 50_000)]
  const { difference } = holdOutReport(same, since, at).money[0]!
  expect(difference!.low < 0 && difference!.high > 0).toBe(true)
})

test('only leads whose 90 days are over count, what they bought in that time, and not before the measurement', () => {
  const leads = [
    ...leadsOf('score', 60, 9000),
    ...leadsOf('chance', 60, 9000),
    lead('score', 51, 9000),
    lead('score', 10, 7, 91),
    lead('chance', -1, 9000),
  ]
  const { leads: counts, younger, money } = holdOutReport(leads, since, at)
  expect([counts, younger]).toEqual([{ score: 61, chance: 60 }, 1])
  expect(money[0]!.score).toMatchObject({ leads: 61, won: 12 })
  expect(holdOutReport(leadsOf('score', 49, 9000), since, at).money[0]!.difference).toBeNull()
  expect(holdOutReport([{ holdOut: null, deals: [] }], since, at)).toMatchObject({ younger: 0, money: [] })
})
