import {
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
import { imageFields } from './post-image'
import { postStates, version } from './thread'

/** An answer to a question, or a reply to an answer. */
export const Posts = defineQueue(
  'Post',
  'posts',
  {
    thread: objectId(),
    /** The answer that this replies to; null for an answer. */
    answer: nullable(objectId()),
    person: objectId(),
    /** Markdown, as in lessons, without HTML. */
    text: string(),
    picture: nullable(imageFields),
    /** How it came. */
    via: withDefault(oneOf(['web', 'email'] as const), 'web'),
    state: withDefault(oneOf(postStates), 'shown'),
    voters: list(objectId()),
    votes: withDefault(number(), 0),
    writtenAt: date(),
    /** Earlier versions, the oldest first. */
    versions: list(version),
    editedAt: nullable(date()),
    removedAt: nullable(date()),
  },
  {
    queue: 'posts',
    indexes: [
      // Answers by votes, then by time; the replies to an answer by time.
      [{ thread: 1, answer: 1, votes: -1, _id: 1 }],
      [{ thread: 1, person: 1 }],
      [{ answer: 1, _id: 1 }],
      [{ person: 1, writtenAt: -1, _id: -1 }],
      [{ state: 1, answer: 1, writtenAt: -1 }],
      [{ voters: 1 }],
    ],
  },
)
export type Post = RecordOf<typeof Posts>
