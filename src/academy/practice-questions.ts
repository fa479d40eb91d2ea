import type { RequestHandler } from 'express'
import { grade } from '../courses/grade'
import { lessonPage } from '../courses/render'
import { notFound } from '../platform/errors'
import { handleAnswers } from './attempts'
import { readAnswers } from './answers'
import { lessonView } from './lessons'
import { lessonOf, showLessonLocked, courseContext } from './course-context'

/**
 * "Check my answer": one question of a lesson, graded in place. It changes nothing and counts for nothing, so it is a GET form. The
 * whole lesson comes back without script, the one question (`partial=1`) with it.
 */
export const show: RequestHandler = async (request, response) => {
  const { published, hasAccess } = courseContext(response)
  const lesson = lessonOf(response)
  if (!hasAccess && !lesson.preview) return showLessonLocked(response)
  // The answers of a quiz that counts are told after an attempt, not by asking one by one.
  if (lesson.completion === 'pass') throw notFound()
  const { questions } = lessonPage(published, lesson.slug)
  const asked = questions.find(question => question.id === request.query.question)
  if (!asked) throw notFound()
  const answers = readAnswers([asked], request.query)
  const view = await lessonView(request, response)
  const checked = answers[asked.id]
    ? { id: asked.id, ...handleAnswers([asked], grade([asked], answers).results)[0]! }
    : { id: asked.id, missing: true }
  const values = { ...view, answers, checked, head: { ...view.head, noindex: true } }
  if (request.query.partial !== '1') return response.render('academy/lesson', values)
  response.render('academy/practice-questions', { ...values, layout: null, question: asked })
}
