import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { record } from '../events/record'
import { cached } from '../platform/cached'
import { now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import {
  boolean,
  date,
  defineRecord,
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
import { requireNotSuspended } from './moderation-record'

export const reviewCaps = { text: 2000, answer: 2000 }

/** What someone who has completed a course says of it. */
export const Reviews = defineRecord(
  'Review',
  'reviews',
  {
    /** `person:course`, so that everyone has one of a course. */
    _id: string(),
    course: objectId(),
    person: objectId(),
    /** 1 to 5. */
    stars: number(),
    /** Plain text; may be empty. */
    text: string(),
    isNameHidden: boolean(),
    /** Hidden by the course's team or a moderator: only its writer and the team see it, and it doesn't count. */
    state: withDefault(oneOf(['shown', 'hidden'] as const), 'shown'),
    writtenAt: date(),
    editedAt: nullable(date()),
    /** What the course's team says to it. */
    answer: nullable(nested({ text: string(), by: objectId(), at: date() })),
  },
  {
    indexes: [
      [{ course: 1, state: 1, writtenAt: -1, _id: -1 }],
      [{ course: 1, state: 1, stars: -1, writtenAt: -1, _id: -1 }],
      [{ course: 1, writtenAt: -1, _id: -1 }],
      [{ person: 1 }],
    ],
  },
)
export type Review = RecordOf<typeof Reviews>

/** How many reviews of a course have each number of stars, so that no page counts them. */
export const ReviewCounts = defineRecord('ReviewCount', 'review_counts', {
  /** The course. */
  _id: objectId(),
  /** Reviews that are shown with 1, 2, 3, 4 and 5 stars. */
  byStars: list(number()),
})
export type ReviewSummary = { byStars: number[]; total: number; average: number }

/** The fewest reviews of which an average is shown: with fewer, it says more of chance than of the course. */
export const fewestForAverage = 5

export const reviewId = (person: Types.ObjectId, course: Types.ObjectId) =>
  `${String(person)}:${String(course)}`

/** Kept, so that a course's page needs no query for them; another process sees a review half a minute later. */
const countsOf = cached<Types.ObjectId, number[]>(
  30_000,
  async course => (await ReviewCounts.findById(course))?.byStars ?? [0, 0, 0, 0, 0],
)

/** Returns how a course is reviewed; the average is unrounded, and 0 without reviews. */
export async function reviewSummary(course: Types.ObjectId): Promise<ReviewSummary> {
  const byStars = await countsOf(course)
  const total = byStars.reduce((sum, count) => sum + count, 0)
  const sum = byStars.reduce((all, count, n) => all + count * (n + 1), 0)
  return { byStars, total, average: total ? sum / total : 0 }
}

/** Counts again rather than up and down, so that it may run twice. */
async function countReviews(course: Types.ObjectId): Promise<void> {
  const byStars = await Promise.all(
    [1, 2, 3, 4, 5].map(stars => Reviews.count({ course, state: 'shown', stars })),
  )
  await ReviewCounts.updateOne({ _id: course }, { $set: { byStars } }, { upsert: true })
  countsOf.forget(course)
}

type NewReview = Pick<Review, 'person' | 'course' | 'stars' | 'text' | 'isNameHidden'>

/**
 * Writes a person's review of a course that they have completed, or changes it. The first one is an event, unless they
 * hide their name.
 *
 * @param title of the course.
 * @throws 409 when moderators have suspended this person, or have hidden the review.
 */
export async function writeReview({ person, course, ...words }: NewReview, title: string): Promise<void> {
  await requireNotSuspended(person)
  const _id = reviewId(person, course)
  const moment = now()
  const isNew = await Reviews.insertOnce({ _id, person, course, ...words, writtenAt: moment })
  if (!isNew) {
    const { matchedCount } = await Reviews.updateOne(
      { _id, state: 'shown' },
      { $set: { ...words, editedAt: moment } },
    )
    if (!matchedCount) throw conflict('academy:errors.community.notShown')
  }
  await countReviews(course)
  if (words.isNameHidden) return
  const data = { stars: words.stars, text: words.text, title }
  await record({ name: 'review.written', person, course, idempotencyKey: [course], data })
}

/** Deletes a person's own review, with its answer. */
export async function deleteReview(person: Types.ObjectId, course: Types.ObjectId): Promise<void> {
  await Reviews.deleteOne({ _id: reviewId(person, course) })
  await countReviews(course)
}

/**
 * Answers a review for the course's team; an empty text takes the answer back.
 *
 * @throws 404 for one that doesn't exist.
 */
export async function answerReview(
  course: Types.ObjectId,
  _id: string,
  { text, by }: { text: string; by: Types.ObjectId },
): Promise<void> {
  const answer = text ? { text, by, at: now() } : null
  const { matchedCount } = await Reviews.updateOne({ _id, course }, { $set: { answer } })
  if (!matchedCount) throw notFound()
}

/**
 * Hides a review from everyone but its writer and the team, or shows it again.
 *
 * @throws 404 for one that doesn't exist.
 */
export async function hideReview(
  course: Types.ObjectId,
  _id: string,
  isHidden: boolean,
  by: Types.ObjectId,
): Promise<void> {
  const state = isHidden ? ('hidden' as const) : ('shown' as const)
  const { matchedCount } = await Reviews.updateOne({ _id, course }, { $set: { state } })
  if (!matchedCount) throw notFound()
  await countReviews(course)
  const action = isHidden ? 'review.hidden' : 'review.shown'
  await audit({ actor: by, action, subject: String(course), detail: { review: _id } })
}

/** Deletes what a person has written in reviews and in answers to them. */
export async function deleteReviewsOf(person: Types.ObjectId): Promise<void> {
  const own = await Reviews.find({ person }, { course: 1 })
  await Reviews.deleteMany({ person })
  for (const { course } of own) await countReviews(course)
}
