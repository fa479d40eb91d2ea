import type { QueryFilter, Types } from 'mongoose'
import { Events, isNamed, type Event } from '../events/event'

/** A learner's question. The event in the ledger is its only record. */
export type LearnerQuestion = Event<'question.asked'>

/**
 * Returns the filter for the questions about one course or all courses. Deleting an account empties the text of its
 * questions; these don't count.
 */
export function questionsIn(course?: Types.ObjectId): QueryFilter<Event> {
  return { name: 'question.asked', 'data.text': { $ne: '' }, ...(course && { course }) }
}

/** The most questions that are counted by lesson, the newest ones. */
const maxCounted = 1000

/** Counts the newest 1,000 questions about a course by the slug of their lesson. */
export async function questionsByLesson(course: Types.ObjectId): Promise<Map<string, number>> {
  const found = await Events.find(questionsIn(course), { name: 1, data: 1 })
    .sort({ at: -1, _id: -1 })
    .limit(maxCounted)
  const counts = new Map<string, number>()
  for (const { data } of found.filter(isNamed('question.asked'))) {
    if (data.lesson) counts.set(data.lesson, (counts.get(data.lesson) ?? 0) + 1)
  }
  return counts
}

/** Counts the questions about one course or all courses. */
export function countQuestions(course?: Types.ObjectId): Promise<number> {
  return Events.count(questionsIn(course))
}
