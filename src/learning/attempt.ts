import { model, Schema, type Types } from 'mongoose'

/** One attempt at a lesson's quiz, with the answers, which only the learner and the authors see. */
export type Attempt = {
  /** `person:course:lesson:number`, so a form sent twice is one attempt. */
  _id: string
  person: Types.ObjectId
  course: Types.ObjectId
  revision: Types.ObjectId
  lesson: string
  /** 1, 2, 3… */
  number: number
  /** Indices of the chosen choices, by question id. */
  answers: Record<string, number[]>
  correct: number
  total: number
  /** Whole percent. */
  percent: number
  passed: boolean
  /** Topics of the questions with wrong answers. */
  weakTopics: string[]
  /** Seconds between showing the form and receiving it; null when unknown. */
  durationSeconds: number | null
  at: Date
}

const schema = new Schema<Attempt>(
  {
    _id: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    course: { type: Schema.Types.ObjectId, required: true },
    revision: { type: Schema.Types.ObjectId, required: true },
    lesson: { type: String, required: true },
    number: { type: Number, required: true },
    answers: { type: Schema.Types.Mixed, required: true },
    correct: { type: Number, required: true },
    total: { type: Number, required: true },
    percent: { type: Number, required: true },
    passed: { type: Boolean, required: true },
    weakTopics: { type: [String], default: [] },
    durationSeconds: { type: Number, default: null },
    at: { type: Date, required: true },
  },
  { versionKey: false, minimize: false },
)
schema.index({ person: 1, at: -1 })
schema.index({ course: 1, lesson: 1 })

export const Attempts = model<Attempt>('Attempt', schema, 'attempts')

/** Returns the id of an attempt. */
export function attemptId(
  person: Types.ObjectId,
  course: Types.ObjectId,
  lesson: string,
  number: number,
): string {
  return [person, course, lesson, number].join(':')
}
