import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import { compareLines } from '../courses/compare'
import { maxBodyLength, withPlainLineEnds } from '../courses/content'
import { lessonKinds, type Lesson } from '../courses/course'
import {
  addLesson,
  changeLesson,
  lessonNamed,
  moveLesson,
  moduleOf,
  removeLesson,
  type Position,
} from '../courses/outline'
import { questionsOf } from '../courses/quiz'
import { renderMarkdown } from '../courses/render'
import { Revisions, type Revision } from '../courses/revision'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { countProgress } from '../learning/count-progress'
import { emptyForm, field, lineField, readForm } from '../web/form'
import { pageOf, renderView } from '../web/views'
import { addressOf, courseOf, fingerprint, lessonOf, setDoneFlash, coursePage } from './course-page'

/** The toolbar's elements, then what the editor does by itself. */
const scripts = ['/vendor/markdown-toolbar/index.js', '/js/studio.js']

const newLesson = z.object({
  title: lineField('studio:errors.lessonTitle', 160),
  kind: z.enum(lessonKinds, { error: 'web:errors.chooseOne' }).default('text'),
  module: field('studio:errors.module', 100),
})

/** `GET /studio/courses/:slug/lessons/new?module=`: title, kind and module of a new lesson. */
export async function compose(request: Request, response: Response): Promise<void> {
  const form = emptyForm({ module: request.query.module, kind: 'text' })
  response.render('studio/new-lesson', { ...(await newPage(request, response)), form })
}

/** `POST /studio/courses/:slug/lessons` */
export async function create(request: Request, response: Response): Promise<void> {
  const { data, form } = readForm(newLesson, request, response)
  if (form) {
    return void response
      .status(422)
      .render('studio/new-lesson', { ...(await newPage(request, response)), form })
  }
  let slug = ''
  await changeDraft(courseOf(response)._id, content => {
    const added = addLesson(content, data.module, data)
    slug = added.slug
    return added.content
  })
  response.redirect(303, addressOf(courseOf(response), slug))
}

const newPage = (request: Request, response: Response) =>
  coursePage(request, response, 'course', { title: response.locals.t('studio:newLesson.title') })

/** `GET /studio/courses/:slug/lessons/:lesson`: write. */
export async function show(request: Request, response: Response): Promise<void> {
  const lesson = lessonOf(response)
  response.render('studio/write', {
    ...(await coursePage(request, response, 'write')),
    was: textFingerprint(lesson),
    form: emptyForm({ title: lesson.title, body: lesson.body }),
    progress: await countProgress(courseOf(response)._id, lesson.slug),
    scripts,
  })
}

const written = z.object({
  title: lineField('studio:errors.lessonTitle', 160),
  body: z
    .string({ error: 'studio:errors.body' })
    .transform(withPlainLineEnds)
    .pipe(z.string().max(maxBodyLength, { error: 'web:errors.tooLong' })),
  was: z.string({ error: 'web:errors.badRequest' }).max(50, { error: 'web:errors.tooLong' }),
})

/**
 * `POST /studio/courses/:slug/lessons/:lesson`: saves title and text. `was` names what they were when the editor was opened: if
 * somebody has saved others since, the answer is 409 with both. A script that saves on its own asks for JSON.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const { slug } = lessonOf(response)
  const isScript = request.accepts(['html', 'json']) === 'json'
  const { data, form } = readForm(written, request, response)
  if (form) {
    if (isScript) return void response.status(422).json({ errors: form.errors })
    const page = { ...(await coursePage(request, response, 'write')), was: request.body?.was, progress: null }
    return void response.status(422).render('studio/write', { ...page, form, scripts })
  }
  const { was, ...text } = data
  let theirs: Lesson | undefined
  const course = await changeDraft(courseOf(response)._id, content => {
    const lesson = lessonNamed(content, slug) ?? missing()
    theirs = textFingerprint(lesson) === was ? undefined : lesson
    return theirs ? content : changeLesson(content, slug, text)
  })
  if (theirs) return showConflict(request, response, text, theirs)
  if (!isScript) return response.redirect(303, addressOf(course, slug))
  response.locals.lesson = lessonNamed(course.draft, slug)
  const page = await coursePage(request, response, 'write', { course })
  response.json({
    was: textFingerprint(text),
    saved: response.locals.t('studio:write.saved', { time: response.locals.date(course.changedAt, 'time') }),
    checks: renderView('studio/check-list', pageOf(response, { ...page, layout: null })),
  })
}

async function showConflict(
  request: Request,
  response: Response,
  mine: Pick<Lesson, 'title' | 'body'>,
  theirs: Lesson,
): Promise<void> {
  response.status(409)
  if (request.accepts(['html', 'json']) === 'json') {
    return void response.json({ conflict: response.locals.t('studio:conflict.short') })
  }
  response.locals.lesson = theirs
  response.render('studio/conflict', {
    ...(await coursePage(request, response, 'write')),
    mine,
    theirs,
    was: textFingerprint(theirs),
    lines: compareLines(theirs.body, mine.body),
  })
}

/** `GET …/preview`: as a learner will see it. */
export async function preview(request: Request, response: Response): Promise<void> {
  const lesson = lessonOf(response)
  const { assets, language } = courseOf(response).draft
  response.render('studio/preview', {
    ...(await coursePage(request, response, 'preview')),
    htmlOfLesson: renderMarkdown(lesson.body, assets, language),
    questions: questionsOf(lesson.body),
  })
}

/** `GET …/history?version=`: what has changed in this lesson since a version (the newest, unless said). */
export async function history(request: Request, response: Response): Promise<void> {
  const { _id } = courseOf(response)
  const lesson = lessonOf(response)
  const revisions = await Revisions.find({ course: _id }).sort({ number: -1 }).lean<Revision[]>()
  const chosen = revisions.find(({ number }) => number === Number(request.query.version)) ?? revisions[0]
  const before = chosen && lessonNamed(chosen.content, lesson.slug)
  response.render('studio/history', {
    ...(await coursePage(request, response, 'history')),
    revisions: revisions.filter(({ content }) => lessonNamed(content, lesson.slug)),
    chosen: before && chosen,
    lines: before
      ? compareLines(`# ${before.title}\n\n${before.body}`, `# ${lesson.title}\n\n${lesson.body}`)
      : [],
  })
}

const moved = z.object({
  to: z.enum(['up', 'down', 'module']),
  module: z.string().max(100).optional(),
  before: z.string().max(100).optional(),
})

/** `POST …/position`: `to` is `up`, `down`, or `module` with the module's folder and the lesson it goes in front of (else its end). */
export async function move(request: Request, response: Response): Promise<void> {
  const read = moved.safeParse(request.body)
  if (!read.success) throw notFound()
  const { to, module = '', before } = read.data
  const position: Position = to === 'module' ? { module, before: before || null } : to
  const { slug } = lessonOf(response)
  await changeDraft(courseOf(response)._id, content => moveLesson(content, slug, position))
  response.redirect(303, addressOf(courseOf(response), slug))
}

/** `GET …/removal`: asks in words, with what will be gone. */
export async function askRemoval(request: Request, response: Response): Promise<void> {
  response.render('studio/remove-lesson', {
    ...(await coursePage(request, response, 'settings')),
    module: moduleOf(courseOf(response).draft, lessonOf(response).slug),
  })
}

/** `POST …/removal`: out of the draft; what is published keeps it until the next version. */
export async function destroy(request: Request, response: Response): Promise<void> {
  const { t } = response.locals
  const course = courseOf(response)
  const { slug, title } = lessonOf(response)
  await changeDraft(course._id, content => removeLesson(content, slug))
  await audit({
    actor: request.user!._id,
    action: 'lesson.removed',
    subject: course.slug,
    detail: { lesson: slug },
  })
  setDoneFlash(
    request,
    response,
    t('studio:flash.lessonRemoved', { title }),
    t('studio:flash.lessonRemovedText'),
  )
  response.redirect(303, addressOf(course))
}

function textFingerprint({ title, body }: Pick<Lesson, 'title' | 'body'>): string {
  return fingerprint({ title, body })
}

function missing(): never {
  throw notFound()
}
