import type { Published } from '../courses/published'
import { completeLesson } from '../learning/complete-lesson'
import { goalOf } from '../learning/goal'
import { progressOf } from '../learning/progress'
import type { MemberHandler } from '../web/handler'
import { setFlash, type Flash } from '../web/flash'
import type { Translate } from '../web/i18n'
import { textsOf } from '../web/texts'
import { lessonPath } from '../courses/lesson-path'
import { lessonOf, courseContext } from './course-context'
import { isMotivated } from './weekly-goal'

/**
 * "Mark as done". Redirects to the next unfinished lesson, or to the page of a completed course; for those who have
 * switched that off, to the course with a message.
 */
export const create: MemberHandler = async (_request, response, person) => {
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const { lessons } = await completeLesson(enrolment!, lesson)
  const { next, finished } = progressOf(published.lessons, { lessons, lastLesson: lesson.slug })
  if (next) return response.redirect(303, lessonPath(published, next))
  if (finished && isMotivated(response, await goalOf(person._id))) {
    return response.redirect(303, `/courses/${published.slug}/finished`)
  }
  if (finished) setFlash(response, courseCompletedFlash(textsOf(response).t, published))
  response.redirect(303, `/courses/${published.slug}`)
}

function courseCompletedFlash(t: Translate, published: Published): Flash {
  return {
    kind: 'done',
    bold: t('academy:finished.bold', { course: published.content.title }),
    text: t('academy:finished.text'),
    link: published.content.certificate
      ? { href: `/courses/${published.slug}/certificate`, text: t('academy:finished.certificate') }
      : undefined,
  }
}
