import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { later, now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import {
  dueNow,
  topicFacets,
  Feedback,
  feedbackCaps,
  feedbackUndoMs,
  FeedbackVoices,
  undoableChange,
  type FeedbackChange,
  type FeedbackTopic,
} from './feedback'
import { countPeople, rootOf } from './give-feedback'

type Change = {
  topic: Types.ObjectId
  by: Types.ObjectId
  /** The change that the teammate saw as the last one. */
  number: number
  set: FeedbackChange
  /** What those who asked are told once it can't be undone any more; null for nothing. */
  message?: string | null
}

/**
 * Changes a topic. What is the same as before changes nothing.
 *
 * @throws 404 for a topic that doesn't exist; 409 when someone else has changed it, or it is a duplicate.
 */
export async function changeFeedback({ topic: _id, by, number, set, message = null }: Change): Promise<void> {
  const topic = await readTopic(_id, number)
  const isNew = ([key, value]: [string, unknown]) =>
    String(value) !== String(topic[key as keyof FeedbackChange])
  const changed = Object.fromEntries(Object.entries(set).filter(isNew)) as FeedbackChange
  if (!Object.keys(changed).length && message === null) return
  await write(topic, { by, set: changed, message, isUndo: false })
}

/**
 * Merges a topic into another one: everyone who wants it counts there, each once.
 *
 * @param into the topic that stays.
 * @throws 404 for a topic that doesn't exist; 409 when one of the two is a duplicate already.
 */
export async function mergeFeedback(
  topic: Types.ObjectId,
  into: Types.ObjectId,
  by: Types.ObjectId,
): Promise<void> {
  const [from, target] = await Promise.all([Feedback.findById(topic), Feedback.findById(into)])
  if (!from || !target) throw notFound()
  if (from.mergedInto || target.mergedInto || topic.equals(into)) {
    throw conflict('insights:errors.feedback.merged')
  }
  await write(from, { by, set: { mergedInto: into }, message: null, isUndo: false })
  await placeVoices(topic)
}

/**
 * Undoes the last change of a topic within ten minutes. Nobody has been told of it by then.
 *
 * @throws 404 for a topic that doesn't exist; 409 when there is nothing to undo any more.
 */
export async function undoFeedbackChange(
  topic: Types.ObjectId,
  number: number,
  by: Types.ObjectId,
): Promise<void> {
  const found = await readTopic(topic, number)
  const change = undoableChange(found)
  if (!change) throw conflict('insights:errors.feedback.undone')
  await write(found, { by, set: change.before, message: null, isUndo: true })
  if ('mergedInto' in change.set) await placeVoices(topic)
}

async function readTopic(_id: Types.ObjectId, number: number): Promise<FeedbackTopic> {
  const topic = await Feedback.findById(_id)
  if (!topic) throw notFound()
  if (topic.changeCount !== number) throw conflict('insights:errors.feedback.changed')
  return topic
}

async function write(
  topic: FeedbackTopic,
  {
    by,
    set,
    message,
    isUndo,
  }: { by: Types.ObjectId; set: FeedbackChange; message: string | null; isUndo: boolean },
): Promise<void> {
  const { _id, changeCount } = topic
  const at = now()
  const number = changeCount + 1
  const keys = Object.keys(set) as (keyof FeedbackChange)[]
  const before = Object.fromEntries(keys.map(key => [key, topic[key]])) as FeedbackChange
  // A message about a state that has changed again would be wrong.
  const isOver = message !== null || 'state' in set || 'mergedInto' in set
  const { matchedCount } = await Feedback.updateOne(
    { _id, changeCount },
    {
      $set: {
        ...set,
        ...dueNow(),
        facets: topicFacets({ ...topic, ...set }),
        changedAt: at,
        changeCount: number,
        ...(isOver && {
          message: message === null ? null : { number, text: message, at: later(at, feedbackUndoMs) },
        }),
      },
      $push: {
        changes: {
          $each: [{ number, at, by, set, before, isUndo }],
          $slice: -feedbackCaps.changes,
        },
      },
    },
  )
  if (!matchedCount) throw conflict('insights:errors.feedback.changed')
  wakeWorker.emit('due', 'feedback')
  await audit({
    actor: by,
    action: isUndo ? 'feedback.restored' : 'feedback.changed',
    subject: String(_id),
    detail: {
      ...(set.state && { state: set.state }),
      ...(set.mergedInto && { into: String(set.mergedInto) }),
    },
  })
}

/**
 * Moves what was given to a topic, and to its duplicates, to the topic under which it counts now. May run twice.
 *
 * @returns the topics whose people have changed.
 */
export async function placeVoices(_id: Types.ObjectId): Promise<void> {
  const topic = await Feedback.findOne({ _id }, { mergedInto: 1 })
  if (!topic) return
  const root = await rootOf(topic)
  const origins = await withDuplicates(_id)
  const others = await FeedbackVoices.distinct('topic', { origin: { $in: origins }, topic: { $ne: root } })
  await FeedbackVoices.updateMany({ origin: { $in: origins } }, { $set: { topic: root } })
  for (const each of [...others, root]) await countPeople(each)
}

/** Returns the ids of a topic and of all that were merged into it, directly or not. */
async function withDuplicates(_id: Types.ObjectId): Promise<Types.ObjectId[]> {
  const duplicates = await Feedback.find({ mergedInto: { $type: 'objectId', $eq: _id } }, { _id: 1 })
  return [_id, ...(await Promise.all(duplicates.map(each => withDuplicates(each._id)))).flat()]
}

/**
 * Adds a note that only the team reads.
 *
 * @throws 404 for a topic that doesn't exist; 409 when it has 100 of them.
 */
export async function noteFeedback(_id: Types.ObjectId, by: Types.ObjectId, text: string): Promise<void> {
  const { matchedCount } = await Feedback.updateOne(
    { _id, [`notes.${feedbackCaps.notes - 1}`]: { $exists: false } },
    { $push: { notes: { text, by, at: now() } } },
  )
  if (matchedCount) return
  if (await Feedback.exists({ _id })) throw conflict('insights:errors.feedback.notes')
  throw notFound()
}
