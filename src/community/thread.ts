import {
  boolean,
  date,
  list,
  nested,
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
import { wordsToFind } from '../platform/fold'

/**
 * Who reads a thread: everyone who sees its lesson, or its asker and the team only, as it was when questions went to
 * the authors alone.
 */
const audiences = ['everyone', 'team'] as const
/**
 * Held by the rules for newcomers until a moderator has read it: only its writer and the team see it. Hidden by a
 * moderator: its place says so, and nothing of it is shown, sent, found or fed to anyone else. Removed by its writer:
 * the same for everybody, and it is deleted once that can't be undone any more.
 */
export const postStates = ['shown', 'held', 'hidden', 'removed'] as const

/**
 * The most characters of a question in one line, and of any text; threads and posts of a person within a day; replies
 * to an answer; followers of a thread; and earlier versions that are kept.
 */
export const communityCaps = {
  title: 150,
  text: 5000,
  threadsPerDay: 20,
  postsPerDay: 100,
  replies: 30,
  followers: 1000,
  versions: 20,
}

/** What was written before it was changed, and until when it stood. */
export const version = nested({ title: string(), text: string(), until: date() })

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
    picture: nullable(imageFields),
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
    acceptedBy: nullable(objectId()),
    askedAt: date(),
    /** When someone else first answered it in sight of everyone. */
    firstAnsweredAt: nullable(date()),
    /** When it was added to the draft of its lesson. */
    inLessonFrom: nullable(date()),
    /** Earlier versions, the oldest first. */
    versions: list(version),
    editedAt: nullable(date()),
    removedAt: nullable(date()),
    /** When it was asked, or answered last. */
    activeAt: date(),
    /** The words of its title and text, by which a search and similar questions find it. */
    search: list(string()),
  },
  {
    queue: 'threads',
    indexes: [
      [{ course: 1, lesson: 1, activeAt: -1, _id: -1 }],
      [{ course: 1, activeAt: -1, _id: -1 }],
      [{ course: 1, search: 1 }],
      [{ search: 1 }],
      [{ state: 1, answers: 1, askedAt: -1, _id: -1 }],
      [{ activeAt: -1, _id: -1 }],
      [{ askedAt: -1, _id: -1 }],
      [{ person: 1, activeAt: -1, _id: -1 }],
      [{ followers: 1, activeAt: -1, _id: -1 }],
      [{ voters: 1 }],
    ],
  },
)
export type Thread = RecordOf<typeof Threads>

/** The most words of a question that it is found by. */
const maxWords = 200

/** Returns the words that a question is found by. */
export function wordsOfThread({ title, text }: Pick<Thread, 'title' | 'text'>): string[] {
  return wordsToFind(title, text).slice(0, maxWords)
}

/**
 * Returns what was typed into one field as a question in one line and the rest: the first line when it is short enough,
 * or else its beginning, with everything as the text.
 */
export function splitQuestion(typed: string): Pick<Thread, 'title' | 'text'> {
  const [first = '', ...rest] = typed.trim().split('\n')
  const line = first.replace(/\s+/g, ' ').trim()
  const letters = [...line]
  if (letters.length <= communityCaps.title) return { title: line, text: rest.join('\n').trim() }
  // By characters: half an emoji would be none.
  const cut = letters.slice(0, communityCaps.title - 1).join('')
  const end = cut.lastIndexOf(' ')
  return { title: `${cut.slice(0, end > communityCaps.title / 2 ? end : undefined)}…`, text: typed.trim() }
}
