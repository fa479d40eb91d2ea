import type { QueryFilter, Types } from 'mongoose'
import { Events, type Event } from '../events/event'

/** A learner's question. The event in the ledger is its only record. */
export type LearnerQuestion = Event<'question.asked'>

/**
 * Returns the filter for the questions about one course or all courses. Deleting an account empties the text of its
 * questions; these don't count.
 */
export function questionsIn(course?: Types.ObjectId): QueryFilter<Event> {
  return { name: 'question.asked', 'data.text': { $ne: '' }, ...(course && { course }) }
}

/** Counts the questions about one course or all courses. */
export function countQuestions(course?: Types.ObjectId): Promise<number> {
  return Events.count(questionsIn(course))
}
