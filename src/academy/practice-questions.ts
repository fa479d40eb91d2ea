import { isGraded } from '../courses/kinds/kinds'
import { lessonPage } from '../courses/lesson-page'
import { notFound } from '../platform/errors'
import { readAnswers } from './answers'
import { lessonView } from './lessons'
import { lessonPath } from '../courses/lesson-path'
import { canOpen, lessonOf, showLessonLocked, courseContext } from './course-context'
import { questionImage } from '../web/question-image'
import { textsOf } from '../web/texts'
import type { Handler } from '../web/handler'
import { practiceQuestionView, practiceShown } from './practice-question'

/**
 * Grades one practice question of a lesson in place. It changes nothing and counts for nothing, so it is a GET form.
 * Without a script, the response is the whole lesson; with one (`partial=1`), only the question.
 */
export const show: Handler = async (request, response) => {
  const context = courseContext(response)
  const { published } = context
  const lesson = lessonOf(response)
  if (!canOpen(context, lesson)) return showLessonLocked(request, response)
  // The answers to a graded quiz are only shown after an attempt, and can't be tried one by one.
  if (isGraded(lesson)) throw notFound()
  const { questions } = lessonPage(published, lesson.slug)
  const question = questions.find(each => each.id === request.query.question)
  if (!question) throw notFound()
  const path = lessonPath(published, lesson)
  const answers = readAnswers([practiceShown(path, question)], request.query)
  const practice = { question: question.id, answers }
  if (request.query.partial === '1') {
    const isRetry = request.query.retry === '1'
    const view = practiceQuestionView(textsOf(response), path, question, isRetry ? undefined : practice)
    return response.render('academy/practice-question', {
      layout: null,
      question: { ...view, picture: questionImage(question, published.content.assets) },
    })
  }
  const page = await lessonView(request, response, { practice })
  response.render('academy/lesson', { ...page, head: { ...page.head, noindex: true } })
}
