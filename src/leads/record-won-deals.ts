import type { Event } from '../events/event'
import { FunnelProgresses } from '../people/funnel-progress'
import { changeFunnelProgress } from '../people/record-funnel-step'
import { isDealEvent } from '../scoring/deals'
import { ledgerVersionOf, readLedger } from '../scoring/read-ledger'
import { leadState } from './lead-state'

/**
 * Reaction to everything that may change which deals of a lead are won: stores each of them once, with its latest
 * amount, for the reports. They are the deals on the lead's page (`leadState`); a reopened one is no longer among them.
 */
export async function recordWonDeals({ person }: Pick<Event, 'person'>): Promise<void> {
  const ledger = await readLedger(person)
  if (!ledger.some(({ name }) => isDealEvent(name))) return
  const deals = (leadState(ledger)?.deals ?? []).flatMap(({ id, state, amount, currency, closedAt }) =>
    state === 'won' && closedAt ? [{ id, amount, currency, at: closedAt }] : [],
  )
  await changeFunnelProgress(person, {})
  const dealsVersion = ledgerVersionOf(ledger)
  const [first] = deals.map(({ at }) => at).sort((a, b) => a.getTime() - b.getTime())
  await FunnelProgresses.update(
    { _id: person, dealsVersion: { $not: { $gt: dealsVersion } } },
    {
      $set: { deals, dealsVersion, ...(first && { 'steps.won': first }) },
      ...(!first && { $unset: { 'steps.won': 1 } }),
    },
  )
}
