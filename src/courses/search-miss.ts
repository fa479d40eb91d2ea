import { createHash } from 'node:crypto'
import { days, later, now } from '../platform/clock'
import { fold } from '../platform/fold'
import { defineRecord, number, string, type RecordOf } from '../platform/record'

/** What people searched for at a brand and did not find. Who searched is not recorded. */
export const SearchMisses = defineRecord(
  'SearchMiss',
  'search_misses',
  {
    /** A hash of the brand, the language of the interface and the folded words. */
    _id: string(),
    brand: string(),
    language: string(),
    /** As they were typed last. */
    words: string(),
    count: number(),
    /** `YYYY-MM-DD` in UTC. */
    firstDay: string(),
    lastDay: string(),
  },
  { indexes: [[{ lastDay: -1, _id: -1 }]] },
)
export type SearchMiss = RecordOf<typeof SearchMisses>

/** How many different searches are kept, so that a script cannot fill the store, and for how many days. */
const maxKept = 2000
const keptDays = 180

/**
 * Counts a search without a result. Words that may be about a person, or that are too short to mean something, are not
 * kept: email addresses, links and long numbers.
 */
export async function countSearchMiss({
  brand,
  language,
  words,
}: Pick<SearchMiss, 'brand' | 'language' | 'words'>): Promise<void> {
  const key = fold(words).replace(/\s+/g, ' ')
  if ([...key].length < 2 || /@|:\/\/|\d[\d\s./-]{5,}\d/.test(key)) return
  const _id = createHash('sha256').update([brand, language, key].join('\n')).digest('base64url')
  const today = dayOf(now())
  const { matchedCount } = await SearchMisses.updateOne(
    { _id },
    { $set: { words, lastDay: today }, $inc: { count: 1 } },
  )
  if (matchedCount || (await SearchMisses.count({ lastDay: { $gt: '' } }, maxKept)) >= maxKept) return
  await SearchMisses.insertOnce({ _id, brand, language, words, count: 1, firstDay: today, lastDay: today })
}

/** Deletes searches that nobody has made for 180 days. */
export async function purgeSearchMisses(): Promise<void> {
  await SearchMisses.deleteMany({ lastDay: { $lt: dayOf(later(now(), -days(keptDays))) } })
}

/** Returns the day in UTC, `YYYY-MM-DD`. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
