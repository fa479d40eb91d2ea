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
 * Enrols a signed-in visitor in a free course and opens the lesson `?lesson=`, or the first one. Anonymous visitors
 * sign up first, and a paid course is paid for first.
 */
export const create: Handler = async (request, response, person) => {
  const { published, newest, hasAccess: isEnrolled } = courseContext(response)
  const course = `/courses/${published.slug}`
  const asked = published.lessons.find(({ slug }) => slug === request.query.lesson)
  const wanted = asked ? `?lesson=${asked.slug}` : ''
  if (!person)
    return response.redirect(303, `/sign-up?next=${encodeURIComponent(`${course}/enrolment${wanted}`)}`)
  const lesson = lessonPath(published, asked ?? published.lessons[0]!)
  if (isEnrolled) return response.redirect(303, lesson)
  if (!newest || !(await hasAccess(person, newest))) return response.redirect(303, `${course}/checkout`)
  await enrol({ person: person._id, published: newest, paid: newest.content.price !== null })
  response.redirect(303, lesson)
}
