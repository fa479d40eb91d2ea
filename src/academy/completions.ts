import type { RequestHandler, Response } from 'express'
import { completeLesson } from '../learning/complete-lesson'
import { progressOf } from '../learning/progress'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { lessonPath } from './outline'
import { lessonOf, courseContext } from './course-context'

/** "Mark as done". Goes on to the next lesson that is not, or says that the course is finished. */
export const create: RequestHandler = async (request, response) => {
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const { lessons } = await completeLesson(enrolment!, lesson)
  const { next, finished } = progressOf(published.lessons, { lessons, lastLesson: lesson.slug })
  if (next) return response.redirect(303, lessonPath(published, next))
  if (finished) setFlash(response, finishedFlash(response))
  response.redirect(303, `/courses/${published.slug}`)
}

/** What is said once when the last lesson is done. */
function finishedFlash(response: Response) {
  const t = response.locals.t as Translate
  const { published } = courseContext(response)
  const certificate = published.content.certificate
    ? { href: `/courses/${published.slug}/certificate`, text: t('academy:finished.certificate') }
    : undefined
  return {
    kind: 'done' as const,
    bold: t('academy:finished.bold', { course: published.content.title }),
    text: t('academy:finished.text'),
    link: certificate,
  }
}
