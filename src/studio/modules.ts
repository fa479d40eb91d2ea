import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import { addModule, moveModule, removeModule, renameModule } from '../courses/outline'
import { notFound } from '../platform/errors'
import { lineField, readForm } from '../web/form'
import { addressOf, courseOf, coursePage } from './course-page'

const named = z.object({ title: lineField('studio:errors.moduleTitle', 120) })

/** `POST /studio/courses/:slug/modules` */
export async function create(request: Request, response: Response): Promise<void> {
  const { data, form } = readForm(named, request, response)
  if (form) return showRefusal(request, response, form)
  await changeDraft(courseOf(response)._id, content => addModule(content, data.title).content)
  response.redirect(303, addressOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module`: another title. */
export async function update(request: Request<{ module: string }>, response: Response): Promise<void> {
  const { data, form } = readForm(named, request as Request, response)
  if (form) return showRefusal(request as Request, response, form)
  await changeDraft(courseOf(response)._id, content =>
    renameModule(content, request.params.module, data.title),
  )
  response.redirect(303, addressOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module/position`: `to` is `up` or `down`. */
export async function move(request: Request<{ module: string }>, response: Response): Promise<void> {
  const { to } = request.body as { to?: string }
  if (to !== 'up' && to !== 'down') throw notFound()
  await changeDraft(courseOf(response)._id, content => moveModule(content, request.params.module, to))
  response.redirect(303, addressOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module/removal`: only an empty part. */
export async function destroy(request: Request<{ module: string }>, response: Response): Promise<void> {
  await changeDraft(courseOf(response)._id, content => removeModule(content, request.params.module))
  response.redirect(303, addressOf(courseOf(response)))
}

async function showRefusal(request: Request, response: Response, form: object): Promise<void> {
  response.status(422).render('studio/course', { ...(await coursePage(request, response, 'course')), form })
}
