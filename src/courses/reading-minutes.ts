import { markdownFacts } from './markdown'
import { readQuestions } from './quiz'

/** Words per minute of someone who reads on a screen in order to learn. */
const wordsPerMinute = 200

/** Returns the minutes it takes to read a lesson's text, half a minute per question included; at least 1. */
export function readingMinutes(lesson: { body: string }): number {
  return Math.max(1, Math.round(exactMinutes(lesson)))
}

/** Returns the minutes of a lesson's recording and text together; null while the length of the recording is unknown. */
export function recordingMinutes(lesson: { body: string; mediaSeconds: number | null }): number | null {
  if (!lesson.mediaSeconds) return null
  return Math.max(1, Math.round(lesson.mediaSeconds / 60 + exactMinutes(lesson)))
}

function exactMinutes({ body }: { body: string }): number {
  return markdownFacts(body).words / wordsPerMinute + readQuestions(body).questions.length / 2
}
