import { isDeepStrictEqual } from 'node:util'
import type { Types } from 'mongoose'
import { days, later, minutes, now } from '../platform/clock'
import {
  date,
  defineRecord,
  free,
  nullable,
  number,
  objectId,
  string,
  type RecordOf,
} from '../platform/record'
import { lessonsOf } from './content'
import type { CourseContent, Lesson } from './course'

/** A lesson of a draft as it was before someone changed it. */
export const SavedPoints = defineRecord(
  'SavedPoint',
  'saved_points',
  {
    /** `course:lesson:draftNumber`, of the draft that had the lesson like this. */
    _id: string(),
    course: objectId(),
    /** The slug of the lesson. */
    lesson: string(),
    draftNumber: number(),
    content: free<Lesson>(),
    /** In characters of its text. */
    size: number(),
    /** When the lesson was changed, and by whom; null for an import. */
    changedAt: date(),
    changedBy: nullable(objectId()),
    expiresAt: date(),
  },
  {
    indexes: [[{ course: 1, lesson: 1, changedAt: -1 }], [{ expiresAt: 1 }, { expireAfterSeconds: 0 }]],
  },
)
export type SavedPoint = RecordOf<typeof SavedPoints>

const keptFor = days(30)
/** Changes of one person to a lesson within so long of each other have one saved point. */
const mergedFor = minutes(10)
/** What each lesson keeps; the newest point is kept in any case. */
export const savedPointCaps = { points: 40, characters: 1_000_000 }

/** Who changes a draft, and whether what was there before is kept in any case: for a change as big as a restoration. */
export type DraftChange = { by?: Types.ObjectId | undefined; keepsBefore?: boolean }

/**
 * Keeps the lessons that a save is about to change, so that each can be restored, and thins out what was kept before:
 * one a day after the first day, and no more than `savedPointCaps`.
 */
export async function keepSavedPoints(
  course: Types.ObjectId,
  before: { draft: CourseContent; draftNumber: number },
  after: CourseContent,
  { by, keepsBefore = false }: DraftChange,
): Promise<void> {
  const changed = changedLessons(before.draft, after)
  if (!changed.length) return
  const changedBy = by ?? null
  const recent = keepsBefore
    ? []
    : await SavedPoints.find(
        {
          course,
          lesson: { $in: changed.map(({ slug }) => slug) },
          changedAt: { $gt: later(now(), -mergedFor) },
          changedBy,
        },
        { lesson: 1 },
      )
  const covered = new Set(recent.map(({ lesson }) => lesson))
  const { draftNumber } = before
  const kept = changed
    .filter(({ slug }) => !covered.has(slug))
    .map(async content => {
      const { slug: lesson } = content
      await SavedPoints.insertOnce({
        ...{ _id: [course, lesson, draftNumber].join(':'), course, lesson, draftNumber, content },
        ...{ size: content.body.length, changedAt: now(), changedBy, expiresAt: later(now(), keptFor) },
      })
      await thinOut(course, lesson)
    })
  await Promise.all(kept)
}

/** Returns the lessons of `before` that are other ones in `after`; those that are gone are kept with the outline. */
function changedLessons(before: CourseContent, after: CourseContent): Lesson[] {
  const current = new Map(lessonsOf(after).map(lesson => [lesson.slug, lesson]))
  return lessonsOf(before).filter(lesson => {
    const now = current.get(lesson.slug)
    return now !== undefined && !isSameLesson(now, lesson)
  })
}

/** Whether two lessons are stored alike. */
export function isSameLesson(a: Lesson, b: Lesson): boolean {
  return a.body === b.body && isDeepStrictEqual(fieldsOf(a), fieldsOf(b))
}

/** The fields of a lesson besides its text, as they are stored: one that is undefined is the same as none. */
const fieldsOf = (lesson: Lesson) => JSON.parse(JSON.stringify({ ...lesson, body: '' })) as unknown

async function thinOut(course: Types.ObjectId, lesson: string): Promise<void> {
  const fields = { draftNumber: 1, changedAt: 1, size: 1 } as const
  const points = await SavedPoints.find({ course, lesson }, fields).sort({ changedAt: -1 })
  const excess = excessPoints(points, now()).map(({ _id }) => _id)
  if (excess.length) await SavedPoints.deleteMany({ _id: { $in: excess } })
}

/**
 * Returns the saved points of a lesson that aren't kept any longer: after a day, all but the newest of each day, and
 * those beyond `savedPointCaps`.
 *
 * @param points the newest first.
 */
export function excessPoints<Point extends Pick<SavedPoint, 'changedAt' | 'size'>>(
  points: Point[],
  at: Date,
): Point[] {
  const daysSeen = new Set<number>()
  let [count, characters] = [0, 0]
  return points.filter(({ changedAt, size }) => {
    const age = Math.floor((at.getTime() - changedAt.getTime()) / days(1))
    if (age > 0 && daysSeen.has(age)) return true
    daysSeen.add(age)
    count++
    characters += size
    return count > 1 && (count > savedPointCaps.points || characters > savedPointCaps.characters)
  })
}
