import { days, later } from '../platform/clock'
import { date, nested, number, string, type ReadOf } from '../platform/record'
import { definitionOf } from '../events/definitions'
import type { Event } from '../events/event'

const ledgerSumFields = {
  /** How many events. */
  count: number(),
  /** When the last of them was recorded. */
  through: date(),
  /** Activity from before this moment is left out: it will be deleted after its time. */
  since: date(),
  /** The ids of all events, one over the other (exclusive or), base64: a single one that is missing can be read. */
  ids: string(),
}
/** What a score remembers of the ledger it was computed from, to find out what is missing later. */
export type LedgerSum = ReadOf<typeof ledgerSumFields>
export const ledgerSum = () => nested(ledgerSumFields)

type Counted = Pick<Event, '_id' | 'name' | 'at'> & Partial<Pick<Event, 'recordedAt'>>

/** A month less than activity is kept, so that nothing is missing when it is deleted. */
export const sureToBeKept = days(366)

/** Returns what a score remembers of a ledger, as of a moment. */
export function ledgerSumOf(ledger: readonly Counted[], at: Date): LedgerSum {
  return ledgerSumAfter({ count: 0, through: new Date(0), since: later(at, -sureToBeKept), ids: '' }, ledger)
}

/** Returns the same after more events. */
export function ledgerSumAfter(before: LedgerSum, added: readonly Counted[]): LedgerSum {
  const counted = added.filter(event => isCounted(event, before.since))
  const through = counted.reduce(
    (latest, { at: then, recordedAt = then }) => Math.max(latest, +recordedAt),
    +before.through,
  )
  const ids = xorOf(counted, Buffer.from(before.ids, 'base64')).toString('base64')
  return { count: before.count + counted.length, through: new Date(through), since: before.since, ids }
}

/**
 * Compares a ledger with what a score remembers of it.
 *
 * @returns how many events are missing, and the id of the one that is when there is one; what was added since isn't
 *   reported, because it has a seal of its own.
 */
export function missingFrom(
  ledger: readonly Counted[],
  sum: LedgerSum,
): { count: number; id: string | null } {
  const counted = ledger.filter(
    event => isCounted(event, sum.since) && +(event.recordedAt ?? event.at) <= +sum.through,
  )
  const count = sum.count - counted.length
  const difference = xorOf(counted, Buffer.from(sum.ids, 'base64'))
  if (count < 0 || difference.every(byte => byte === 0)) return { count: Math.max(0, count), id: null }
  // As many as before, but not the same: one went, and one came.
  if (count !== 1) return { count: Math.max(1, count), id: null }
  return { count, id: difference.toString('utf8').replace(/\0+$/, '') }
}

function isCounted({ name, at }: Counted, since: Date): boolean {
  return at >= since || definitionOf(name).retention === 'account'
}

function xorOf(events: readonly Pick<Event, '_id'>[], start: Buffer = Buffer.alloc(0)): Buffer {
  const ids = events.map(({ _id }) => Buffer.from(_id))
  const sum = Buffer.alloc(ids.reduce((longest, id) => Math.max(longest, id.length), start.length))
  start.copy(sum)
  for (const id of ids) for (let byte = 0; byte < id.length; byte++) sum[byte]! ^= id[byte]!
  return sum
}
