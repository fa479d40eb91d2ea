import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import { readingMinutes } from '../courses/check-course'
import { completions } from '../courses/content'
import { lessonKinds, type Lesson } from '../courses/course'
import { changeLesson, lessonNamed } from '../courses/outline'
import { notFound } from '../platform/errors'
import { checkbox, readForm, type Form } from '../web/form'
import { addressOf, courseOf, fingerprint, lessonOf, setDoneFlash, coursePage } from './course-page'

/** `GET /studio/courses/:slug/lessons/:lesson/settings` */
export async function edit(request: Request, response: Response): Promise<void> {
  const lesson = lessonOf(response)
  const form = { values: valuesOf(lesson), errors: {} }
  response.render('studio/lesson-settings', await page(request, response, form, restFingerprint(lesson)))
}

/** `POST …/settings`. What somebody else has changed since the form was opened is refused with 409. */
export async function update(request: Request, response: Response): Promise<void> {
  const { t } = response.locals
  const { slug } = lessonOf(response)
  const { data, form } = readForm(schema, request, response)
  if (form) {
    const was = String(request.body?.was ?? '')
    return void response
      .status(422)
      .render('studio/lesson-settings', await page(request, response, form, was))
  }
  const { was, ...fields } = data
  let now: string | undefined
  const course = await changeDraft(courseOf(response)._id, content => {
    const lesson = lessonNamed(content, slug)
    if (!lesson) throw notFound()
    now = restFingerprint(lesson)
    return now === was ? changeLesson(content, slug, fields) : content
  })
  if (now !== was) {
    const typed = {
      values: request.body as Record<string, unknown>,
      errors: { form: t('studio:conflict.settings') },
    }
    return void response
      .status(409)
      .render('studio/lesson-settings', await page(request, response, typed, now!))
  }
  setDoneFlash(request, response, t('studio:flash.lessonSettings'))
  response.redirect(303, addressOf(course, slug))
}

async function page(request: Request, response: Response, form: Form, was: string) {
  const { assets } = courseOf(response).draft
  const lesson = lessonOf(response)
  const filesOf = (type: string, chosen: string | null) => {
    const paths = assets.filter(asset => asset.type.startsWith(type)).map(asset => asset.path)
    return chosen && !paths.includes(chosen) ? [...paths, chosen] : paths
  }
  return {
    ...(await coursePage(request, response, 'settings')),
    ...{ form, was, lessonKinds, completions },
    reading: readingMinutes(lesson),
    videos: filesOf('video/', lesson.video),
    captions: filesOf('text/vtt', lesson.captions),
  }
}

const noneOr = (longest: number) =>
  z
    .string()
    .max(longest, { error: 'web:errors.tooLong' })
    .default('')
    .transform(value => value || null)

const countOrNone = (key: string, least: number, most: number) =>
  z
    .string()
    .trim()
    .default('')
    .refine(text => !text || (/^\d{1,3}$/.test(text) && Number(text) >= least && Number(text) <= most), {
      error: key,
    })
    .transform(text => (text ? Number(text) : null))

const schema = z.object({
  was: z.string().max(50).default(''),
  kind: z.enum(lessonKinds, { error: 'web:errors.chooseOne' }),
  minutes: z.coerce
    .number({ error: 'studio:errors.minutes' })
    .int({ error: 'studio:errors.minutes' })
    .min(1, { error: 'studio:errors.minutes' })
    .max(600, { error: 'studio:errors.minutes' }),
  preview: checkbox,
  completion: z.enum(completions, { error: 'web:errors.chooseOne' }),
  topics: z
    .string()
    .default('')
    .transform(text => [...new Set(text.split(/[,\n]/).flatMap(topic => topic.trim() || []))])
    .refine(topics => topics.length <= 5 && topics.every(topic => topic.length <= 40), {
      error: 'studio:errors.topics',
    }),
  video: noneOr(300),
  captions: noneOr(300),
  downloads: z
    .string()
    .default('')
    .transform(text => text.split(/\r?\n/).flatMap(line => asDownload(line) ?? []))
    .refine(
      files =>
        files.length <= 20 && files.every(({ file, title }) => file.length <= 300 && title.length <= 160),
      {
        error: 'studio:errors.downloads',
      },
    ),
  passMark: countOrNone('studio:errors.passMark', 0, 100),
  attempts: countOrNone('studio:errors.attempts', 1, 100),
})

function valuesOf(lesson: Lesson): Record<string, unknown> {
  return {
    ...lesson,
    preview: lesson.preview ? 'on' : '',
    topics: lesson.topics.join(', '),
    downloads: lesson.downloads.map(({ file, title }) => `${file} ${title}`).join('\n'),
  }
}

/** `assets/sheet.csv Three histories`: a file, then its title; without one the file's name is the title. */
function asDownload(line: string): Lesson['downloads'][number] | undefined {
  const [, file, title] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
  return file === undefined ? undefined : { file, title: title || file.split('/').pop()! }
}

function restFingerprint({ title: _title, body: _body, videoSeconds: _seconds, ...rest }: Lesson): string {
  return fingerprint(rest)
}
