import type { Request, Response } from 'express'
import { z } from 'zod'
import { shownDraft } from '../brand/brand'
import type { CatalogueLists } from '../courses/catalogue-lists'
import type { PublishedPath } from '../courses/path'
import { listsOf, shownPaths } from '../courses/shown-courses'
import { freeSlug } from '../courses/slug'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import {
  needsCaps,
  NeedsAssessments,
  readNeedsAssessment,
  type NeedsAnswer,
  type NeedsQuestion,
} from '../signals/needs-content'
import { lineField, optionalField, readForm, type Form } from '../web/form'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { brandPageEditor, itemButtons, reordered } from './brand-page'
import { brandRecordOf } from './brands'
import { draftNumber } from './brand-parts'

type WithName = Request<{ name: string }>

export const needsEditor = brandPageEditor(NeedsAssessments, {
  path: 'needs-assessment',
  publicPath: '/needs-assessment',
  texts: 'needs',
  read: async (brandId, response) =>
    readNeedsAssessment(brandId, await ownLists(response), response.locals.lang),
  render: renderDraft,
})

const text = (maximum: number) => optionalField(maximum).transform(value => value ?? '')

/** The topics and audiences of the brand, as its draft chooses them. */
const ownLists = (response: Response) => listsOf(shownDraft(brandRecordOf(response)), response.locals.lists)

/** `GET /admin/brands/:id/needs-assessment`: the questions of the draft, and what to do with it. */
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

/** `POST /admin/brands/:id/needs-assessment`: saves title and introduction; moves, removes or adds a question. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const saved = await save(request, response, person)
  if (!saved) return
  if (!saved.isChange) return needsEditor.saved(response)
  response.redirect(303, needsEditor.homeOf(response) + saved.added)
}

/** `POST /admin/brands/:id/needs-assessment/publications`: saves the page as it is typed, and publishes it. */
export async function publishNeeds(request: Request, response: Response, person: Person): Promise<void> {
  const { add } = (request.body ?? {}) as { add?: unknown }
  if (add) {
    const errors = { add: response.locals.t('admin:errors.saveBeforePublish') }
    return renderDraft(response.status(422), { values: request.body, errors })
  }
  const saved = await save(request, response, person)
  if (saved) await needsEditor.publish(saved.number, response, person)
}

/** Saves what is typed, or shows the form again and returns undefined. */
async function save(request: Request, response: Response, person: Person) {
  const { data, form } = readForm(draftForm, request, response)
  if (form) return void (await renderDraft(response.status(422), form))
  const { draft } = await needsEditor.current(response)
  const { change, add, draftNumber: number, ...fields } = data
  const id = add && freeSlug(add, 'question', slug => draft.questions.some(each => each.id === slug))
  if (add && draft.questions.length >= needsCaps.questions) {
    const errors = { add: response.locals.t('admin:errors.needs.tooMany', { maximum: needsCaps.questions }) }
    return void (await renderDraft(response.status(422), { values: request.body, errors }))
  }
  const questions = [
    ...reordered(draft.questions, change),
    ...(id ? [{ id, text: add, help: '', answers: [] }] : []),
  ]
  const input = { content: { ...fields, questions }, number, person }
  const saved = await needsEditor.save(input, request, response, refused => renderDraft(response, refused))
  if (saved === null) return
  return { number: saved, isChange: Boolean(id || change), added: id && `/questions/${id}` }
}

/** `GET /admin/brands/:id/needs-assessment/questions/:name` */
export async function editQuestion(request: WithName, response: Response): Promise<void> {
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

/**
 * `POST /admin/brands/:id/needs-assessment/questions/:name`: saves a question and its answers; one without text goes.
 */
export async function updateQuestion(request: WithName, response: Response, person: Person): Promise<void> {
  const { draft } = await needsEditor.current(response)
  if (!draft.questions.some(({ id }) => id === request.params.name)) throw notFound()
  const { data, form } = readForm(questionForm, request as Request, response)
  const { answers, errors } = readAnswers(request, response)
  if (form || Object.keys(errors).length) {
    const values = request.body as Record<string, unknown>
    return renderQuestion(request, response.status(422), { values, errors: { ...form?.errors, ...errors } })
  }
  const question = { id: request.params.name, text: data.text, help: data.help, answers }
  const questions = draft.questions.map(each => (each.id === question.id ? question : each))
  const refuse = (refused: Form) => renderQuestion(request, response, refused)
  const input = { content: { ...draft, questions }, number: data.draftNumber, person }
  if ((await needsEditor.save(input, request, response, refuse)) !== null)
    needsEditor.saved(response, `/questions/${question.id}`)
}

/** Reads the rows `text-0`, `topics-0`…, in their order. */
function readAnswers(request: WithName, response: Response) {
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

async function renderDraft(response: Response, form?: Form, flash?: object): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { questions } = (await needsEditor.current(response)).draft
  const named = questions.map(({ id, text }) => ({ id, name: text }))
  const buttons = itemButtons(named, 'admin:needs.removeLabel', texts)
  response.render('admin/brand-page', {
    ...(await needsEditor.view(response, form, flash)),
    fields: [
      { name: 'title', label: t('admin:needs.fields.title'), required: true, maxlength: 120 },
      { kind: 'textarea', name: 'lede', label: t('admin:needs.fields.lede'), rows: 2, maxlength: 300 },
    ] satisfies FormField[],
    addField: { name: 'add', label: t('admin:needs.fields.add'), maxlength: 200 } satisfies FormField,
    itemsTitle: t('admin:needs.questions'),
    items: questions.map((question, n) => ({
      href: `${needsEditor.homeOf(response)}/questions/${question.id}`,
      text: question.text,
      meta: t('admin:needs.answers', { count: question.answers.length }),
      ...buttons[n]!,
    })),
    copied: null,
  })
}

async function renderQuestion(request: WithName, response: Response, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { draft, draftNumber: number } = await needsEditor.current(response)
  const question = draft.questions.find(({ id }) => id === request.params.name)
  if (!question) throw notFound()
  const [paths, lists] = await Promise.all([
    shownPaths(shownDraft(brandRecordOf(response)), request.user ?? null),
    ownLists(response),
  ])
  const count = Math.min(needsCaps.answers, Math.max(2, question.answers.length) + 2)
  response.render('admin/needs-question', {
    ...(await needsEditor.frame(response, question.text)),
    action: `${needsEditor.homeOf(response)}/questions/${question.id}`,
    form: form ?? { values: valuesOf(question), errors: {} },
    draftNumber: form?.values.draftNumber ?? number,
    fields: [
      { name: 'text', label: t('admin:needs.fields.question'), required: true, maxlength: 200 },
      { name: 'help', label: t('admin:needs.fields.help'), optional: true, maxlength: 300 },
    ] satisfies FormField[],
    answers: Array.from({ length: count }, (_, n) => ({
      legend: t('admin:needs.answer', { number: n + 1 }),
      id: { name: `id-${n}`, value: (form ? form.values[`id-${n}`] : question.answers[n]?.id) ?? '' },
      fields: answerFieldsOf(n, texts, { paths, lists, answer: question.answers[n] }),
    })),
  })
}

function valuesOf({ text, help, answers }: NeedsQuestion): Record<string, unknown> {
  const rows = answers.flatMap((answer, n) =>
    answerFields.map(name => [`${name}-${n}`, answer[name] ?? ''] as const),
  )
  return { text, help, ...Object.fromEntries(rows) }
}

type Choices = {
  paths: PublishedPath[]
  lists: Pick<CatalogueLists, 'topics' | 'audiences'>
  /** What is stored so far; what it chooses stays on offer. */
  answer: NeedsAnswer | undefined
}

function answerFieldsOf(n: number, texts: Texts, { paths, lists, answer }: Choices): FormField[] {
  const { t, listName } = texts
  const offered = (list: 'topics' | 'audiences', chosen: string[] = []) =>
    [...new Set([...lists[list].map(({ id }) => id), ...chosen.filter(Boolean)])].map(id => ({
      value: id,
      text: listName(list, id),
    }))
  return [
    { name: `text-${n}`, label: t('admin:needs.fields.answer'), maxlength: 120 },
    {
      kind: 'checkboxes',
      name: `topics-${n}`,
      label: t('admin:needs.fields.topics'),
      options: offered('topics', answer?.topics),
    },
    {
      kind: 'select',
      name: `audience-${n}`,
      label: t('admin:needs.fields.audience'),
      options: [
        { value: '', text: t('admin:needs.says.nothing') },
        ...offered('audiences', answer && [answer.audience]),
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
