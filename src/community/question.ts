import type { QueryFilter, Types } from 'mongoose'
import { Events, isNamed, type Event } from '../events/event'

/** A learner's question. The event in the ledger is its only record. */
export type LearnerQuestion = Event<'question.asked'>

/** Returns a page of at most `size` questions, newest first, of one course or of all. */
export async function listQuestions(page: {
  course?: Types.ObjectId
  /** The cursor of the page before. An unreadable cursor gives the first page. */
  before?: string
  size: number
}): Promise<{
  questions: LearnerQuestion[]
  /** The cursor of the next page; null on the last one. */
  older: string | null
}> {
  const { course, before, size } = page
  const found = await Events.find({ $and: [asked, course ? { course } : {}, olderThan(before)] })
    .sort({ at: -1, _id: -1 })
    .limit(size + 1)
  const questions = found.slice(0, size).filter(isNamed('question.asked'))
  const last = questions.at(-1)
  return {
    questions,
    older: found.length > size && last ? `${last.at.toISOString()}_${last._id}` : null,
  }
}

/** Counts the questions of one course or of all. */
export function countQuestions(course?: Types.ObjectId): Promise<number> {
  return Events.count({ $and: [asked, course ? { course } : {}] })
}

/** Deleting an account empties the text of its questions; these don't count. */
const asked: QueryFilter<Event> = { name: 'question.asked', 'data.text': { $ne: '' } }

function olderThan(before = ''): QueryFilter<Event> {
  const [moment, ...id] = before.split('_')
  const at = new Date(moment!)
  if (Number.isNaN(at.getTime())) return {}
  return { at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: id.join('_') } }] }
}
