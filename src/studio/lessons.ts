import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { addOnce, changeDraft } from '../courses/change-draft'
import { isError } from '../courses/check-course'
import { compareLines } from '../courses/compare'
import { maxBodyLength, withPlainLineEnds } from '../courses/content'
import type { CourseContent, Lesson } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { kindNames } from '../courses/kinds/kinds'
import {
  addLesson,
  changeLesson,
  lessonNamed,
  moveLesson,
  moduleOf,
  removeLesson,
  type Position,
} from '../courses/outline'
import { changeOutline } from '../courses/outline-change'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { emptyForm, field, lineField, readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import { submissionOf } from '../web/occasion'
import { formReader } from '../web/route'
import { allowFrames } from '../web/security'
import { pageOf, renderView } from '../web/views'
import { courseOf, coursePage, draftLessonOf, versionOf } from './course-page'
import { diffView } from './diff-view'
import { editorView, lessonFacts } from './editor-view'
import { outlineFlash, editedOutline } from './lesson-selection'
import { lessonFiguresView } from './figures-view'
import { previewView } from './preview-view'
import type { FormField } from '../web/field'
import { textsOf } from '../web/texts'
import { questionCards } from './question-cards'
import { editorUrl, urlOf } from './urls'
import { visualEditor } from './visual-editor'
import { wantsJson } from './wants-json'

/** The custom elements of the toolbar for Markdown, the form's own script, then the visual editor. */
const editorScripts = [
  ...['/vendor/markdown-toolbar/index.js', '/js/studio.js', '/js/lesson-editor.js'],
  '/js/comments.js',
]

const newLessonSchema = z.object({
  title: lineField('studio:errors.lessonTitle', 160),
  kind: z.enum(kindNames, { error: 'web:errors.chooseOne' }).default(kindNames[0]!),
  module: field('studio:errors.module', 100),
})

/** `GET /studio/courses/:slug/lessons/new?module=`: a form with title, kind and module. */
export async function compose(request: Request, response: Response, person: Person): Promise<void> {
  await renderNewLesson(person, response, emptyForm({ module: request.query.module, kind: kindNames[0] }))
}

/** `POST /studio/courses/:slug/lessons` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(newLessonSchema, request, response)
  if (form) {
    response.status(422)
    return renderNewLesson(person, response, form)
  }
  const slug = await addOnce(
    courseOf(response)._id,
    submissionOf(request, person),
    content => addLesson(content, data.module, data),
    person._id,
  )
  response.redirect(303, editorUrl(courseOf(response), { slug, kind: data.kind }))
}

async function renderNewLesson(person: Person, response: Response, form: Form): Promise<void> {
  const { t } = textsOf(response)
  const fields: FormField[] = [
    {
      name: 'title',
      label: t('studio:newLesson.name'),
      hint: t('studio:newLesson.hint'),
      required: true,
      maxlength: 160,
      autocomplete: 'off',
    },
    {
      kind: 'radios',
      name: 'kind',
      label: t('studio:newLesson.kind'),
      options: kindNames.map(kind => ({
        value: kind,
        text: t(`studio:kinds.${kind}`),
        hint: t(`studio:newLesson.kinds.${kind}`),
      })),
    },
    {
      kind: 'select',
      name: 'module',
      label: t('studio:newLesson.module'),
      options: courseOf(response).draft.modules.map(({ folder, title }) => ({ value: folder, text: title })),
    },
  ]
  response.render('studio/new-lesson', {
    ...(await coursePage(person, response, 'course', { title: t('studio:newLesson.title') })),
    fields,
    form,
  })
}

/** `GET /studio/courses/:slug/lessons/:lesson`: the editor, or the reading view for those who may not write. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  const course = courseOf(response)
  if (!coursePermissions(person, course).has('write')) {
    return renderPreview(response, person, lessonFacts(course, draftLessonOf(response), textsOf(response)))
  }
  const lesson = draftLessonOf(response)
  await renderEditor(
    person,
    response,
    emptyForm({ title: lesson.title, body: lesson.body }),
    textVersion(lesson),
  )
}

async function renderEditor(
  person: Person,
  response: Response,
  form: Form,
  baseVersion: string,
): Promise<void> {
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  const page = await coursePage(person, response, 'write')
  const isUnchanged = !Object.keys(form.errors).length
  const figures = isUnchanged
    ? await lessonFiguresView(
        course,
        lesson,
        page.published,
        permissionsOf(person).allCourses,
        textsOf(response),
      )
    : null
  response.render('studio/write', {
    ...page,
    ...editorView({ course, lesson, form }, textsOf(response)),
    figures,
    visual: visualEditor(course, lesson, String(form.values.body ?? ''), textsOf(response)),
    form,
    baseVersion,
    scripts: [...page.scripts, ...editorScripts],
  })
}

const lessonSchema = z.object({
  title: lineField('studio:errors.lessonTitle', 160),
  body: z
    .string({ error: 'studio:errors.body' })
    .transform(withPlainLineEnds)
    .pipe(z.string().max(maxBodyLength, { error: 'web:errors.tooLong' })),
  baseVersion: z.string({ error: 'web:errors.badRequest' }).max(50, { error: 'web:errors.tooLong' }),
  sentVersion: z.string().max(50, { error: 'web:errors.tooLong' }).optional(),
})

/** A character that isn't Latin has up to 9 bytes in a form. */
export const readText = formReader((9 * maxBodyLength) / 1024 + 50)

/**
 * `POST /studio/courses/:slug/lessons/:lesson`: saves title and text. `baseVersion` identifies what the editor was
 * opened with, and `sentVersion` what it has sent since without a response yet; if someone else has saved, the response
 * is 409 with both texts. The editor's script, which saves automatically, accepts JSON.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { slug } = draftLessonOf(response)
  const { data, form } = readForm(lessonSchema, request, response)
  if (form) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ errors: form.errors })
    return renderEditor(person, response, form, String(request.body?.baseVersion ?? ''))
  }
  const { baseVersion, sentVersion, ...text } = data
  let theirs: Lesson | undefined
  const change = (content: CourseContent) => {
    const lesson = lessonNamed(content, slug)
    if (!lesson) throw notFound()
    theirs = [baseVersion, sentVersion].includes(textVersion(lesson)) ? undefined : lesson
    return theirs ? content : changeLesson(content, slug, text)
  }
  const course = await changeDraft(courseOf(response)._id, change, { by: person._id })
  if (theirs) return renderConflict(request, response, person, text, theirs)
  if (!wantsJson(request)) return response.redirect(303, urlOf(course, slug))
  const { t, date } = textsOf(response)
  response.locals.lesson = lessonNamed(course.draft, slug)
  const page = await coursePage(person, response, 'write', { course })
  response.json({
    baseVersion: textVersion(text),
    saved: t('studio:write.saved', { time: date(course.changedAt, 'time') }),
    checks: renderView('studio/check-list', pageOf(response, { ...page, layout: null })),
    needsFixes: page.findings.some(finding => isError(finding) && finding.lesson === slug),
    workflow: renderView('studio/workflow', pageOf(response, { ...page, layout: null })),
    questions: questionCards(course, draftLessonOf(response), text.body, textsOf(response)),
  })
}

async function renderConflict(
  request: Request,
  response: Response,
  person: Person,
  mine: Pick<Lesson, 'title' | 'body'>,
  theirs: Lesson,
): Promise<void> {
  const { t } = textsOf(response)
  response.status(409)
  if (wantsJson(request)) return void response.json({ conflict: t('studio:conflict.short') })
  response.locals.lesson = theirs
  response.render('studio/conflict', {
    ...(await coursePage(person, response, 'write')),
    mine,
    theirs,
    theirLabel: t('studio:conflict.theirs', { title: theirs.title }),
    baseVersion: textVersion(theirs),
    diff: diffView(compareLines(theirs.body, mine.body)),
  })
}

/** `GET …/preview`: the lesson as a learner sees it, with the right answers marked. */
export async function preview(_request: Request, response: Response, person: Person): Promise<void> {
  await renderPreview(response, person)
}

/** Renders the reading view of a lesson with additional values, such as the invalid form of a comment. */
export async function renderPreview(response: Response, person: Person, values: object = {}): Promise<void> {
  const view = await previewView(courseOf(response), draftLessonOf(response), textsOf(response))
  if (view.frames.length) allowFrames(response, view.frames)
  const page = await coursePage(person, response, 'preview')
  response.render('studio/preview', {
    ...page,
    ...view,
    scripts: [...page.scripts, ...(view.scripts ?? []), '/js/comments.js'],
    ...values,
  })
}

const positionSchema = z.object({
  to: z.enum(['up', 'down', 'module']),
  module: z.string().max(100).optional(),
  before: z.string().max(100).optional(),
})

/**
 * `POST …/position`: `to` is `up`, `down` or `module`. With `module`, the lesson moves into the module of that folder,
 * before the lesson `before` or to the end.
 */
export async function move(request: Request, response: Response, person: Person): Promise<void> {
  const { success, data } = positionSchema.safeParse(request.body)
  if (!success) throw notFound()
  const { to, module = '', before } = data
  const position: Position = to === 'module' ? { module, before: before || null } : to
  const { slug } = draftLessonOf(response)
  const course = courseOf(response)
  await changeOutline(editedOutline(response, person), content => moveLesson(content, slug, position))
  outlineFlash(
    response,
    textsOf(response).t('studio:selection.moved', { title: draftLessonOf(response).title }),
  )
  response.redirect(303, urlOf(course, slug))
}

/** `GET …/removal`: asks for confirmation and says what will be lost. */
export async function askRemoval(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const lesson = draftLessonOf(response)
  const module = moduleOf(courseOf(response).draft, lesson.slug)!
  const page = await coursePage(person, response, 'settings')
  const loss = t('studio:removeLesson.text', { module: module.title })
  const rest = t(page.published ? 'studio:removeLesson.published' : 'studio:removeLesson.draft')
  response.render('studio/remove-lesson', {
    ...page,
    heading: t('studio:removeLesson.title', { title: lesson.title }),
    text: `${loss} ${rest}`,
  })
}

/** `POST …/removal`: removes a lesson from the draft; published versions keep it. */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const { slug, title } = draftLessonOf(response)
  await changeOutline(editedOutline(response, person), content => removeLesson(content, slug))
  await audit({
    actor: person._id,
    action: 'lesson.removed',
    subject: course.slug,
    detail: { lesson: slug },
  })
  outlineFlash(response, t('studio:flash.lessonRemoved', { title }), t('studio:flash.lessonRemovedText'))
  response.redirect(303, urlOf(course))
}

function textVersion({ title, body }: Pick<Lesson, 'title' | 'body'>): string {
  return versionOf({ title, body })
}
