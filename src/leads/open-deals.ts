import type { OpenDeals } from '../community/advance-feedback'
import { People, type Person } from '../people/person'
import { decimalsOf } from '../platform/currency'
import { Leads } from './lead'

/**
 * Returns what is open with the companies that people are from: the deals of all leads of each company, each once. Of
 * someone without a company, their own. Deals of those whom sales may not see don't count.
 */
export async function openDealsOf(people: Pick<Person, '_id' | 'company'>[]): Promise<OpenDeals> {
  const domains = [...new Set(people.flatMap(({ company }) => company?.domain ?? []))]
  const colleagues = domains.length
    ? await People.find({ 'company.domain': { $in: domains }, erasedAt: null }, { _id: 1 })
    : []
  const ids = [...people, ...colleagues].map(({ _id }) => _id)
  const leads = ids.length ? await Leads.find({ _id: { $in: ids }, shared: true }, { deals: 1 }) : []
  const open = leads.flatMap(({ deals }) => deals.filter(({ state }) => state === 'open'))
  const sums = new Map<string, number>()
  for (const { amount, currency } of open) {
    if (amount && currency) sums.set(currency, (sums.get(currency) ?? 0) + amount)
  }
  const amounts = [...sums]
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => a.currency.localeCompare(b.currency))
  const value = amounts.reduce((sum, { currency, amount }) => sum + amount / 10 ** decimalsOf(currency), 0)
  return { deals: open.length, amounts, value }
}
