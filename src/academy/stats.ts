import type { Types } from 'mongoose'
import { Paths, type Path } from '../courses/path'
import type { Published } from '../courses/published'
import { activeLearners } from '../learning/active-learners'
import { Enrolments } from '../learning/enrolment'
import { cached } from '../platform/cached'

const refreshAfter = 600_000

/** How many people learned something in the last 30 days; at most ten minutes old. */
export const learnersThisMonth = cached<void, number>(refreshAfter, activeLearners)

/** How many people have taken a course; at most ten minutes old. */
export const learnersOf = cached<Types.ObjectId, number>(refreshAfter, course =>
  Enrolments.countDocuments({ course }).exec(),
)

/** A path with those of its courses that are open now. */
export type PathSummary = Omit<Path, 'courses'> & { courses: Published[]; lessons: number; minutes: number }

const readPaths = cached<void, Path[]>(10_000, () => Paths.find().sort({ _id: 1 }).lean<Path[]>().exec())

/** The paths that have an open course, with these courses in order; at most ten seconds old. */
export async function pathSummaries(courses: Published[]): Promise<PathSummary[]> {
  return (await readPaths())
    .map(path => {
      const open = path.courses.flatMap(slug => courses.find(course => course.slug === slug) ?? [])
      return {
        ...path,
        courses: open,
        lessons: open.reduce((sum, course) => sum + course.lessons.length, 0),
        minutes: open.reduce((sum, course) => sum + course.minutes, 0),
      }
    })
    .filter(path => path.courses.length > 0)
}
