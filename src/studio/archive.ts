import type { Request, Response } from 'express'
import { archiveCourse, unarchiveCourse } from '../courses/archive-course'
import { deleteCourse } from '../courses/delete-course'
import { duplicateCourse } from '../courses/duplicate-course'
import type { Person } from '../people/person'
import { recordIdOf, submissionOf } from '../web/occasion'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { courseOf, setDoneFlash } from './course-page'
import { urlOf } from './urls'

/** `POST /studio/courses/:slug/archive` */
export async function archive(_request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  await archiveCourse({ course: course._id, by: person._id })
  const undo = { action: `${urlOf(course)}/archive-end`, text: t('studio:archive.bringBack') }
  setFlash(response, {
    kind: 'done',
    bold: t('studio:archive.done'),
    text: t('studio:archive.doneText'),
    undo,
  })
  response.redirect(303, urlOf(course))
}

/** `POST /studio/courses/:slug/archive-end` */
export async function bringBack(_request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const isPublished = await unarchiveCourse({ course: course._id, by: person._id })
  setDoneFlash(
    response,
    t('studio:archive.ended'),
    t(isPublished ? 'studio:archive.endedPublished' : 'studio:archive.endedDraft'),
  )
  response.redirect(303, urlOf(course))
}

/** `POST /studio/courses/:slug/deletion` */
export async function destroy(_request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  await deleteCourse({ course: course._id, by: person._id })
  setDoneFlash(response, t('studio:archive.deleted', { title: course.draft.title }))
  response.redirect(303, '/studio')
}

/** `POST /studio/courses/:slug/copy` */
export async function copy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const title = t('studio:selection.copyOf', { title: course.draft.title }).slice(0, 120)
  const _id = recordIdOf(submissionOf(request, person))
  const copied = await duplicateCourse(course, { _id, title, by: person._id })
  setDoneFlash(response, t('studio:archive.copied'), t('studio:archive.copiedText'))
  response.redirect(303, urlOf(copied))
}
