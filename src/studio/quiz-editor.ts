import type { Request, Response } from 'express'
import { z } from 'zod'
import { findingsAbout } from '../courses/check-question'
import { canUndoBlockChange, changeBlocks, undoBlockChange } from '../courses/block-change'
import { questionKinds, type Question } from '../courses/question'
import { questionsOf, readQuestions } from '../courses/quiz'
import {
  addQuestion,
  duplicateQuestion,
  moveQuestion,
  removeQuestion,
  replaceQuestion,
  type WrittenQuestion,
} from '../courses/write-question'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { formReader } from '../web/route'
import { textsOf } from '../web/texts'
import { pageOf, renderView } from '../web/views'
import { courseOf, coursePage, draftLessonOf, versionOf } from './course-page'
import { questionFiguresView } from './figures-view'
import { kindIn, readQuestion, typedValues, valuesOfQuestion, type QuestionValues } from './question-form'
import { quizEditorView, questionPreview } from './quiz-editor-view'
import { urlOf } from './urls'
import { wantsJson } from './wants-json'

const scripts = ['/js/quiz-editor.js', '/js/file-choice.js']

/** A question has up to 12 rows of 6 fields in any script. */
export const readQuestionForm = formReader(400, 1000)

/** `GET …/questions?find=&pool=`: the list of questions, and the first of them. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const [first] = questionsOf(draftLessonOf(response).body)
  await renderQuestion(request, response, person, first ? { question: first } : {})
}

/** `GET …/questions/:question`: one question as a form. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  await renderQuestion(request, response, person, { question: questionOf(request, response) })
}

/** `GET …/new-question?kind=`: the form of a new question. */
export async function compose(request: Request, response: Response, person: Person): Promise<void> {
  await renderQuestion(request, response, person, { values: { kind: kindIn(request.query) } })
}

/** `POST …/questions`: adds a question at the end, or another row to its form (`rows`); 422 keeps what was typed. */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const values = typedValues(request.body as Record<string, unknown>)
  const read = readQuestion(values, textsOf(response).t)
  if (wantsOtherForm(values)) return renderQuestion(request, response, person, { values })
  if (read.errors) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ errors: read.errors })
    return renderQuestion(request, response, person, { values, errors: read.errors })
  }
  let id = ''
  try {
    await changeBlocks(where(response, person), body => {
      const added = addQuestion(body, read.question)
      id = added.id
      return added.body
    })
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    const errors = { form: textsOf(response).t(error.key, error.values) }
    response.status(422)
    if (wantsJson(request)) return void response.json({ errors })
    return renderQuestion(request, response, person, { values, errors })
  }
  response.redirect(303, questionUrl(response, id))
}

/**
 * `POST …/questions/:question`: saves one question. `baseVersion` identifies what the form was opened with; if someone
 * else has saved the question since, the response is 409 with both. The page's script accepts JSON.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t, date } = textsOf(response)
  const values = typedValues(request.body as Record<string, unknown>)
  const question = questionOf(request, response)
  const read = readQuestion(values, t)
  const version = values.baseVersion ?? ''
  if (wantsOtherForm(values)) return renderQuestion(request, response, person, { question, values, version })
  if (read.errors) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ errors: read.errors })
    return renderQuestion(request, response, person, { question, values, errors: read.errors, version })
  }
  let theirs: Question | undefined
  const { course, body } = await changeBlocks(where(response, person), text => {
    const current = questionsOf(text).find(({ id }) => id === question.id)
    if (!current) throw notFound()
    theirs = questionVersion(current) === version ? undefined : current
    return theirs ? null : replaceQuestion(text, question.id, read.question)
  })
  if (theirs) {
    response.status(409)
    if (wantsJson(request)) return void response.json({ conflict: t('studio:quizEditor.conflict.short') })
    const errors = { form: t('studio:quizEditor.conflict.text') }
    const base = questionVersion(theirs)
    return renderQuestion(request, response, person, { question: theirs, values, errors, version: base })
  }
  const saved = questionsOf(body).find(({ id }) => id === question.id)!
  if (!wantsJson(request)) return response.redirect(303, questionUrl(response, saved.id))
  response.json({
    baseVersion: questionVersion(saved),
    saved: t('studio:write.saved', { time: date(course.changedAt, 'time') }),
    prompt: saved.prompt,
    preview: previewOf(response, saved, values.seed),
    checks: findingsOf(response, saved),
  })
}

/** `POST …/question-preview`: the question of a form as a learner sees it, whether or not it could be saved. */
export function previewQuestion(request: Request, response: Response): void {
  const values = typedValues(request.body as Record<string, unknown>)
  const read = readQuestion(values, textsOf(response).t)
  const question = read.question && ({ ...read.question, id: 'preview' } as Question)
  response.send(question ? previewOf(response, question, values.seed) : '')
}

/** `POST …/questions/:question/copy` */
export async function duplicate(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = questionOf(request, response)
  let copy = ''
  await changeBlocks(where(response, person), body => {
    const added = duplicateQuestion(body, id)
    copy = added.id
    return added.body
  })
  undoableFlash(response, 'duplicated', 1)
  response.redirect(303, questionUrl(response, copy))
}

/** `POST …/questions/:question/removal` */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = questionOf(request, response)
  const ids = questionsOf(draftLessonOf(response).body).map(each => each.id)
  const next = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1]
  await changeBlocks(where(response, person), body => removeQuestion(body, id))
  undoableFlash(response, 'removed', 1)
  response.redirect(303, questionUrl(response, next))
}

const positionSchema = z.object({
  to: z.enum(['up', 'down']).optional(),
  before: z.string().max(60).optional(),
})

/** `POST …/questions/:question/position`: one step `up` or `down`, or `before` another question (or to the end). */
export async function move(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = questionOf(request, response)
  const { data } = positionSchema.safeParse(request.body)
  if (!data || (data.to === undefined && data.before === undefined)) throw notFound()
  await changeBlocks(where(response, person), body => {
    const ids = questionsOf(body).map(each => each.id)
    const at = ids.indexOf(id)
    if (data.to === undefined) return data.before === id ? null : moveQuestion(body, id, data.before || null)
    const isPossible = data.to === 'up' ? at > 0 : at < ids.length - 1
    const before = data.to === 'up' ? ids[at - 1] : ids[at + 2]
    return isPossible ? moveQuestion(body, id, before ?? null) : null
  })
  response.redirect(303, questionUrl(response, id))
}

const selectionSchema = z.object({
  action: z.enum(['tag', 'pool', 'duplicate', 'remove']),
  questions: z.preprocess(value => [value ?? []].flat(), z.array(z.string().max(60)).max(200)),
  name: z.string().trim().max(40).default(''),
})

/** `POST …/question-selection`: tags, moves to a pool, duplicates or removes the questions that are ticked. */
export async function changeSelection(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const { data } = selectionSchema.safeParse(request.body)
  if (!data) throw notFound()
  const { action, name } = data
  const known = questionsOf(draftLessonOf(response).body)
  const chosen = known.filter(({ id }) => data.questions.includes(id))
  const problem = chosen.length ? (action === 'tag' && !name ? 'noTopic' : null) : 'noneSelected'
  if (problem) {
    response.status(422)
    const errors = { form: t(`studio:quizEditor.errors.${problem}`) }
    const selected = new Set(data.questions)
    return renderQuestion(request, response, person, {
      question: chosen[0] ?? known[0],
      errors,
      selected,
      name,
    })
  }
  await changeBlocks(where(response, person), body =>
    chosen.reduce((text, question) => changeOne(text, question, action, name), body),
  )
  undoableFlash(response, `${action}Done`, chosen.length)
  response.redirect(303, action === 'remove' ? questionUrl(response) : questionUrl(response, chosen[0]!.id))
}

type Action = z.output<typeof selectionSchema>['action']

function changeOne(body: string, { id }: Question, action: Action, name: string): string {
  const question = questionsOf(body).find(each => each.id === id)
  if (!question) return body
  switch (action) {
    case 'tag': {
      const topics = [...new Set([...(question.topics ?? []), name])].slice(0, 5)
      return replaceQuestion(body, id, { ...question, topics } as WrittenQuestion)
    }
    case 'pool':
      return replaceQuestion(body, id, { ...question, pool: name || undefined } as WrittenQuestion)
    case 'duplicate':
      return duplicateQuestion(body, id).body
    case 'remove':
      return removeQuestion(body, id)
  }
}

/** `POST …/question-undo`: undoes one's own last change to the questions. */
export async function undoLast(_request: Request, response: Response, person: Person): Promise<void> {
  await undoBlockChange(where(response, person))
  undoableFlash(response, 'undone', 1)
  response.redirect(303, questionUrl(response))
}

const where = (response: Response, person: Person) => ({
  course: courseOf(response)._id,
  lesson: draftLessonOf(response).slug,
  person: person._id,
})

function questionUrl(response: Response, id?: string): string {
  return `${urlOf(courseOf(response), draftLessonOf(response))}/questions${id ? `/${id}` : ''}`
}

function questionOf(request: Request, response: Response): Question {
  const found = questionsOf(draftLessonOf(response).body).find(({ id }) => id === request.params.question)
  if (!found) throw notFound()
  return found
}

/** Identifies what a question says. */
function questionVersion(question: Question): string {
  return versionOf(valuesOfQuestion(question))
}

function undoableFlash(response: Response, done: string, count: number): void {
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t(`studio:quizEditor.done.${done}`, { count }),
    undo: {
      action: `${urlOf(courseOf(response), draftLessonOf(response))}/question-undo`,
      text: t(done === 'undone' ? 'studio:quizEditor.redo' : 'studio:quizEditor.undo'),
    },
  })
}

/** Whether a button of the form asks for another row, or for the fields of another kind, instead of saving. */
const wantsOtherForm = ({ rows, showKind }: QuestionValues) => rows !== undefined || showKind !== undefined

function previewOf(response: Response, question: Question, seed: string | undefined): string {
  const view = questionPreview(question, seedOf(seed), courseOf(response).draft.assets, textsOf(response).t)
  return renderView('studio/question-preview', pageOf(response, { layout: null, preview: view }))
}

function findingsOf(response: Response, question: Question): string {
  const { t } = textsOf(response)
  const findings = findingsAbout(question).map(({ level, rule, values }) => ({
    level,
    text: t(`studio:checks.${rule}`, { question: question.prompt, ...values }),
  }))
  return renderView('studio/question-checks', pageOf(response, { layout: null, findings }))
}

/** The seed of a preview's order, 1 to 999. */
function seedOf(typed: unknown): number {
  const seed = Number(typed)
  return Number.isInteger(seed) && seed > 0 && seed < 1000 ? seed : 1
}

type Shown = {
  /** The question that is open; undefined for a new one, and for a lesson without any. */
  question?: Question
  /** What was typed; without it, what the question says. */
  values?: QuestionValues
  errors?: Record<string, string>
  version?: string
  /** The questions that are ticked, and the name typed for them. */
  selected?: ReadonlySet<string>
  name?: string
}

async function renderQuestion(
  request: Request,
  response: Response,
  person: Person,
  shown: Shown,
): Promise<void> {
  const texts = textsOf(response)
  const { question, errors = {}, selected = new Set<string>(), name = '' } = shown
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  const title = question?.prompt ?? texts.t('studio:quizEditor.title')
  const line = readQuestions(lesson.body).questions.find(({ id }) => id === question?.id)?.line
  const page = await coursePage(person, response, 'questions', { title, line })
  const values = shown.values ?? (question && valuesOfQuestion(question))
  const figures = await questionFiguresView(lesson, question, page.published, texts)
  response.render('studio/quiz-editor', {
    ...page,
    ...quizEditorView(
      {
        course,
        lesson,
        question,
        values,
        errors,
        selected,
        name,
        find: textIn(request.query.find),
        pool: textIn(request.query.pool),
        onlyLongest: request.query.longest === '1',
        seed: seedOf(request.query.seed),
        canWrite: page.canWrite,
        figures,
        canUndo: await canUndoBlockChange(where(response, person)),
      },
      texts,
    ),
    kinds: questionKinds,
    form: { values: values ?? {}, errors },
    baseVersion: shown.version ?? (question ? questionVersion(question) : ''),
    findings: question ? findingsOf(response, question) : null,
    scripts: [...page.scripts, ...scripts],
  })
}

const textIn = (value: unknown) => (typeof value === 'string' ? value.slice(0, 100) : '')
