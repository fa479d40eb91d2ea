import { Types } from 'mongoose'
import { defaultBrandId } from '../brand/brand'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People } from '../people/person'
import { days, later, now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import {
  dueNow,
  topicFacets,
  Feedback,
  feedbackCaps,
  feedbackId,
  feedbackTitle,
  FeedbackVoices,
  wordsOfTopic,
  type FeedbackKind,
  type FeedbackSource,
  type FeedbackTopic,
} from './feedback'

type Given = {
  person: Types.ObjectId
  /** The topic that it belongs to; null for a new one. */
  topic: Types.ObjectId | null
  kind: FeedbackKind
  /** Empty for a vote. */
  text: string
  /** For `own`, the id is a value that was rendered with the form, so that sending it twice gives it once. */
  source: FeedbackSource
  /** The teammate who has put it on the list; null for the person themselves. */
  by: Types.ObjectId | null
  /** Of a new topic; by default the first line of the text. */
  title?: string
  area?: string
  /** Asked without a name: no event has it, so that sales doesn't learn who it was. */
  isNameHidden?: boolean
}

/**
 * Records that a person wants something, and returns the id of the topic under which it counts. The same from the same
 * source counts once.
 *
 * @throws 404 for a topic that doesn't exist; 409 when the person has given too much today.
 */
export async function giveFeedback(given: Given): Promise<Types.ObjectId> {
  const { person, source, by, kind, text } = given
  if (given.topic && !(await Feedback.exists({ _id: given.topic }))) throw notFound()
  const topic = given.topic ?? feedbackId(String(person), source.kind, source.id)
  const _id = voiceId(topic, person, source)
  if (
    !by &&
    !(await FeedbackVoices.exists({ _id })) &&
    (await givenToday(person)) >= feedbackCaps.givenPerDay
  ) {
    throw conflict('account:errors.wishes.tooMany')
  }
  const event = {
    name: 'feedback.given' as const,
    person,
    at: now(),
    idempotencyKey: [topic, source.kind, source.id],
    data: {
      feedback: String(topic),
      kind,
      text,
      title: given.title ?? null,
      area: given.area ?? '',
      source: source.kind,
      sourceId: source.id,
      by: by && String(by),
    },
  }
  if (given.isNameHidden) await insertGiven({ ...event, isNameHidden: true })
  else {
    await record(event)
    await insertGiven({ ...event, isNameHidden: false })
  }
  // Giving a vote again after taking it back is no event: the first one says that they want it.
  const { matchedCount } = await FeedbackVoices.updateOne(
    { _id, withdrawnAt: { $type: 'date' } },
    { $set: { withdrawnAt: null } },
  )
  const voice = await FeedbackVoices.findById(_id)
  const root = voice?.topic ?? topic
  if (matchedCount) await countPeople(root)
  return root
}

const givenToday = (person: Types.ObjectId) =>
  FeedbackVoices.count({ person, at: { $gt: later(now(), -days(1)) } }, feedbackCaps.givenPerDay)

type GivenEvent = Pick<Event<'feedback.given'>, 'person' | 'at' | 'data'>

/** Reaction to `feedback.given`: the topic, when it is new, and that the person wants it. */
export function applyGivenFeedback(event: GivenEvent): Promise<void> {
  return insertGiven({ ...event, isNameHidden: false })
}

async function insertGiven({
  person: id,
  at,
  data,
  isNameHidden,
}: GivenEvent & { isNameHidden: boolean }): Promise<void> {
  const person = await People.load(id)
  if (!person || person.erasedAt) return
  const { kind, title, text, area, source, sourceId } = data
  const first = feedbackId(String(id), source, sourceId)
  if (String(first) === data.feedback) {
    const topic = {
      _id: first,
      kind,
      title: title ?? feedbackTitle(text),
      area,
      brand: person.brand,
      text,
      at,
    }
    await insertTopic({ ...topic, createdBy: data.by ? new Types.ObjectId(data.by) : id })
  }
  const given = await Feedback.findOne({ _id: data.feedback }, { mergedInto: 1 })
  if (!given) return
  const topic = await rootOf(given)
  await FeedbackVoices.insertOnce({
    _id: voiceId(given._id, id, { kind: source, id: sourceId }),
    origin: given._id,
    topic,
    person: id,
    account: person.company?.domain ?? String(id),
    text,
    rank: text ? 1 : 0,
    source,
    sourceId,
    at,
    isNameHidden,
  })
  await countPeople(topic)
}

type NewTopic = Pick<FeedbackTopic, '_id' | 'kind' | 'title' | 'area'> & {
  brand: string | undefined
  createdBy: Types.ObjectId
  at: Date
  text: string
  misses?: string[]
  searches?: number
}

async function insertTopic({ at, text, ...topic }: NewTopic): Promise<void> {
  const empty = {
    state: 'new',
    reason: '',
    owner: null,
    isPublic: false,
    mergedInto: null,
    deals: 0,
  } as const
  await Feedback.insertOnce({
    ...topic,
    ...empty,
    createdAt: at,
    changedAt: at,
    search: wordsOfTopic({ title: topic.title, reason: '' }, [text]),
    facets: topicFacets({ ...topic, ...empty }),
    dueAt: at,
  })
}

/**
 * Puts a topic on the list that no learner has given: what a teammate has heard, or searches without a result. The same
 * cause makes one topic.
 *
 * @param cause what it comes from: the id of a search without a result, or a value that was rendered with the form.
 */
export async function addTopic(
  topic: Pick<FeedbackTopic, 'kind' | 'title' | 'area'> & {
    brand: string
    createdBy: Types.ObjectId
    cause: string
    misses?: string[]
    searches?: number
  },
): Promise<Types.ObjectId> {
  const { cause, brand, ...rest } = topic
  const _id = feedbackId('topic', cause)
  const known = brand === defaultBrandId ? undefined : brand
  await insertTopic({ ...rest, _id, brand: known, at: now(), text: '' })
  wakeWorker.emit('due', 'feedback')
  return _id
}

/**
 * Takes back what a person wants; they can want it again.
 *
 * @throws 404 for a topic that doesn't exist.
 */
export async function withdrawFeedback(topic: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  if (!(await Feedback.exists({ _id: topic }))) throw notFound()
  await FeedbackVoices.updateMany({ topic, person, withdrawnAt: null }, { $set: { withdrawnAt: now() } })
  await countPeople(topic)
}

/** Counts those who want a topic, each once, and leaves the rest to the worker. */
export async function countPeople(topic: Types.ObjectId): Promise<void> {
  const people = await FeedbackVoices.distinct('person', { topic, withdrawnAt: null })
  await Feedback.updateOne({ _id: topic }, { $set: { people: people.length, ...dueNow() } })
  wakeWorker.emit('due', 'feedback')
}

/** Returns the topic under which what was given to a topic counts: the last one that it was merged into. */
export async function rootOf({
  _id,
  mergedInto,
}: Pick<FeedbackTopic, '_id' | 'mergedInto'>): Promise<Types.ObjectId> {
  if (!mergedInto) return _id
  const next = await Feedback.findOne({ _id: mergedInto }, { mergedInto: 1 })
  return next ? rootOf(next) : _id
}

/** Returns the topic under which a question counts; null when nobody has passed it on. */
export async function topicOfQuestion(thread: Types.ObjectId): Promise<FeedbackTopic | null> {
  const voice = await FeedbackVoices.findOne({ source: 'question', sourceId: String(thread) }, { topic: 1 })
  return voice && Feedback.findById(voice.topic)
}

const voiceId = (topic: Types.ObjectId, person: Types.ObjectId, { kind, id }: FeedbackSource) =>
  [topic, person, kind, id].join(':')
