import type { Request, Response } from 'express'
import { z } from 'zod'
import { Paths } from '../courses/path'
import { freeSlug } from '../courses/slug'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import {
  needsCaps,
  publishNeedsAssessment,
  saveNeedsAssessment,
  withdrawNeedsAssessment,
} from '../signals/change-needs-assessment'
import {
  needsAssessmentId,
  NeedsAssessments,
  readNeedsAssessment,
  type NeedsAnswer,
  type NeedsContent,
  type NeedsQuestion,
} from '../signals/needs-content'
import { setFlash } from '../web/flash'
import { lineField, optionalField, readForm, type Form } from '../web/form'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { versionRows } from '../web/version-rows'

const path = '/admin/needs-assessment'
type WithId = Request<{ id: string }>

const draftNumber = z.coerce
  .number({ error: 'web:errors.badRequest' })
  .int({ error: 'web:errors.badRequest' })
const text = (maximum: number) => optionalField(maximum).transform(value => value ?? '')

/** `GET /admin/needs-assessment`: the questions of the draft, and what to do with it. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await renderDraft(response)
}

const draftForm = z.object({
  draftNumber,
  title: lineField('admin:errors.needs.title', 120),
  lede: text(300),
  /** `up:goal`, `down:goal` or `remove:goal`. */
  change: z.string().max(100).default(''),
  /** The text of a question to add. */
  add: text(200),
})

/** `POST /admin/needs-assessment`: saves title and introduction; moves, removes or adds a question. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(draftForm, request, response)
  if (form) return renderDraft(response.status(422), form)
  const { draft } = await current(response)
  const { change, add, draftNumber: number, ...fields } = data
  const id = add && freeSlug(add, 'question', slug => draft.questions.some(each => each.id === slug))
  if (add && draft.questions.length >= needsCaps.questions) {
    const errors = { add: response.locals.t('admin:errors.needs.tooMany', { maximum: needsCaps.questions }) }
    return renderDraft(response.status(422), { values: request.body, errors })
  }
  const questions = [
    ...reordered(draft.questions, change),
    ...(id ? [{ id, text: add, help: '', answers: [] }] : []),
  ]
  if (
    !(await save({ ...fields, questions }, number, person, request, response, form =>
      renderDraft(response, form),
    ))
  )
    return
  if (id) return response.redirect(303, `${path}/questions/${id}`)
  if (!change) done(response, 'needsSaved')
  response.redirect(303, path)
}

/** `GET /admin/needs-assessment/questions/:id` */
export async function editQuestion(request: WithId, response: Response): Promise<void> {
  await renderQuestion(request, response)
}

const questionForm = z
  .object({ draftNumber, text: lineField('admin:errors.needs.question', 200), help: text(300) })
  .catchall(z.unknown())
const answerForm = z.object({
  id: text(80),
  text: text(120),
  audience: text(80),
  topics: z.preprocess(
    value => (value === undefined ? [] : [value].flat()),
    z.array(z.string().max(80)).max(60),
  ),
  minutes: z
    .string()
    .default('')
    .transform(typed => typed.trim())
    .refine(typed => /^(?:[1-9]\d{0,4})?$/.test(typed), { error: 'admin:errors.needs.minutes' })
    .transform(typed => (typed ? Number(typed) : null)),
  path: text(80),
})

/** `POST /admin/needs-assessment/questions/:id`: saves a question and its answers; an answer without text goes. */
export async function updateQuestion(request: WithId, response: Response, person: Person): Promise<void> {
  const { draft } = await current(response)
  if (!draft.questions.some(({ id }) => id === request.params.id)) throw notFound()
  const { data, form } = readForm(questionForm, request as Request, response)
  const { answers, errors } = readAnswers(request, response)
  if (form || Object.keys(errors).length) {
    const values = request.body as Record<string, unknown>
    return renderQuestion(request, response.status(422), { values, errors: { ...form?.errors, ...errors } })
  }
  const question = { id: request.params.id, text: data.text, help: data.help, answers }
  const questions = draft.questions.map(each => (each.id === question.id ? question : each))
  const refuse = (refused: Form) => renderQuestion(request, response, refused)
  if (!(await save({ ...draft, questions }, data.draftNumber, person, request as Request, response, refuse)))
    return
  done(response, 'needsSaved')
  response.redirect(303, `${path}/questions/${question.id}`)
}

/** Reads the rows `text-0`, `topics-0`…, in their order. */
function readAnswers(request: WithId, response: Response) {
  const body = (request.body ?? {}) as Record<string, unknown>
  const errors: Record<string, string> = {}
  const answers: NeedsAnswer[] = []
  for (let n = 0; n < needsCaps.answers; n++) {
    const row = Object.fromEntries(answerFields.map(name => [name, body[`${name}-${n}`]]))
    const { data, error } = answerForm.safeParse(row)
    for (const {
      path: [name],
      message,
    } of error?.issues ?? []) {
      errors[`${String(name)}-${n}`] = response.locals.t(
        /^\w+:/.test(message) ? message : 'web:errors.unreadable',
        {
          maximum: 120,
        },
      )
    }
    if (!data?.text) continue
    const isTaken = (id: string) => answers.some(each => each.id === id)
    const id = data.id && !isTaken(data.id) ? data.id : freeSlug(data.text, 'answer', isTaken)
    answers.push({ ...data, id })
  }
  return { answers, errors }
}
const answerFields = ['id', 'text', 'audience', 'topics', 'minutes', 'path'] as const

/** `POST /admin/needs-assessment/publications` */
export async function publishAssessment(request: Request, response: Response, person: Person): Promise<void> {
  try {
    const number = await publishNeedsAssessment(numberIn(request), person._id)
    done(response, 'needsPublished', { number })
    response.redirect(303, path)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    const flash = { kind: 'error' as const, bold: response.locals.t(error.key, error.values) }
    await renderDraft(response.status(422), undefined, flash)
  }
}

/** `POST /admin/needs-assessment/withdrawal` */
export async function withdrawAssessment(
  _request: Request,
  response: Response,
  person: Person,
): Promise<void> {
  await withdrawNeedsAssessment(person._id)
  done(response, 'needsWithdrawn')
  response.redirect(303, path)
}

/** `GET /admin/needs-assessment/versions` */
export async function assessmentVersions(_request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { draftNumber, version } = await current(response)
  response.render('admin/version-list', {
    ...frame(texts),
    back: { href: path, text: texts.t('admin:needs.title') },
    canWrite: true,
    draftNumber,
    versions: await versionRows(await NeedsAssessments.history(needsAssessmentId), version, path, texts),
  })
}

/** `POST /admin/needs-assessment/versions/:number/restoration`: makes an earlier version the draft. */
export async function restoreAssessment(
  request: Request<{ number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const version = await NeedsAssessments.version(needsAssessmentId, Number(request.params.number) || 0)
  if (!version) throw notFound()
  await saveNeedsAssessment(version.content, numberIn(request), person._id)
  done(response, 'versionRestored', { number: version.number })
  response.redirect(303, path)
}

const current = ({ locals }: Response) => readNeedsAssessment(locals.lists, locals.lang)

function numberIn({ body }: Pick<Request, 'body'>): number {
  const { data } = draftNumber.safeParse((body as { draftNumber?: unknown } | undefined)?.draftNumber)
  if (data === undefined) throw new HttpError(422, 'web:errors.badRequest')
  return data
}

function done(response: Response, key: string, values: Record<string, unknown> = {}): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, values) })
}

/** Saves and returns true, or shows the form again with 409 and the number of the newer draft. */
async function save(
  content: NeedsContent,
  number: number,
  person: Person,
  request: Request,
  response: Response,
  refuse: (form: Form) => Promise<void>,
): Promise<boolean> {
  try {
    await saveNeedsAssessment(content, number, person._id)
    return true
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const { draftNumber } = await current(response.status(409))
    const values = { ...(request.body as Record<string, unknown>), draftNumber }
    await refuse({ values, errors: { form: response.locals.t('admin:errors.draftConflict') } })
    return false
  }
}

function reordered(questions: NeedsQuestion[], change: string): NeedsQuestion[] {
  const [verb, id] = change.split(':')
  const from = questions.findIndex(each => each.id === id)
  if (from < 0) return questions
  const rest = questions.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, questions[from]!)
}

const frame = ({ t }: Texts) => ({
  layout: 'workspace',
  nav: 'needs',
  head: { title: t('admin:needs.title') },
})

async function renderDraft(response: Response, form?: Form, flash?: object): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { draft, draftNumber: number, version } = await current(response)
  const published = version === null ? null : await NeedsAssessments.version(needsAssessmentId, version)
  const move = (to: 'up' | 'down', { id, text }: NeedsQuestion) => ({
    value: `${to}:${id}`,
    icon: to === 'up' ? 'arrow-up' : 'arrow-down',
    label: t(`admin:lists.${to}`, { name: text }),
  })
  response.render('admin/needs-assessment', {
    ...frame(texts),
    form: form ?? { values: { ...draft }, errors: {} },
    ...(flash && { flash }),
    isOn: version !== null,
    sentence: t(version === null ? 'admin:needs.off' : 'admin:needs.on', { number: version }),
    draftNumber: form?.values.draftNumber ?? number,
    publishNumber: number,
    canPublish: number > 0 && published?.draftNumber !== number,
    fields: [
      { name: 'title', label: t('admin:needs.fields.title'), required: true, maxlength: 120 },
      { kind: 'textarea', name: 'lede', label: t('admin:needs.fields.lede'), rows: 2, maxlength: 300 },
    ] satisfies FormField[],
    addField: { name: 'add', label: t('admin:needs.fields.add'), maxlength: 200 } satisfies FormField,
    questions: draft.questions.map((question, n) => ({
      href: `${path}/questions/${question.id}`,
      text: question.text,
      answers: t('admin:needs.answers', { count: question.answers.length }),
      moves: [
        ...(n > 0 ? [move('up', question)] : []),
        ...(n < draft.questions.length - 1 ? [move('down', question)] : []),
      ],
      remove: {
        value: `remove:${question.id}`,
        label: t('admin:needs.removeLabel', { text: question.text }),
      },
    })),
  })
}

async function renderQuestion(request: WithId, response: Response, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { draft, draftNumber: number } = await current(response)
  const question = draft.questions.find(({ id }) => id === request.params.id)
  if (!question) throw notFound()
  const paths = await Paths.published()
  const count = Math.min(needsCaps.answers, Math.max(2, question.answers.length) + 2)
  response.render('admin/needs-question', {
    ...frame(texts),
    head: { title: question.text },
    title: question.text,
    action: `${path}/questions/${question.id}`,
    form: form ?? { values: valuesOf(question), errors: {} },
    draftNumber: form?.values.draftNumber ?? number,
    fields: [
      { name: 'text', label: t('admin:needs.fields.question'), required: true, maxlength: 200 },
      { name: 'help', label: t('admin:needs.fields.help'), optional: true, maxlength: 300 },
    ] satisfies FormField[],
    answers: Array.from({ length: count }, (_, n) => ({
      legend: t('admin:needs.answer', { number: n + 1 }),
      id: { name: `id-${n}`, value: (form ? form.values[`id-${n}`] : question.answers[n]?.id) ?? '' },
      fields: answerFieldsOf(n, texts, paths),
    })),
  })
}

function valuesOf({ text, help, answers }: NeedsQuestion): Record<string, unknown> {
  const rows = answers.flatMap((answer, n) =>
    answerFields.map(name => [`${name}-${n}`, answer[name] ?? ''] as const),
  )
  return { text, help, ...Object.fromEntries(rows) }
}

function answerFieldsOf(
  n: number,
  texts: Texts,
  paths: { id: string; content: { title: string } }[],
): FormField[] {
  const { t, lists, listName } = texts
  return [
    { name: `text-${n}`, label: t('admin:needs.fields.answer'), maxlength: 120 },
    {
      kind: 'checkboxes',
      name: `topics-${n}`,
      label: t('admin:needs.fields.topics'),
      options: lists.topics.map(({ id }) => ({ value: id, text: listName('topics', id) })),
    },
    {
      kind: 'select',
      name: `audience-${n}`,
      label: t('admin:needs.fields.audience'),
      options: [
        { value: '', text: t('admin:needs.says.nothing') },
        ...lists.audiences.map(({ id }) => ({ value: id, text: listName('audiences', id) })),
      ],
    },
    {
      name: `minutes-${n}`,
      label: t('admin:needs.fields.minutes'),
      hint: t('admin:needs.fields.minutesHint'),
      inputmode: 'numeric',
      maxlength: 5,
    },
    {
      kind: 'select',
      name: `path-${n}`,
      label: t('admin:needs.fields.path'),
      options: [
        { value: '', text: t('admin:needs.says.bestPath') },
        ...paths.map(({ id, content }) => ({ value: id, text: content.title })),
      ],
    },
  ]
}
