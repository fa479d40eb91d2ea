import { isDeepStrictEqual } from 'node:util'
import type { Types } from 'mongoose'
import { answerTo, type Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import { revisionById } from '../courses/published'
import type { Question } from '../courses/question'
import { questionsOf } from '../courses/quiz'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import {
  date,
  defineRecord,
  free,
  list,
  mapKey,
  mapOf,
  number,
  objectId,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
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
    /** The version whose questions were answered; records of before 30 November 2026 have none. */
    revision: optional(objectId()),
    /** Answers by question id, as in courses/grade.ts. */
    answers: mapOf(list(free<number | string>())),
    /** Those that were checked, after which the learner knows the right one: they can't be changed any more. */
    checked: mapOf(list(free<number | string>())),
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
  const { person, course, revision } = enrolment
  await keptFor(attempt)
  await KeptAnswers.update(
    { _id: idOf(attempt) },
    {
      $set: { answers: storedAnswers(answers), revision, at: now() },
      $setOnInsert: { person, course, lesson: lesson.slug, number },
    },
    { upsert: true },
  )
}

/**
 * Returns what has been answered so far to these questions of an attempt, which of that was checked, and when; null
 * when nothing was kept.
 */
export async function keptAnswers(
  attempt: AttemptKey,
  questions: readonly { id: string }[],
): Promise<{ answers: Answers; checked: Answers; at: Date } | null> {
  const kept = await keptFor(attempt)
  if (!kept) return null
  const checked = checkedIn(kept, questions)
  return {
    answers: { ...answersIn(kept.answers, questions), ...checked },
    checked,
    at: kept.at,
  }
}

/**
 * Checks the answer to one question of an attempt: from then on, this answer is the one that counts. Checking it again
 * changes nothing.
 *
 * @returns the answers to the questions that have been checked so far, by question id.
 * @throws as `keepAnswers` does, and 409 when the attempt has been submitted.
 */
export async function checkAnswer(
  attempt: AttemptKey,
  questions: readonly { id: string }[],
  question: string,
  answers: Answers,
): Promise<Answers> {
  const made = attempt.enrolment.lessons[mapKey(attempt.lesson.slug)]?.attempts ?? 0
  if (attempt.number <= made) throw conflict('academy:errors.otherAttempt')
  await keepAnswers(attempt, answers)
  const field = `checked.${mapKey(question)}`
  await KeptAnswers.updateOne(
    { _id: idOf(attempt), [field]: { $exists: false } },
    { $set: { [field]: [...answerTo(answers, question)] } },
  )
  return checkedAnswers(attempt, questions)
}

/** Returns the answers that were checked in an attempt, by question id: whatever a form says, they count. */
export async function checkedAnswers(
  attempt: AttemptKey,
  questions: readonly { id: string }[],
): Promise<Answers> {
  const kept = await keptFor(attempt)
  return kept ? checkedIn(kept, questions) : {}
}

/**
 * Returns what is kept for an attempt. Answers say which choice was meant, so when the learner has moved to another
 * version, only those to questions that are the same there stay.
 */
async function keptFor(attempt: AttemptKey): Promise<RecordOf<typeof KeptAnswers> | null> {
  const _id = idOf(attempt)
  const kept = await KeptAnswers.findById(_id)
  const { revision } = attempt.enrolment
  if (!kept?.revision || kept.revision.equals(revision)) return kept
  const [before, after] = await Promise.all(
    [kept.revision, revision].map(each => questionsOfRevision(each, attempt.lesson.slug)),
  )
  const isSame = (key: string) => before!.has(key) && isDeepStrictEqual(before!.get(key), after!.get(key))
  const same = (answers: Record<string, (number | string)[]>) =>
    Object.fromEntries(Object.entries(answers).filter(([key]) => isSame(key)))
  const $set = { answers: same(kept.answers), checked: same(kept.checked), revision }
  await KeptAnswers.updateOne({ _id, revision: kept.revision }, { $set })
  return KeptAnswers.findById(_id)
}

async function questionsOfRevision(id: Types.ObjectId, lesson: string): Promise<Map<string, Question>> {
  const revision = await revisionById(id)
  const body = revision?.lessons.find(({ slug }) => slug === lesson)?.body ?? ''
  return new Map(questionsOf(body).map(question => [mapKey(question.id), question]))
}

function checkedIn(
  { checked = {} }: Partial<Pick<RecordOf<typeof KeptAnswers>, 'checked'>>,
  questions: readonly { id: string }[],
): Answers {
  return Object.fromEntries(
    questions.flatMap(({ id }) => {
      const answer = checked[mapKey(id)]
      return answer ? [[id, answer] as const] : []
    }),
  )
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
