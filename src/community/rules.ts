import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { People } from '../people/person'
import { days, later, now } from '../platform/clock'
import { fold } from '../platform/fold'
import { boolean, defineRecord, list, number, string } from '../platform/record'
import { Posts } from './post'
import { Threads } from './thread'
import { teamRoles } from '../courses/viewer'

/** What of newcomers, and of everybody, a moderator reads first. One record for the academy. */
const CommunityRules = defineRecord('CommunityRules', 'community_rules', {
  _id: string(),
  /** Folded words and phrases that hold what anybody writes. */
  words: list(string()),
  /** Someone is new for so many days, and until so much of theirs is shown. */
  newDays: number(),
  newPosts: number(),
  /** Whether links of newcomers hold what they write. */
  holdsLinks: boolean(),
  /** Whether everything that newcomers write is read first. */
  holdsAll: boolean(),
})
const only = 'academy'

export type Rules = {
  words: string[]
  newDays: number
  newPosts: number
  holdsLinks: boolean
  holdsAll: boolean
}
export const standardRules: Rules = { words: [], newDays: 2, newPosts: 2, holdsLinks: true, holdsAll: false }
export const ruleCaps = { words: 500, word: 60, days: 365, posts: 100 }

/** Returns the academy's rules; the standard ones until they are changed. */
export async function communityRules(): Promise<Rules> {
  const kept = await CommunityRules.loadKept(only)
  return kept ?? standardRules
}

/** Changes them for what is written from now on. */
export async function changeCommunityRules(rules: Rules, by: Types.ObjectId): Promise<void> {
  const words = [...new Set(rules.words.map(word => fold(word.trim())).filter(Boolean))]
  await CommunityRules.update({ _id: only }, { $set: { ...rules, words } }, { upsert: true })
  const { newDays, newPosts, holdsLinks, holdsAll } = rules
  const detail = { words: words.length, newDays, newPosts, holdsLinks, holdsAll }
  await audit({ actor: by, action: 'community_rules.changed', subject: 'academy', detail })
}

/** Why something waits for a moderator. */
export type HeldFor = 'word' | 'link' | 'new'

const link = /https?:\/\/|www\.|\b[\w-]+\.(?:com|net|org|io|co|biz|info|ru|cn|xyz|top|shop|online|site)\b/i

/**
 * Says why what a person has written should be read by a moderator before others read it; null when it needn't be. The
 * team writes freely.
 */
export async function holdReason(person: Types.ObjectId, text: string): Promise<HeldFor | null> {
  const [rules, writer] = await Promise.all([communityRules(), People.loadKept(person)])
  if (!writer || teamRoles.includes(writer.role)) return null
  const folded = ` ${fold(text).replace(/[^\p{L}\p{N}]+/gu, ' ')} `
  if (rules.words.some(word => folded.includes(` ${word.replace(/[^\p{L}\p{N}]+/gu, ' ')} `))) return 'word'
  const mayBeHeld = rules.holdsAll || (rules.holdsLinks && link.test(text))
  if (!mayBeHeld || !(await isNew(rules, writer))) return null
  return rules.holdsAll ? 'new' : 'link'
}

async function isNew(
  { newDays, newPosts }: Rules,
  { _id, signedUpAt }: { _id: Types.ObjectId; signedUpAt: Date },
): Promise<boolean> {
  if (signedUpAt > later(now(), -days(newDays))) return true
  const [threads, posts] = await Promise.all([
    Threads.count({ person: _id, state: 'shown' }, newPosts),
    Posts.count({ person: _id, state: 'shown' }, newPosts),
  ])
  return threads + posts < newPosts
}
