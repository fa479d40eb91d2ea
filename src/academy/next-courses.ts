import type { Response } from 'express'
import type { Published } from '../courses/published'
import type { Person } from '../people/person'
import { courseLooks } from '../web/course-palette'
import { textsOf } from '../web/texts'
import { courseCard } from './course-card'
import { learnerCourses } from './learner-courses'
import { recommendationsFor } from './recommendations'

/** How many courses are recommended after one. */
const maxNext = 3

/** Returns the cards of what a person may take after a course, each with its reason; empty when nothing is left. */
export async function nextCourses(response: Response, person: Person, after: Published) {
  const texts = textsOf(response)
  const { brand } = response.locals
  const [learned, looks] = await Promise.all([learnerCourses(brand, person), courseLooks(brand)])
  const recommended = await recommendationsFor(texts, brand, person, learned, maxNext, after)
  return recommended.map(({ course, reason }) => ({
    ...courseCard(texts, course, looks(course.slug)),
    reason,
  }))
}
