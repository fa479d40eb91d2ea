import type { Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import { revisionById, type Published } from '../courses/published'
import { shownLessonsOf } from '../courses/shown-courses'
import type { AnyVisitor } from '../courses/viewer'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import { progressOf, type Progress } from '../learning/progress'
import type { Person } from '../people/person'
import { remembered } from '../platform/cached'
import { retained } from '../platform/retained'
import { keepsCourse } from './keeps-course'

/** More courses than these aren't read for one page. */
const maxCourses = 100

/** A course that a person has begun, on their revision. */
export type LearnerCourse = {
  enrolment: Enrolment
  published: Published
  progress: Progress
  /** `closed` after a refund. */
  state: 'open' | 'completed' | 'closed'
}

/**
 * Returns the courses that a person has begun and finds at a brand, the one they were last in first: the same
 * array as long as nothing of it changes.
 */
export async function learnerCourses(
  brand: ShownBrand,
  person: Pick<Person, 'brand'> & NonNullable<AnyVisitor>,
): Promise<LearnerCourse[]> {
  const enrolments = await enrolmentsOf(person._id)
  const read = await Promise.all(
    enrolments.map(async enrolment => {
      const revision = await revisionById(enrolment.revision)
      const published = revision && (await shownLessonsOf(person, revision))
      return published && (await keepsCourse(brand, person, published)) ? published : null
    }),
  )
  return rememberedCourses(enrolments, '', read, () =>
    read.flatMap((published, n) => (published ? [learnerCourse(enrolments[n]!, published)] : [])),
  )
}

const rememberedCourses = remembered<LearnerCourse[]>()

function learnerCourse(enrolment: Enrolment, published: Published): LearnerCourse {
  const hasAccess = enrolment.revokedAt === null
  const progress = progressOf(published.lessons, hasAccess ? enrolment : null)
  return { enrolment, published, progress, state: stateOf(enrolment) }
}

const enrolmentsOf = retained(
  (person: Types.ObjectId, dependOn) => {
    dependOn(Enrolments, 'person', person)
    return Enrolments.find({ person }).sort({ lastActivityAt: -1 }).limit(maxCourses).exec()
  },
  { max: 200 },
)

function stateOf({ revokedAt, completedAt }: Enrolment): LearnerCourse['state'] {
  if (revokedAt) return 'closed'
  return completedAt ? 'completed' : 'open'
}
