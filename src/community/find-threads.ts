import type { QueryFilter, Types } from 'mongoose'
import { wordsToFind } from '../platform/fold'
import { retained } from '../platform/retained'
import { Threads, type Thread } from './thread'

/** What a list of questions shows of each. */
const listed = {
  course: 1,
  lesson: 1,
  second: 1,
  person: 1,
  isNameHidden: 1,
  title: 1,
  audience: 1,
  state: 1,
  votes: 1,
  answers: 1,
  accepted: 1,
  askedAt: 1,
  activeAt: 1,
} as const
export type ListedThread = Pick<Thread, '_id' | keyof typeof listed>

/** The filter for what everyone who sees these lessons may read. */
export const forEveryone = { audience: 'everyone', state: 'shown' } as const

export const findThreads = (filter: QueryFilter<Thread>) => Threads.find(filter, listed)

/** The most questions beside a lesson; a page of their own has all of them. */
const besideLesson = 20

/**
 * Returns the questions about a lesson that everyone may read: those with the most votes of the latest. Kept until a
 * question is written.
 */
export const threadsOfLesson = retained(
  async ({ course, lesson }: { course: Types.ObjectId; lesson: string }, dependOn) => {
    dependOn(Threads)
    const found = await findThreads({ course, lesson, ...forEveryone })
      .sort({ activeAt: -1, _id: -1 })
      .limit(besideLesson + 1)
    return found.sort((a, b) => b.votes - a.votes || b.activeAt.getTime() - a.activeAt.getTime())
  },
  { max: 1000, nameOf: ({ course, lesson }) => `${String(course)} ${lesson}` },
)

/** The most words of what is typed that similar questions are looked for by. */
const maxTyped = 12
/** How many questions share a word with what is typed, of which the most similar are shown. */
const maxCompared = 200

/**
 * Returns the questions of a course that share the most with what someone is typing: at least half of its longer
 * words, and two of them.
 */
export async function similarThreads(
  course: Types.ObjectId,
  typed: string,
  isVisible: (thread: ListedThread) => boolean,
  count = 3,
): Promise<ListedThread[]> {
  const words = wordsToFind(typed).filter(word => word.length > 3)
  const wanted = new Set(words.sort((a, b) => b.length - a.length).slice(0, maxTyped))
  if (wanted.size < 2) return []
  const found = await Threads.find(
    { course, search: { $in: [...wanted] }, ...forEveryone },
    { ...listed, search: 1 },
  ).limit(maxCompared)
  return found
    .map(thread => ({ thread, shared: thread.search.filter(word => wanted.has(word)).length }))
    .filter(({ thread, shared }) => shared >= Math.max(2, wanted.size / 2) && isVisible(thread))
    .sort((a, b) => b.shared - a.shared || b.thread.votes - a.thread.votes)
    .slice(0, count)
    .map(({ thread }) => thread)
}
