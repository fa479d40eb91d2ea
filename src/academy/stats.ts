import type { Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import { coursesOf, shownPaths } from '../courses/shown-courses'
import type { PathContent, PublishedPath } from '../courses/path'
import { totalPrices } from '../courses/price'
import type { Published } from '../courses/published'
import type { AnyVisitor } from '../courses/viewer'
import { activeLearners } from '../learning/active-learners'
import { Enrolments } from '../learning/enrolment'
import { cached, remembered } from '../platform/cached'

/** Milliseconds. */
const refreshAfter = 600_000

/**
 * Returns how many people were active learners in the last 30 days, at most 10 minutes old: of all courses, or of those
 * that a brand shows to everyone.
 */
export const learnersThisMonth = cached<ShownBrand, number>(
  refreshAfter,
  async brand =>
    activeLearners(
      brand.content.courses ? (await coursesOf(brand, null)).map(({ course }) => course) : undefined,
    ),
  { max: 50, nameOf: ({ content }) => JSON.stringify(content.courses) },
)

/** Returns how many people have ever enrolled in a course, at most 10 minutes old. */
export const learnersOf = cached<Types.ObjectId, number>(refreshAfter, course => Enrolments.count({ course }))

/** A learning path with its published courses; `minutes` is their total length, `prices` their total by currency. */
export type PathSummary = Omit<PathContent, 'courses'> & {
  slug: string
  courses: Published[]
  lessons: number
  minutes: number
  prices: { amount: number; currency: string }[]
}

/** Returns the learning paths that a brand shows to a visitor, with their published courses in order. */
export async function pathSummaries(brand: ShownBrand, visitor: AnyVisitor): Promise<PathSummary[]> {
  const [paths, courses] = await Promise.all([shownPaths(brand, visitor), coursesOf(brand, visitor)])
  return paths.map(path => rememberedSummary(path, '', [courses], () => summaryOf(path, courses)))
}

const rememberedSummary = remembered<PathSummary>()

function summaryOf({ id, content }: PublishedPath, courses: Published[]): PathSummary {
  const published = content.courses.flatMap(slug => courses.find(course => course.slug === slug) ?? [])
  return {
    ...content,
    slug: id,
    courses: published,
    lessons: published.reduce((sum, course) => sum + course.lessons.length, 0),
    minutes: published.reduce((sum, course) => sum + course.minutes, 0),
    prices: totalPrices(published.map(course => course.content.price)),
  }
}
