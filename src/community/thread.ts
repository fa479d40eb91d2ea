import {
  boolean,
  date,
  list,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { defineQueue } from '../platform/queue'

/**
 * Who reads a thread: everyone who sees its lesson, or its asker and the team only, as it was when questions went to
 * the authors alone.
 */
const audiences = ['everyone', 'team'] as const
/** Hidden by a moderator: its place says so, and nothing of it is shown, sent, found or fed to anyone else. */
export const postStates = ['shown', 'hidden'] as const

/** The most characters of a question in one line, and of any text; threads and answers of a person within a day. */
export const communityCaps = { title: 150, text: 5000, threadsPerDay: 20, postsPerDay: 100 }

/** A question about a course, about a lesson of it, or about a second of its recording. */
export const Threads = defineQueue(
  'Thread',
  'threads',
  {
    course: objectId(),
    /** The slug of the lesson; null for the course as a whole. */
    lesson: nullable(string()),
    /** Of the lesson's recording; null when it is about no moment of one. */
    second: nullable(number()),
    person: objectId(),
    /** The others read no name; the team does, and sales by the event. */
    isNameHidden: boolean(),
    /** The question in one line of plain text. */
    title: string(),
    /** Markdown, as in lessons, without HTML; empty when the title says it all. */
    text: withDefault(string(), ''),
    audience: withDefault(oneOf(audiences), 'everyone'),
    state: withDefault(oneOf(postStates), 'shown'),
    /** Everyone who has the same question, once, and how many they are. */
    voters: list(objectId()),
    votes: withDefault(number(), 0),
    /** Who is told of new answers. */
    followers: list(objectId()),
    /** The answers that are shown, and the one that the asker or the team accepted. */
    answers: withDefault(number(), 0),
    accepted: nullable(objectId()),
    askedAt: date(),
    editedAt: nullable(date()),
    /** When it was asked, or answered last. */
    activeAt: date(),
  },
  {
    queue: 'threads',
    indexes: [
      [{ course: 1, lesson: 1, activeAt: -1, _id: -1 }],
      [{ course: 1, activeAt: -1, _id: -1 }],
      [{ answers: 1, askedAt: 1 }],
      [{ activeAt: -1, _id: -1 }],
      [{ person: 1, askedAt: -1 }],
      [{ followers: 1, activeAt: -1, _id: -1 }],
      [{ voters: 1 }],
    ],
  },
)
export type Thread = RecordOf<typeof Threads>
