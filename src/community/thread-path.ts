import type { Types } from 'mongoose'

/** Returns where the questions of a course are. */
export const questionsPath = (slug: string) => `/courses/${slug}/questions`

/** Returns where a question is. */
export const threadPath = (slug: string, { _id }: { _id: Types.ObjectId | string }) =>
  `${questionsPath(slug)}/${String(_id)}`
