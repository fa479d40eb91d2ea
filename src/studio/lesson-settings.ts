import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import { readingMinutes } from '../courses/check-course'
import { completions } from '../courses/content'
import { lessonKinds, type Asset, type Course, type Lesson } from '../courses/course'
import { changeLesson, lessonNamed } from '../courses/outline'
import { notFound } from '../platform/errors'
import { checkbox, readForm, type Form } from '../web/form'
import { courseOf, coursePage, draftLessonOf, setDoneFlash, versionOf } from './course-page'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { urlOf } from './urls'

/** `GET /studio/courses/:slug/lessons/:lesson/settings` */
export async function edit(request: Request, response: Response, person: Person): Promise<void> {
  const lesson = draftLessonOf(response)
  const form = { values: valuesOf(lesson), errors: {} }
  await renderSettings(person, response, form, settingsVersion(lesson))
}

/** `POST …/settings`: saves the settings, or responds with 409 if someone else has changed them since. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const { slug } = draftLessonOf(response)
  const { data, form } = readForm(schema, request, response)
  if (form) {
    response.status(422)
    return renderSettings(person, response, form, String(request.body?.baseVersion ?? ''))
  }
  const { baseVersion, ...fields } = data
  let currentVersion = ''
  const course = await changeDraft(courseOf(response)._id, content => {
    const lesson = lessonNamed(content, slug)
    if (!lesson) throw notFound()
    currentVersion = settingsVersion(lesson)
    return currentVersion === baseVersion ? changeLesson(content, slug, fields) : content
  })
  if (currentVersion !== baseVersion) {
    const values = request.body as Record<string, unknown>
    response.status(409)
    return renderSettings(
      person,
      response,
      { values, errors: { form: t('studio:conflict.settings') } },
      currentVersion,
    )
  }
  setDoneFlash(response, t('studio:flash.lessonSettings'))
  response.redirect(303, urlOf(course, slug))
}

async function renderSettings(
  person: Person,
  response: Response,
  form: Form,
  baseVersion: string,
): Promise<void> {
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  response.render('studio/lesson-settings', {
    ...(await coursePage(person, response, 'settings')),
    heading: lesson.title,
    form,
    baseVersion,
    rows: fieldRows(course, lesson, textsOf(response)),
    modules: course.draft.modules.map(({ folder, title }) => ({ folder, title })),
  })
}

/** Returns the form's fields, row by row. */
function fieldRows({ draft }: Course, lesson: Lesson, { t }: Texts): FormField[][] {
  const field = (name: string, options: object): FormField => ({
    name,
    label: t(`studio:lessonSettings.${name}`),
    ...options,
  })
  const hint = (name: string, values?: Record<string, unknown>) =>
    t(`studio:lessonSettings.${name}Hint`, values)
  const files = (type: string, chosen: string | null, none: string) => [
    { value: '', text: none },
    ...filesOf(draft.assets, type, chosen).map(path => ({ value: path, text: path })),
  ]
  return [
    [
      field('kind', {
        kind: 'select',
        hint: hint('kind'),
        options: lessonKinds.map(kind => ({ value: kind, text: t(`studio:kinds.${kind}`) })),
      }),
      field('minutes', {
        type: 'number',
        hint: hint('minutes', { minutes: readingMinutes(lesson) }),
        min: 1,
        max: 600,
      }),
    ],
    [
      field('completion', {
        kind: 'select',
        options: completions.map(value => ({ value, text: t(`studio:completions.${value}`) })),
      }),
    ],
    [field('preview', { kind: 'checkbox', hint: hint('preview') })],
    [field('topics', { hint: hint('topics'), maxlength: 250 })],
    [
      field('video', {
        kind: 'select',
        hint: hint('video'),
        options: files('video/', lesson.video, t('studio:lessonSettings.noVideo')),
      }),
    ],
    [
      field('captions', {
        kind: 'select',
        hint: hint('captions'),
        options: files('text/vtt', lesson.captions, t('studio:lessonSettings.noCaptions')),
      }),
    ],
    [field('downloads', { kind: 'textarea', hint: hint('downloads'), rows: 3 })],
    [
      field('passMark', { type: 'number', hint: hint('passMark'), min: 0, max: 100 }),
      field('attempts', { type: 'number', hint: hint('attempts'), min: 1, max: 100 }),
    ],
  ]
}

/** Returns the paths of the files of a media type, with the chosen one even if it's missing. */
function filesOf(assets: Asset[], type: string, chosen: string | null): string[] {
  const paths = assets.filter(asset => asset.type.startsWith(type)).map(asset => asset.path)
  return chosen && !paths.includes(chosen) ? [...paths, chosen] : paths
}

const pathOrNone = (maximum: number) =>
  z
    .string()
    .max(maximum, { error: 'web:errors.tooLong' })
    .default('')
    .transform(value => value || null)

const countOrNone = (key: string, minimum: number, maximum: number) =>
  z
    .string()
    .trim()
    .default('')
    .refine(text => !text || (/^\d{1,3}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum), {
      error: key,
    })
    .transform(text => (text ? Number(text) : null))

const schema = z.object({
  baseVersion: z.string().max(50).default(''),
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
  video: pathOrNone(300),
  captions: pathOrNone(300),
  downloads: z
    .string()
    .default('')
    .transform(text => text.split(/\r?\n/).flatMap(line => toDownload(line) ?? []))
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

/** Reads `assets/checklist.csv Launch checklist`: a path, then a title, by default the file's name. */
function toDownload(line: string): Lesson['downloads'][number] | undefined {
  const [, file, title] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
  return file === undefined ? undefined : { file, title: title || file.split('/').pop()! }
}

/** The text isn't part of the settings, and the video's length is derived. */
function settingsVersion({ title: _title, body: _body, videoSeconds: _seconds, ...rest }: Lesson): string {
  return versionOf(rest)
}
