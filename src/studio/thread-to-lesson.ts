import { isObjectIdOrHexString } from 'mongoose'
import { Threads } from '../community/thread'
import { addThreadToLesson } from '../community/thread-in-lesson'
import { threadPath } from '../community/thread-path'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { courseOf, draftLessonOf } from './course-page'
import { urlOf } from './urls'

/**
 * `POST /studio/courses/:slug/lessons/:lesson/threads/:id`: appends an answered question to the draft of its lesson.
 */
export const addThread: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const { slug } = draftLessonOf(response)
  const { id } = request.params
  const thread = isObjectIdOrHexString(id) ? await Threads.findById(id) : null
  if (!thread?.course.equals(course._id) || thread.lesson !== slug) throw notFound()
  const path = threadPath(course.slug, { _id: id })
  const link = t('studio:questions.discussion')
  await addThreadToLesson(thread, { path, link, answer: t('studio:questions.answerHeading') }, person._id)
  setFlash(response, {
    kind: 'done',
    bold: t('studio:questions.inDraft'),
    text: t('studio:questions.inDraftText'),
    link: { href: urlOf(course, slug), text: t('studio:questions.openDraft') },
  })
  response.redirect(303, path)
}
