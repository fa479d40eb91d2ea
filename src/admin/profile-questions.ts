import { Types } from 'mongoose'
import type { Response } from 'express'
import { z } from 'zod'
import {
  addProfileQuestion,
  maxChoices,
  maxQuestions,
  ProfileAnswers,
  profileQuestions,
  questionTypes,
  removeProfileQuestion,
} from '../people/profile-question'
import { normaliseLine } from '../platform/text'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { checkbox, emptyForm, lineField, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'

/** `GET /admin/profile-questions`: what learners are asked about themselves, one question at a time. */
export const index: MemberHandler = (_request, response) => renderQuestions(response, emptyForm())

const schema = z
  .object({
    label: lineField('admin:errors.questionLabel', 120),
    purpose: lineField('admin:errors.questionPurpose', 200),
    type: z.enum(questionTypes, { error: 'web:errors.chooseOne' }),
    choices: z
      .string()
      .max(5000, { error: 'web:errors.tooLong' })
      .default('')
      .transform(text => [...new Set(text.split(/\r?\n/).flatMap(line => normaliseLine(line) || []))])
      .refine(all => all.length <= maxChoices && all.every(each => each.length <= 100), {
        error: 'admin:errors.questionChoices',
      }),
    required: checkbox,
    forSales: checkbox,
  })
  .refine(({ type, choices }) => type !== 'choice' || choices.length >= 2, {
    error: 'admin:errors.questionChoices',
    path: ['choices'],
  })

/** `POST /admin/profile-questions`: adds a question. */
export const create: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(schema, request, response)
  if (form) return renderQuestions(response.status(422), form)
  const { t } = textsOf(response)
  const choices = data.type === 'choice' ? data.choices : []
  const question = { ...data, choices, _id: recordIdOf(submissionOf(request, person)) }
  if (!(await addProfileQuestion(question, person._id))) {
    const errors = { label: t('admin:errors.tooManyQuestions', { maximum: maxQuestions }) }
    return renderQuestions(response.status(422), { values: request.body as Form['values'], errors })
  }
  setFlash(response, { kind: 'done', bold: t('admin:flash.questionAdded') })
  response.redirect(303, '/admin/profile-questions')
}

/** `POST /admin/profile-questions/:id/removal`: removes a question and all its answers. */
export const destroy: MemberHandler = async (request, response, person) => {
  if (!Types.ObjectId.isValid(request.params.id)) throw notFound()
  await removeProfileQuestion(new Types.ObjectId(request.params.id), person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:flash.questionRemoved') })
  response.redirect(303, '/admin/profile-questions')
}

async function renderQuestions(response: Response, form: Form): Promise<void> {
  const { t } = textsOf(response)
  const questions = await profileQuestions()
  const counts = await Promise.all(
    questions.map(({ _id }) => ProfileAnswers.count({ question: _id, value: { $ne: null } })),
  )
  const fields: FormField[] = [
    { name: 'label', label: t('admin:questions.label'), required: true, maxlength: 120 },
    {
      name: 'purpose',
      label: t('admin:questions.purpose'),
      hint: t('admin:questions.purposeHint'),
      required: true,
      maxlength: 200,
    },
    {
      kind: 'select',
      name: 'type',
      label: t('admin:questions.type'),
      options: questionTypes.map(value => ({ value, text: t(`admin:questions.types.${value}`) })),
    },
    {
      kind: 'textarea',
      name: 'choices',
      label: t('admin:questions.choices'),
      hint: t('admin:questions.choicesHint'),
      rows: 4,
      optional: true,
    },
    {
      kind: 'checkbox',
      name: 'required',
      label: t('admin:questions.required'),
      hint: t('admin:questions.requiredHint'),
    },
    {
      kind: 'checkbox',
      name: 'forSales',
      label: t('admin:questions.forSales'),
      hint: t('admin:questions.forSalesHint'),
    },
  ]
  response.render('admin/profile-questions', {
    layout: 'workspace',
    nav: 'questions',
    head: { title: t('admin:questions.title') },
    form,
    fields,
    rows: questions.map(({ _id, label, purpose, type, required, forSales }, n) => ({
      label,
      purpose,
      facts: [
        t(`admin:questions.types.${type}`),
        ...(required ? [t('admin:questions.isRequired')] : []),
        t(`admin:questions.${forSales ? 'isForSales' : 'isNotForSales'}`),
        t('admin:questions.answers', { count: counts[n]! }),
      ].join(' · '),
      removal: {
        action: `/admin/profile-questions/${_id}/removal`,
        label: t('admin:questions.removeLabel', { label }),
      },
    })),
  })
}
