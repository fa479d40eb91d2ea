import type { Types } from 'mongoose'
import { cached } from '../platform/cached'
import { minutes, now } from '../platform/clock'
import { hmacOf } from '../platform/hmac'
import { date, defineRecord, number, string, type RecordOf } from '../platform/record'
import type { ModelContent } from './model-content'

/*
 * WHAT THE ORDER BY SCORE IS WORTH. Of the people who newly qualify by their score, a share is ordered by chance
 * instead. They are handed off as everyone is, with the same messages, and only their place in lists doesn't follow the
 * score. What both groups buy says whether the order earns anything.
 */

/** `chance` is the group that is held out from the order by score. */
export const holdOutGroups = ['score', 'chance'] as const
export type HoldOutGroup = (typeof holdOutGroups)[number]

/** The largest share that may be ordered by chance, in percent. */
export const mostHeldOut = 50

/** What sales leads have set; one record, `hold-out`. */
const HoldOuts = defineRecord('HoldOut', 'scoring_hold_outs', {
  _id: string(),
  /** In percent of the people who newly qualify; 0 for none. */
  share: number(),
  /** Another share begins another measurement: leads from before would mix two chances. */
  since: date(),
})
type HoldOut = Omit<RecordOf<typeof HoldOuts>, '_id'>

const holdOutId = 'hold-out'

/** Returns the share and since when it has held. A change elsewhere is seen after a minute. */
export const holdOut = cached<void, HoldOut>(
  minutes(1),
  async () => (await HoldOuts.findById(holdOutId)) ?? { share: 0, since: new Date(0) },
  { max: 1 },
)

/** Sets the share, in percent. The same share again changes nothing. Returns whether it changed. */
export async function setHoldOut(share: number): Promise<boolean> {
  const { matchedCount } = await HoldOuts.updateOne({ _id: holdOutId, share }, { $set: { share } })
  if (matchedCount) return false
  await HoldOuts.updateOne({ _id: holdOutId }, { $set: { share, since: now() } }, { upsert: true })
  holdOut.forget()
  return true
}

/** Returns a number from 0 to 1 that is always the same for a person, and that nobody can tell without the key. */
function chanceOf(person: Types.ObjectId, purpose: string): number {
  return Buffer.from(hmacOf(purpose, String(person)), 'base64url').readUInt32BE() / 2 ** 32
}

/** Returns the group of someone who newly qualifies; null while nobody is held out. */
export async function holdOutGroupOf(person: Types.ObjectId): Promise<HoldOutGroup | null> {
  const { share } = await holdOut()
  if (!share) return null
  return chanceOf(person, 'hold-out') < share / 100 ? 'chance' : 'score'
}

/**
 * Returns where a list puts someone who is held out: as if they had a score from where leads drop out to as far above
 * where they qualify, as most leads do.
 */
export function placeByChance(
  person: Types.ObjectId,
  { qualifyAt, disqualifyBelow }: Pick<ModelContent, 'qualifyAt' | 'disqualifyBelow'>,
): number {
  return disqualifyBelow + chanceOf(person, 'hold-out-place') * 2 * (qualifyAt - disqualifyBelow)
}
