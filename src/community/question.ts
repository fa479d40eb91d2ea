import type { QueryFilter, Types } from 'mongoose'
import { Threads, type Thread } from './thread'

/**
 * Returns the filter for the questions about one course or all courses that its team sees. Deleting an account empties
 * its questions; these don't count, and nor do those that were removed.
 */
export function questionsIn(course?: Types.ObjectId): QueryFilter<Thread> {
  return { state: { $in: ['shown', 'hidden'] }, title: { $ne: '' }, ...(course && { course }) }
}

/** What still waits for an answer. */
export const unanswered = { state: 'shown', answers: 0 } as const

/** The most questions that are counted by lesson, the newest ones. */
const maxCounted = 1000

/** Counts the newest 1,000 questions about a course by the slug of their lesson. */
export async function questionsByLesson(course: Types.ObjectId): Promise<Map<string, number>> {
  const found = await Threads.find(questionsIn(course), { lesson: 1 })
    .sort({ activeAt: -1, _id: -1 })
    .limit(maxCounted)
  const counts = new Map<string, number>()
  for (const { lesson } of found) if (lesson) counts.set(lesson, (counts.get(lesson) ?? 0) + 1)
  return counts
}

/** Counts the questions about one course or all courses, or those without an answer. */
export function countQuestions(course?: Types.ObjectId, isUnanswered = false): Promise<number> {
  return Threads.count({ ...questionsIn(course), ...(isUnanswered && unanswered) })
}
