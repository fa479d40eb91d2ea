import {
  boolean,
  date,
  defineRecord,
  free,
  list,
  mapOf,
  nullable,
  number,
  objectId,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import type { Types } from 'mongoose'

/** One attempt at a lesson's quiz, with the answers, which only the learner and the authors see. */
export const Attempts = defineRecord(
  'Attempt',
  'attempts',
  {
    /** `person:course:lesson:number`, so a form sent twice is one attempt. */
    _id: string(),
    person: objectId(),
    course: objectId(),
    revision: objectId(),
    lesson: string(),
    /** 1, 2, 3… */
    number: number(),
    /** What the order of questions and answers follows from; attempts of before 30 November 2026 have none. */
    seed: optional(string()),
    /** The ids of the questions in the order in which they were asked; without it, all of them. */
    questions: optional(list(string())),
    /** Answers by question id, as in courses/grade.ts. */
    answers: mapOf(list(free<number | string>())),
    correct: number(),
    total: number(),
    /** Points, of how many; without them, each right answer was one. */
    points: optional(number()),
    possible: optional(number()),
    /** Whole percent. */
    percent: number(),
    passed: boolean(),
    /** Topics of the questions with wrong answers. */
    weakTopics: list(string()),
    /** Seconds between showing the form and receiving it; null when unknown. */
    durationSeconds: nullable(number()),
    at: date(),
  },
  {
    indexes: [
      [{ person: 1, at: -1 }],
      [{ course: 1, lesson: 1 }],
      // The newest first attempts at a version, for the figures beside the quiz.
      [{ revision: 1, lesson: 1, number: 1, at: -1 }],
    ],
  },
)
export type Attempt = RecordOf<typeof Attempts>

/** Returns the id of an attempt. */
export function attemptId(
  person: Types.ObjectId,
  course: Types.ObjectId,
  lesson: string,
  number: number,
): string {
  return [person, course, lesson, number].join(':')
}
