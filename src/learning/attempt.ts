import {
  boolean,
  date,
  defineRecord,
  list,
  mapOf,
  nullable,
  number,
  objectId,
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
    /** Indices of the selected choices, by question id. */
    answers: mapOf(list(number())),
    correct: number(),
    total: number(),
    /** Whole percent. */
    percent: number(),
    passed: boolean(),
    /** Topics of the questions with wrong answers. */
    weakTopics: list(string()),
    /** Seconds between showing the form and receiving it; null when unknown. */
    durationSeconds: nullable(number()),
    at: date(),
  },
  { indexes: [[{ person: 1, at: -1 }], [{ course: 1, lesson: 1 }]] },
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
