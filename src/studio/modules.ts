import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { addOnce, changeDraft } from '../courses/change-draft'
import { changeOutline } from '../courses/outline-change'
import { addModule, moveModule, removeModule, renameModule } from '../courses/outline'
import { notFound } from '../platform/errors'
import { lineField, readForm, type Form } from '../web/form'
import { submissionOf } from '../web/occasion'
import { courseOf } from './course-page'
import { renderCourse } from './course-view'
import { outlineFlash, editedOutline } from './lesson-selection'
import { textsOf } from '../web/texts'
import { urlOf } from './urls'

const schema = z.object({ title: lineField('studio:errors.moduleTitle', 120) })

/** `POST /studio/courses/:slug/modules` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuse(person, response, form)
  await addOnce(
    courseOf(response)._id,
    submissionOf(request, person),
    content => addModule(content, data.title),
    person._id,
  )
  response.redirect(303, urlOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module`: renames a module. */
export async function update(
  request: Request<{ module: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const { data, form } = readForm(schema, request as Request, response)
  if (form) return refuse(person, response, form)
  await changeDraft(
    courseOf(response)._id,
    content => renameModule(content, request.params.module, data.title),
    { by: person._id },
  )
  response.redirect(303, urlOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module/position`: `to` is `up` or `down`. */
export async function move(
  request: Request<{ module: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const { to } = request.body as { to?: string }
  if (to !== 'up' && to !== 'down') throw notFound()
  await changeOutline(editedOutline(response, person), content =>
    moveModule(content, request.params.module, to),
  )
  outlineFlash(response, textsOf(response).t('studio:selection.moduleMoved'))
  response.redirect(303, urlOf(courseOf(response)))
}

/** `POST /studio/courses/:slug/modules/:module/removal`: removes an empty module. */
export async function destroy(
  request: Request<{ module: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  await changeOutline(editedOutline(response, person), content =>
    removeModule(content, request.params.module),
  )
  outlineFlash(response, textsOf(response).t('studio:selection.moduleRemoved'))
  response.redirect(303, urlOf(courseOf(response)))
}

async function refuse(person: Person, response: Response, form: Form): Promise<void> {
  response.status(422)
  await renderCourse(person, response, { form })
}
