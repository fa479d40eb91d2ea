import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { publishCourse } from '../courses/publish-course'
import { withdrawCourse } from '../courses/withdraw-course'
import { HttpError } from '../platform/errors'
import { courseOf, setDoneFlash } from './course-page'
import { renderCourse } from './course-view'
import { textsOf } from '../web/texts'
import { placeOf } from './academy-place'
import { urlOf } from './urls'

/** `POST /studio/courses/:slug/publication` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const draftNumber = Number((request.body as { draftNumber?: string }).draftNumber)
  try {
    const { number } = await publishCourse({ course: course._id, by: person._id, draftNumber })
    const { href, text } = await placeOf([course.slug], `/courses/${course.slug}`, response)
    const bold = t('studio:flash.published', { number })
    if (href) setDoneFlash(response, bold, t('studio:flash.publishedText'), { href, text })
    else setDoneFlash(response, bold, text)
    response.redirect(303, urlOf(course))
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    response.status(error.status)
    await renderCourse(person, response, {
      flash: { kind: 'error', bold: t(error.key, error.values) },
    })
  }
}

/** `POST /studio/courses/:slug/withdrawal` */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  await withdrawCourse({ course: course._id, by: person._id })
  setDoneFlash(response, t('studio:flash.withdrawn'), t('studio:flash.withdrawnText'))
  response.redirect(303, urlOf(course))
}
