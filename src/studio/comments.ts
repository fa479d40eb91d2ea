import type { Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { acceptSuggestion, addComment, closeComment, replyToComment } from '../courses/comment'
import { withPlainLineEnds } from '../courses/content'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { field, readForm, type Form } from '../web/form'
import type { MemberHandler, RouteRequest } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { courseOf, draftLessonOf, setDoneFlash } from './course-page'
import { renderPreview } from './lessons'
import { urlOf } from './urls'

const quoted = z.string().max(300).default('')
const schema = z
  .object({
    exact: field('studio:errors.quote', 1000),
    prefix: quoted,
    suffix: quoted,
    text: z.string().trim().max(4000, { error: 'web:errors.tooLong' }).default(''),
    replacement: z
      .string()
      .transform(withPlainLineEnds)
      .pipe(z.string().max(4000, { error: 'web:errors.tooLong' }))
      .default(''),
    kind: z.enum(['comment', 'suggestion'], { error: 'web:errors.badRequest' }).default('comment'),
  })
  .refine(({ kind, text }) => kind === 'suggestion' || text, {
    error: 'studio:errors.comment',
    path: ['text'],
  })

/** `POST …/lessons/:lesson/comments`: comments on a passage, or suggests other words for it. */
export const create: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuse(response, person, 422, form)
  const { exact, prefix, suffix, text, kind, replacement } = data
  await addComment(courseOf(response), {
    _id: recordIdOf(submissionOf(request, person)),
    lesson: draftLessonOf(response).slug,
    by: person._id,
    quote: { exact, prefix, suffix },
    text,
    replacement: kind === 'suggestion' ? replacement : null,
  })
  done(request, response, kind === 'suggestion' ? 'suggested' : 'commented')
}

const replySchema = z.object({ reply: field('studio:errors.comment', 4000) })

/** `POST …/comments/:id/replies` */
export const reply: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(replySchema, request, response)
  if (form) return refuse(response, person, 422, form, request.params.id)
  await attempt(request, response, person, 'replied', id =>
    replyToComment(courseOf(response), { comment: id, by: person._id, text: data.reply }),
  )
}

const closing =
  (state: 'open' | 'resolved' | 'declined'): MemberHandler =>
  (request, response, person) =>
    attempt(request, response, person, state, id => closeComment(courseOf(response), id, person._id, state))

export const resolve = closing('resolved')
export const reopenComment = closing('open')
export const decline = closing('declined')

/** `POST …/comments/:id/acceptance`: puts the words of a suggestion into the draft. */
export const accept: MemberHandler = (request, response, person) =>
  attempt(request, response, person, 'accepted', id => acceptSuggestion(courseOf(response), id, person._id))

async function attempt(
  request: RouteRequest,
  response: Response,
  person: Person,
  message: string,
  run: (id: Types.ObjectId) => Promise<void>,
): Promise<void> {
  const { id } = request.params
  if (!Types.ObjectId.isValid(id)) throw notFound()
  try {
    await run(new Types.ObjectId(id))
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 409) throw error
    const bold = textsOf(response).t(error.key, error.values)
    const form = { values: request.body as Record<string, unknown>, errors: {} }
    return refuse(response, person, 409, form, id, { flash: { kind: 'error', bold } })
  }
  done(request, response, message)
}

/** Back to where the comment was written: the editor, or the reading view. */
function done(request: RouteRequest, response: Response, message: string): void {
  const { t } = textsOf(response)
  setDoneFlash(response, t(`studio:commentDone.${message}`))
  const lesson = urlOf(courseOf(response), draftLessonOf(response))
  const isInEditor = (request.body as { from?: string }).from === 'write'
  response.redirect(303, `${lesson}${isInEditor ? '' : '/preview'}#comments`)
}

/** Shows the reading view with what was typed. */
async function refuse(
  response: Response,
  person: Person,
  status: number,
  form: Form,
  replyTo?: string,
  values: object = {},
): Promise<void> {
  await renderPreview(response.status(status), person, { form, replyTo, ...values })
}
