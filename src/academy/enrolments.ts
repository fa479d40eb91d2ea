import { enrol } from '../learning/enrol'
import { hasAccess } from '../orders/access'
import { lessonPath } from '../courses/lesson-path'
import type { Handler } from '../web/handler'
import { courseContext } from './course-context'

/** Where "Enrol and start" leads a visitor who is already signed in, since a link must not enrol anyone. */
export const show: Handler = (_request, response) => {
  response.redirect(303, `/courses/${courseContext(response).published.slug}`)
}

/**
 * Enrols a signed-in visitor in a free course and opens its first lesson. Anonymous visitors sign up first, and a paid
 * course is paid for first.
 */
export const create: Handler = async (request, response, person) => {
  const { published, newest, hasAccess: isEnrolled } = courseContext(response)
  const course = `/courses/${published.slug}`
  if (!person) return response.redirect(303, `/sign-up?next=${encodeURIComponent(`${course}/enrolment`)}`)
  const firstLesson = lessonPath(published, published.lessons[0]!)
  if (isEnrolled) return response.redirect(303, firstLesson)
  if (!newest || !(await hasAccess(person, newest))) return response.redirect(303, `${course}/checkout`)
  await enrol({ person: person._id, published: newest, paid: newest.content.price !== null })
  response.redirect(303, firstLesson)
}
