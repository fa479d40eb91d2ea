import type { Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { date, defineRecord, free, list, mapKey, mapOf, number, objectId, string } from '../platform/record'
import { attemptId } from './attempt'
import type { Enrolment } from './enrolment'

const keptForSeconds = 180 * 24 * 3600

/** The answers of an attempt that isn't submitted yet, so that a reload or another device loses none. */
export const KeptAnswers = defineRecord(
  'KeptAnswers',
  'kept_answers',
  {
    /** The id of the attempt: `person:course:lesson:number`. */
    _id: string(),
    person: objectId(),
    course: objectId(),
    lesson: string(),
    number: number(),
    /** Answers by question id, as in courses/grade.ts. */
    answers: mapOf(list(free<number | string>())),
    at: date(),
  },
  { indexes: [[{ person: 1 }], [{ at: 1 }, { expireAfterSeconds: keptForSeconds }]] },
)

/** The attempt that a form was made for. */
type AttemptKey = { enrolment: Enrolment; lesson: GradedLesson; number: number }

const idOf = ({ enrolment: { person, course }, lesson, number }: AttemptKey) =>
  attemptId(person, course, lesson.slug, number)

/**
 * Keeps what has been answered so far, over what was kept before. Answers of a submitted attempt are ignored.
 *
 * @throws 409 when it isn't the next attempt: nobody may fill the database with attempts that never come.
 */
export async function keepAnswers(attempt: AttemptKey, answers: Answers): Promise<void> {
  const { enrolment, lesson, number } = attempt
  const made = enrolment.lessons[mapKey(lesson.slug)]?.attempts ?? 0
  if (number <= made) return
  if (number > made + 1) throw conflict('academy:errors.otherAttempt')
  const { person, course } = enrolment
  await KeptAnswers.update(
    { _id: idOf(attempt) },
    {
      $set: { answers: storedAnswers(answers), at: now() },
      $setOnInsert: { person, course, lesson: lesson.slug, number },
    },
    { upsert: true },
  )
}

/** Returns what has been answered so far to these questions of an attempt, and when; null when nothing was kept. */
export async function keptAnswers(
  attempt: AttemptKey,
  questions: readonly { id: string }[],
): Promise<{ answers: Answers; at: Date } | null> {
  const kept = await KeptAnswers.findById(idOf(attempt))
  return kept && { answers: answersIn(kept.answers, questions), at: kept.at }
}

/** Deletes what was kept for an attempt. */
export async function deleteKeptAnswers(attempt: AttemptKey): Promise<void> {
  await KeptAnswers.deleteOne({ _id: idOf(attempt) })
}

/** Returns answers as records store them: any word can be a question's id. Read them with `answersIn`. */
export function storedAnswers(answers: Answers): Record<string, (number | string)[]> {
  return Object.fromEntries(
    Object.entries(answers).map(([question, answer]) => [mapKey(question), [...answer]]),
  )
}

/** Returns stored answers by question id. */
export function answersIn(
  stored: Record<string, (number | string)[]>,
  questions: readonly { id: string }[],
): Answers {
  return Object.fromEntries(questions.map(({ id }) => [id, stored[mapKey(id)] ?? []]))
}
