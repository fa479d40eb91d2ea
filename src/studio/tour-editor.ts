import type { Request, Response } from 'express'
import { z } from 'zod'
import { canUndoBlockChange, changeBlocks, undoBlockChange } from '../courses/block-change'
import { assetNamed } from '../courses/asset'
import { readSteps, stepsOf, tourCaps, type TourStep } from '../courses/steps'
import { addStep, moveStep, removeStep, replaceStep } from '../courses/write-step'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'
import { pageOf, renderView } from '../web/views'
import { courseOf, coursePage, draftLessonOf, versionOf } from './course-page'
import { readStep, typedStep, valuesOfStep, type StepValues } from './step-form'
import { stepFindings, stepIsFine, tourEditorView } from './tour-editor-view'
import { urlOf } from './urls'
import { wantsJson } from './wants-json'

const scripts = ['/js/tour-editor.js']

/** Only a product tour has steps. Runs after `loadDraftLesson`. */
export const requireTour: Handler = (_request, response) => {
  if (draftLessonOf(response).kind !== 'tour') throw notFound()
}

/** `GET …/steps`: the first step, or how to add one. */
export async function showSteps(_request: Request, response: Response, person: Person): Promise<void> {
  await renderStep(response, person, { step: stepsOf(draftLessonOf(response).body)[0] })
}

/** `GET …/steps/:step`: one step as a form. */
export async function showStep(request: Request, response: Response, person: Person): Promise<void> {
  await renderStep(response, person, { step: stepOf(request, response) })
}

const pictures = z.object({
  images: z.preprocess(value => [value ?? []].flat(), z.array(z.string().max(300)).max(tourCaps.steps)),
  after: z.string().max(80).optional(),
})

/** `POST …/steps`: adds a step for each picture of the course that is named, after a step or at the end. */
export async function addSteps(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const { data } = pictures.safeParse(request.body)
  if (!data) throw notFound()
  const { assets } = courseOf(response).draft
  const images = data.images.filter(path => assetNamed(assets, path)?.type.startsWith('image/'))
  const count = stepsOf(draftLessonOf(response).body).length
  const problem = images.length ? (count + images.length > tourCaps.steps ? 'tooMany' : null) : 'noPicture'
  if (problem) {
    response.status(422)
    const [step] = stepsOf(draftLessonOf(response).body)
    const errors = { images: t(`studio:tourEditor.errors.${problem}`, { maximum: tourCaps.steps }) }
    return renderStep(response, person, { step, errors })
  }
  let first: string | undefined
  await changeBlocks(where(response, person), body => {
    first = undefined
    let after = data.after || undefined
    return images.reduce((text, image, n) => {
      const title = t('studio:tourEditor.newTitle', { number: count + n + 1 })
      // The library may know what a picture shows.
      const alt = assetNamed(assets, image)?.alt ?? ''
      const added = addStep(text, { ...emptyStep, title, image, alt }, after)
      first ??= added.id
      after = added.id
      return added.body
    }, body)
  })
  undoableFlash(response, 'added', images.length)
  response.redirect(303, stepUrl(response, first))
}

const emptyStep = { reason: '', alt: '', action: '', caption: '', spots: [], next: null }

/**
 * `POST …/steps/:step`: saves one step. `baseVersion` identifies what the form was opened with; if someone else has
 * saved the step since, the response is 409 with both. The page's script accepts JSON.
 */
export async function saveStep(request: Request, response: Response, person: Person): Promise<void> {
  const { t, date } = textsOf(response)
  const values = typedStep(request.body as Record<string, unknown>)
  const step = stepOf(request, response)
  const read = readStep(values, t)
  const version = values.baseVersion ?? ''
  if (read.errors) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ errors: read.errors })
    return renderStep(response, person, { step, values, errors: read.errors, version })
  }
  let theirs: TourStep | undefined
  const { course, body } = await changeBlocks(where(response, person), text => {
    const current = stepsOf(text).find(({ id }) => id === step.id)
    if (!current) throw notFound()
    theirs = stepVersion(current) === version ? undefined : current
    return theirs ? null : replaceStep(text, step.id, read.step)
  })
  if (theirs) {
    response.status(409)
    if (wantsJson(request)) return void response.json({ conflict: t('studio:tourEditor.conflict.short') })
    const errors = { form: t('studio:tourEditor.conflict.text') }
    return renderStep(response, person, { step: theirs, values, errors, version: stepVersion(theirs) })
  }
  const saved = stepsOf(body).find(({ id }) => id === step.id)!
  if (!wantsJson(request)) return response.redirect(303, stepUrl(response, saved.id))
  const lesson = { ...draftLessonOf(response), body }
  const findings = stepFindings(lesson, course.draft.assets, saved.id, textsOf(response))
  response.json({
    baseVersion: stepVersion(saved),
    saved: t('studio:write.saved', { time: date(course.changedAt, 'time') }),
    title: saved.title,
    checks: renderView(
      'studio/question-checks',
      pageOf(response, { layout: null, findings, fine: stepIsFine }),
    ),
  })
}

/** `POST …/steps/:step/copy` */
export async function copyStep(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = stepOf(request, response)
  let copy = ''
  await changeBlocks(where(response, person), body => {
    const { id: _id, ...step } = stepsOf(body).find(each => each.id === id) ?? raise()
    const added = addStep(body, withoutLine(step), id)
    copy = added.id
    return added.body
  })
  undoableFlash(response, 'copied', 1)
  response.redirect(303, stepUrl(response, copy))
}

/** `POST …/steps/:step/removal` */
export async function discardStep(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = stepOf(request, response)
  const ids = stepsOf(draftLessonOf(response).body).map(each => each.id)
  const next = ids[ids.indexOf(id) + 1] ?? ids[ids.indexOf(id) - 1]
  await changeBlocks(where(response, person), body => removeStep(body, id))
  undoableFlash(response, 'removed', 1)
  response.redirect(303, stepUrl(response, next))
}

const place = z.object({ to: z.enum(['up', 'down']).optional(), before: z.string().max(80).optional() })

/** `POST …/steps/:step/position`: one step `up` or `down`, or `before` another step (or to the end). */
export async function placeStep(request: Request, response: Response, person: Person): Promise<void> {
  const { id } = stepOf(request, response)
  const { data } = place.safeParse(request.body)
  if (!data || (data.to === undefined && data.before === undefined)) throw notFound()
  await changeBlocks(where(response, person), body => {
    const ids = stepsOf(body).map(each => each.id)
    const at = ids.indexOf(id)
    if (data.to === undefined) return data.before === id ? null : moveStep(body, id, data.before || null)
    const isPossible = data.to === 'up' ? at > 0 : at < ids.length - 1
    return isPossible ? moveStep(body, id, (data.to === 'up' ? ids[at - 1] : ids[at + 2]) ?? null) : null
  })
  response.redirect(303, stepUrl(response, id))
}

/** `POST …/step-undo`: undoes one's own last change to the steps. */
export async function undoStepChange(_request: Request, response: Response, person: Person): Promise<void> {
  await undoBlockChange(where(response, person))
  undoableFlash(response, 'undone', 1)
  response.redirect(303, stepUrl(response))
}

const where = (response: Response, person: Person) => ({
  course: courseOf(response)._id,
  lesson: draftLessonOf(response).slug,
  person: person._id,
})

function raise(): never {
  throw new HttpError(404, 'web:errors.notFound')
}

function withoutLine<Given extends object>(given: Given): Given {
  const { line: _line, ...step } = given as Given & { line?: number }
  return step as Given
}

function stepUrl(response: Response, id?: string): string {
  return `${urlOf(courseOf(response), draftLessonOf(response))}/steps${id ? `/${id}` : ''}`
}

function stepOf(request: Request, response: Response): TourStep {
  return stepsOf(draftLessonOf(response).body).find(({ id }) => id === request.params.step) ?? raise()
}

/** Identifies what a step says. */
function stepVersion(step: TourStep): string {
  return versionOf(valuesOfStep(step))
}

function undoableFlash(response: Response, done: string, count: number): void {
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t(`studio:tourEditor.done.${done}`, { count }),
    undo: {
      action: `${urlOf(courseOf(response), draftLessonOf(response))}/step-undo`,
      text: t(done === 'undone' ? 'studio:quizEditor.redo' : 'studio:quizEditor.undo'),
    },
  })
}

type Shown = {
  /** The step that is open; undefined for a tour without any. */
  step?: TourStep
  /** What was typed; without it, what the step says. */
  values?: StepValues
  errors?: Record<string, string>
  version?: string
}

async function renderStep(response: Response, person: Person, shown: Shown): Promise<void> {
  const texts = textsOf(response)
  const { step, errors = {} } = shown
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  const line = readSteps(lesson.body).steps.find(({ id }) => id === step?.id)?.line
  const page = await coursePage(person, response, 'steps', { title: step?.title, line })
  const values = shown.values ?? (step && valuesOfStep(step)) ?? {}
  const canUndo = await canUndoBlockChange(where(response, person))
  response.render('studio/tour-editor', {
    ...page,
    ...(await tourEditorView({ course, lesson, step, values, canWrite: page.canWrite, canUndo }, texts)),
    form: { values, errors },
    baseVersion: shown.version ?? (step ? stepVersion(step) : ''),
    scripts: [...page.scripts, ...scripts],
  })
}
