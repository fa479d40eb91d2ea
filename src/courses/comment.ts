import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import { audit } from '../events/audit'
import { changeOnce } from './change-draft'
import { lessonsOf, maxBodyLength } from './content'
import type { Course } from './course'
import { notifyOfComment } from './comment-notice'
import { changeLesson, lessonNamed } from './outline'
import { replaceQuote, type TextQuote } from './text-quote'

/**
 * A comment on a passage of a lesson's draft, with its replies; or a suggestion of other words for the passage. It is
 * not part of the lesson's file.
 */
export const Comments = defineRecord(
  'Comment',
  'comments',
  {
    course: objectId(),
    /** The slug of the lesson. */
    lesson: string(),
    quote: nested({ exact: string(), prefix: string(), suffix: string() }),
    by: objectId(),
    at: date(),
    /** May be empty for a suggestion. */
    text: string(),
    /** The words suggested instead of the passage; null for a comment. */
    replacement: nullable(string()),
    replies: list(nested({ by: objectId(), at: date(), text: string() })),
    state: oneOf(['open', 'resolved', 'accepted', 'declined']),
    closedBy: nullable(objectId()),
    /** When someone began to accept a suggestion; missing once its words are in the draft, or can't be. */
    acceptingSince: optional(date()),
  },
  {
    indexes: [
      [{ acceptingSince: 1 }, { partialFilterExpression: { acceptingSince: { $type: 'date' } } }],
      [{ course: 1, lesson: 1, at: 1 }],
      [{ course: 1, state: 1 }],
    ],
  },
)
export type Comment = RecordOf<typeof Comments>

/** The most replies that a comment has. */
const maxReplies = 100

type CourseNamed = Pick<Course, '_id' | 'slug'>

/** Adds a comment to a lesson; again with the same id adds nothing. */
export async function addComment(
  course: CourseNamed,
  input: Pick<Comment, '_id' | 'lesson' | 'by' | 'text' | 'replacement'> & { quote: TextQuote },
): Promise<void> {
  const isNew = await Comments.insertOnce({ ...input, course: course._id, at: now(), state: 'open' })
  if (isNew) await notifyOfComment(course, { ...input, to: [] })
}

/** Adds a reply, and reopens a comment that was resolved. @throws 404 for an unknown comment, 409 for one with 100. */
export async function replyToComment(
  course: CourseNamed,
  { comment: id, by, text }: { comment: Types.ObjectId; by: Types.ObjectId; text: string },
): Promise<void> {
  const comment = await commentOf(course, id)
  const last = comment.replies.at(-1)
  // A second press of the button.
  if (last?.by.equals(by) && last.text === text) return
  const notFull = { _id: id, [`replies.${maxReplies - 1}`]: { $exists: false } }
  const { matchedCount } = await Comments.updateOne(notFull, { $push: { replies: { by, at: now(), text } } })
  if (!matchedCount) throw conflict('studio:errors.tooManyReplies')
  await Comments.updateOne({ _id: id, state: 'resolved' }, { $set: { state: 'open', closedBy: null } })
  const to = [comment.by, ...comment.replies.map(reply => reply.by)]
  await notifyOfComment(course, { lesson: comment.lesson, by, text, to })
}

/**
 * Resolves an open comment, declines an open suggestion, or reopens one of either. Doing it again changes nothing.
 *
 * @throws 404 for an unknown comment, 409 when someone else was quicker.
 */
export async function closeComment(
  course: CourseNamed,
  id: Types.ObjectId,
  by: Types.ObjectId,
  state: 'open' | 'resolved' | 'declined',
): Promise<void> {
  const comment = await commentOf(course, id)
  if (state !== 'open' && isClosedBy(comment, by, state)) return
  const from = state === 'open' ? { $in: ['resolved' as const, 'declined' as const] } : ('open' as const)
  const closedBy = state === 'open' ? null : by
  const { matchedCount } = await Comments.updateOne({ _id: id, state: from }, { $set: { state, closedBy } })
  if (!matchedCount) throw conflict('studio:errors.commentClosed')
}

/**
 * Puts the words of a suggestion in the place of its passage in the draft, once.
 *
 * @throws 404 for an unknown comment or lesson, 409 when someone else was quicker, or the passage isn't there as it was
 *   quoted.
 */
export async function acceptSuggestion(
  course: CourseNamed,
  id: Types.ObjectId,
  by: Types.ObjectId,
): Promise<void> {
  const comment = await commentOf(course, id)
  const { replacement } = comment
  if (replacement === null) throw notFound()
  // A second press of the button finishes what the first one has begun.
  if (!isClosedBy(comment, by, 'accepted')) {
    const accepted = { state: 'accepted' as const, closedBy: by, acceptingSince: now() }
    const { matchedCount } = await Comments.updateOne({ _id: id, state: 'open' }, { $set: accepted })
    if (!matchedCount) throw conflict('studio:errors.commentClosed')
  } else if (!comment.acceptingSince) return
  await finishAcceptance(comment, by)
}

/** Puts the words of an accepted suggestion into the draft, once; where they can't be, it is open again. */
async function finishAcceptance(
  { _id, course, lesson: slug, quote, replacement }: Comment,
  by: Types.ObjectId,
): Promise<void> {
  const accepting = { _id, state: 'accepted' as const, acceptingSince: { $type: 'date' as const } }
  try {
    const change = { submission: `suggestion:${_id}`, lesson: slug }
    const { slug: subject } = await changeOnce(
      course,
      change,
      content => {
        const lesson = lessonNamed(content, slug)
        const body = lesson && replaceQuote(lesson.body, quote, replacement!)
        if (!lesson || body === null || body === undefined) throw conflict('studio:errors.passageChanged')
        if (body.length > maxBodyLength) throw conflict('studio:errors.suggestionTooLong')
        return changeLesson(content, slug, { body })
      },
      by,
    )
    const { modifiedCount } = await Comments.updateOne(accepting, { $unset: { acceptingSince: 1 } })
    if (modifiedCount)
      await audit({ actor: by, action: 'suggestion.accepted', subject, detail: { lesson: slug } })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const reopened = { state: 'open' as const, closedBy: null }
    await Comments.updateOne(accepting, { $set: reopened, $unset: { acceptingSince: 1 } })
    throw error
  }
}

/** How long the request that accepts a suggestion has to finish. */
const acceptanceTime = minutes(2)

/** Finishes the acceptance of suggestions whose request was cut off; where that isn't possible, they are open again. */
export async function finishSuggestions(): Promise<void> {
  const cutOff = await Comments.find({ acceptingSince: { $lt: later(now(), -acceptanceTime) } }).limit(100)
  for (const comment of cutOff) {
    await finishAcceptance(comment, comment.closedBy!).catch(error => {
      if (!(error instanceof HttpError)) throw error
    })
  }
}

/** Whether a person has done this already: a second press of the button. */
function isClosedBy(comment: Comment, by: Types.ObjectId, state: Comment['state']): boolean {
  return comment.state === state && comment.closedBy?.equals(by) === true
}

/** Returns how many comments on the lessons of a draft are open; null for a course without any comment. */
export async function openComments({
  _id: course,
  draft,
}: Pick<Course, '_id' | 'draft'>): Promise<number | null> {
  if (!(await Comments.exists({ course }))) return null
  // Those on a lesson that was removed can't be closed any more; they are there again when it is.
  const lessons = lessonsOf(draft).map(({ slug }) => slug)
  return Comments.count({ course, state: 'open', lesson: { $in: lessons } })
}

/** Returns how many comments are open on each lesson that has any, by its slug. */
export async function openCommentsByLesson(course: Types.ObjectId): Promise<Map<string, number>> {
  const counts = await Comments.aggregate<{ _id: string; count: number }>([
    { $match: { course, state: 'open' } },
    { $group: { _id: '$lesson', count: { $sum: 1 } } },
  ])
  return new Map(counts.map(({ _id, count }) => [_id, count]))
}

async function commentOf({ _id: course }: CourseNamed, id: Types.ObjectId): Promise<Comment> {
  const comment = await Comments.findOne({ _id: id, course })
  if (!comment) throw notFound()
  return comment
}
