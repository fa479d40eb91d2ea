import { z } from 'zod'
import { askQuestion } from '../community/ask-question'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { field, readForm, refuseForm } from '../web/form'
import { lessonView } from './lessons'
import { lessonPath } from '../courses/lesson-path'
import { textsOf } from '../web/texts'
import { lessonOf, courseContext } from './course-context'

const schema = z.object({ text: field('academy:ask.missing', 1000) })

/** Sends a question about a lesson to its authors. */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, 'academy/lesson', form, await lessonView(request, response))
  await askQuestion({ person: enrolment!.person, course: enrolment!.course, lesson, text: data.text })
  setFlash(response, { kind: 'done', bold: t('academy:ask.sent'), text: t('academy:ask.sentText') })
  response.redirect(303, lessonPath(published, lesson))
}
