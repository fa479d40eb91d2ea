import type { Types } from 'mongoose'
import { record } from '../events/record'
import type { Event } from '../events/event'
import { SearchMisses } from '../courses/search-miss'
import { People, sharesWithSales, type Person } from '../people/person'
import { minutes, now, seconds } from '../platform/clock'
import { completeUnlessDue, doubling, wakeWorker, work, type Consumer } from '../platform/queue'
import { placeVoices } from './change-feedback'
import {
  dueNow,
  topicFacets,
  Feedback,
  feedbackCaps,
  feedbackId,
  FeedbackVoices,
  wordsOfTopic,
  type FeedbackTopic,
} from './feedback'
import { feedbackReaders } from './feedback-emails'
import { countPeople } from './give-feedback'

/** What is open with the companies of people, as far as sales may know: the number of deals and their amounts. */
export type OpenDeals = Pick<FeedbackTopic, 'deals' | 'amounts' | 'value'>

type Outside = {
  /** Returns the open deals of the companies that these people are from. */
  openDealsOf: (people: Pick<Person, '_id' | 'company'>[]) => Promise<OpenDeals>
  /** Tells a person what became of a topic. May run twice and tells them once. */
  tell: (person: Types.ObjectId, topic: FeedbackTopic) => Promise<void>
}

/**
 * Keeps what lists show of a topic true: who wants it, the deals behind them and the words that find it. Records its
 * changes as events, and tells those who asked. 10 attempts take an hour.
 */
export function advanceFeedback({ openDealsOf, tell }: Outside): Consumer {
  return work(
    Feedback,
    { lease: minutes(5), backoff: doubling(seconds(10), minutes(10)), maxAttempts: 10 },
    async topic => {
      await recordChanges(topic)
      const people = await tellOnTime(topic, tell)
      return completeUnlessDue(Feedback, topic, {
        ...(await projected(topic, openDealsOf)),
        recorded: topic.changeCount,
        dueAt: people ? null : (topic.message?.at ?? null),
      })
    },
  )
}

/** Records its creation and each change once. What moved people to another topic is done again, after a crash. */
async function recordChanges({ _id, recorded, createdBy, createdAt, changes }: FeedbackTopic): Promise<void> {
  const feedback = String(_id)
  if (recorded < 0) {
    await record({
      name: 'feedback.created',
      person: createdBy,
      at: createdAt,
      idempotencyKey: [feedback],
      data: { feedback },
    })
  }
  for (const { number, at, by, set } of changes.filter(change => change.number > recorded)) {
    if ('mergedInto' in set) await placeVoices(_id)
    await record({
      name: 'feedback.updated',
      person: by,
      at,
      idempotencyKey: [feedback, number],
      data: { feedback, change: number, fields: Object.keys(set), state: set.state ?? null },
    })
  }
}

/** Tells those who asked of a change that can't be undone any more. Returns false while it has to wait. */
async function tellOnTime(topic: FeedbackTopic, tell: Outside['tell']): Promise<boolean> {
  const { _id, message } = topic
  if (!message) return true
  if (message.at > now()) return false
  for (const person of await feedbackRecipients(_id)) await tell(person, topic)
  await Feedback.updateOne({ _id, 'message.number': message.number }, { $set: { message: null } })
  return true
}

/** Returns the people who are told when the state of a topic changes: everyone who wants it and gets such emails. */
export async function feedbackRecipients(topic: Types.ObjectId): Promise<Types.ObjectId[]> {
  return feedbackReaders(await FeedbackVoices.distinct('person', { topic, withdrawnAt: null }))
}

async function projected(
  topic: FeedbackTopic,
  openDealsOf: Outside['openDealsOf'],
): Promise<Partial<FeedbackTopic>> {
  const voices = await FeedbackVoices.find(
    { topic: topic._id, withdrawnAt: null },
    { person: 1, text: 1, isNameHidden: 1 },
  )
    .sort({ rank: -1, at: -1, _id: -1 })
    .limit(feedbackCaps.read)
  const ids = [...new Map(voices.map(({ person }) => [String(person), person])).values()]
  const people = await People.find(
    { _id: { $in: ids }, erasedAt: null },
    { name: 1, company: 1, consents: 1, sharingPausedAt: 1 },
  )
  // An amount may say which company it is, so it counts as little as the name of who doesn't share.
  const named = new Set(
    voices.filter(({ isNameHidden }) => !isNameHidden).map(({ person }) => String(person)),
  )
  const known = people.filter(person => sharesWithSales(person) && named.has(String(person._id)))
  const deals = await openDealsOf(known)
  const names = known.flatMap(({ name, company }) => [name, company?.name ?? ''])
  return {
    ...deals,
    companies: new Set(people.flatMap(({ company }) => company?.domain ?? [])).size,
    searches: Math.max(topic.searches, await countSearches(topic.misses)),
    search: wordsOfTopic(topic, [...names, ...voices.map(({ text }) => text)]),
    facets: topicFacets({ ...topic, ...deals }),
  }
}

/** Searches are forgotten after half a year; what was counted stays. */
async function countSearches(misses: string[]): Promise<number> {
  if (!misses.length) return 0
  const found = await SearchMisses.find({ _id: { $in: misses } }, { count: 1 })
  return found.reduce((sum, { count }) => sum + count, 0)
}

/** Reaction to what changes the deals of a person's company, or what sales may know of them. */
export async function revalueFeedback({ person: id }: Pick<Event, 'person'>): Promise<void> {
  const person = await People.load(id)
  const accounts = [String(id), ...(person?.company ? [person.company.domain] : [])]
  const topics = await FeedbackVoices.distinct('topic', { account: { $in: accounts } })
  if (!topics.length) return
  await Feedback.updateMany({ _id: { $in: topics } }, { $set: dueNow() })
  wakeWorker.emit('due', 'feedback')
}

/**
 * Reaction to `person.erased`: deletes what they have said, and the topics that are theirs alone. The title of a topic
 * that others want, too, stays: it is the product team's.
 */
export async function deleteFeedbackOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  const voices = await FeedbackVoices.find({ person }, { topic: 1, origin: 1, source: 1, sourceId: 1 })
  const topics = [...new Map(voices.map(({ topic }) => [String(topic), topic])).values()]
  // A topic that began with their words is theirs, also when a teammate has put it on the list.
  const begun = voices
    .filter(({ origin, source, sourceId }) => origin.equals(feedbackId(String(person), source, sourceId)))
    .map(({ origin }) => origin)
  await Feedback.deleteMany({ _id: { $in: begun }, people: { $lte: 1 }, changeCount: 0 })
  await FeedbackVoices.deleteMany({ person })
  for (const topic of topics) await countPeople(topic)
}
