import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import type { Course, CourseContent, Lesson } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import type { Asset } from '../courses/asset'
import type { FieldInput, LessonField } from '../courses/kinds/field'
import { kindNames, kindOf, kinds, withFrontMatter, type KindName } from '../courses/kinds/kinds'
import { downloads, type LessonKind } from '../courses/kinds/lesson-kind'
import { lessonNamed, lessonSeenLike, replaceLesson } from '../courses/outline'
import { lessonVisibilities } from '../courses/visibility'
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

/**
 * `POST …/settings`: saves the settings, or responds with 409 if someone else has changed them since. A lesson of
 * another kind gets that kind's fields; what isn't in the form gets its default.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const lesson = draftLessonOf(response)
  const mayRestrict = coursePermissions(person, courseOf(response)).has('publish')
  const { data, form } = readSettings(request, response)
  if (form) {
    response.status(422)
    return renderSettings(person, response, form, String(request.body?.baseVersion ?? ''))
  }
  const { baseVersion, visibility, ...rest } = data
  const fields = { ...rest, ...(visibility !== 'learners' && { visibility }) }
  let currentVersion = ''
  const change = (content: CourseContent) => {
    const current = lessonNamed(content, lesson.slug)
    if (!current) throw notFound()
    currentVersion = settingsVersion(current)
    if (currentVersion !== baseVersion) return content
    const changed = withFrontMatter(current, { title: current.title, ...fields })
    return replaceLesson(content, mayRestrict ? changed : lessonSeenLike(changed, current))
  }
  const course = await changeDraft(courseOf(response)._id, change, { by: person._id })
  if (currentVersion !== baseVersion) {
    const { values } = typedIn(request, lesson, data.kind)
    response.status(409)
    return renderSettings(
      person,
      response,
      { values, errors: { form: t('studio:conflict.settings') } },
      currentVersion,
    )
  }
  const isOtherKind = data.kind !== lesson.kind && Object.keys(kinds[data.kind].fields).length > 0
  setDoneFlash(
    response,
    t('studio:flash.lessonSettings'),
    isOtherKind ? t('studio:flash.otherKind') : undefined,
  )
  response.redirect(303, isOtherKind ? `${urlOf(course, lesson)}/settings` : urlOf(course, lesson))
}

/** Reads the form: the fields of every lesson, then those of the chosen kind, as in a lesson's front matter. */
function readSettings(request: Request, response: Response) {
  const { t } = textsOf(response)
  const lesson = draftLessonOf(response)
  const { data, form } = readForm(schema, request, response)
  const kind = data?.kind ?? chosenKind(form!, lesson)
  const { values, own } = typedIn(request, lesson, kind)
  const errors = Object.fromEntries(own.invalid.map(name => [name, t(`studio:errors.${name}`)]))
  if (form || own.invalid.length) return { form: { values, errors: { ...form?.errors, ...errors } } }
  const words = Object.keys(kinds[kind].completions)
  const completion = words.includes(data.completion) ? data.completion : words[0]
  return { data: { ...data, completion, ...own.frontMatter } }
}

/**
 * Returns what a form says, with the fields that its kind has and the form had not: an invalid form that chooses
 * another kind comes back with that kind's fields, and an empty pass mark would mean that there is none.
 */
function typedIn(request: Request, lesson: Lesson, kind: KindName) {
  const body = (request.body ?? {}) as Record<string, unknown>
  const fields = Object.entries<LessonField>(kinds[kind].fields)
  const asOpened = fields.map(([name, field]) => [name, field.toForm(valueBefore(lesson, kind, name, field))])
  const values = { ...(Object.fromEntries(asOpened) as Record<string, unknown>), ...body }
  return { values, own: readOwnFields(body, lesson, kind) }
}

/** What a field has when the form says nothing: the lesson's own value, or the first one of another kind. */
function valueBefore(lesson: Lesson, kind: KindName, name: string, field: LessonField): unknown {
  return kind === lesson.kind ? (lesson as Record<string, unknown>)[name] : field.initial
}

/** Returns a kind's fields as in the front matter, and the names of those with an invalid value. */
function readOwnFields(body: Record<string, unknown>, lesson: Lesson, kind: KindName) {
  const invalid: string[] = []
  const frontMatter: Record<string, unknown> = {}
  for (const [name, field] of Object.entries<LessonField>(kinds[kind].fields)) {
    const typed = body[name]
    const value =
      typeof typed === 'string' ? field.fromForm(typed.trim()) : valueBefore(lesson, kind, name, field)
    if (value === undefined) invalid.push(name)
    else frontMatter[name] = field.toFile(value)
  }
  return { frontMatter, invalid }
}

/** Returns the kind chosen in an invalid form, or the lesson's own. */
function chosenKind({ values }: Form, lesson: Lesson): KindName {
  return kindNames.find(name => name === values.kind) ?? lesson.kind
}

async function renderSettings(
  person: Person,
  response: Response,
  form: Form,
  baseVersion: string,
): Promise<void> {
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  const kind = kinds[chosenKind(form, lesson)]
  const texts = textsOf(response)
  const page = await coursePage(person, response, 'settings')
  const mayRestrict = page.permissions.has('publish')
  const addUrl = page.canWrite ? `${page.courseUrl}/files#add` : null
  response.render('studio/lesson-settings', {
    ...page,
    heading: lesson.title,
    form,
    baseVersion,
    rows: {
      kind: [kindRow(lesson, texts)],
      own: kind.views.settings && {
        view: kind.views.settings,
        rows: ownRows(course, form, kind, addUrl, texts),
      },
      rest: restRows(kind, mayRestrict, texts),
    },
    canRemove: mayRestrict || !lesson.visibility,
    modules: course.draft.modules.map(({ folder, title }) => ({ folder, title })),
  })
}

const fieldOf = ({ t }: Texts, name: string, options: object): FormField => ({
  name,
  label: t(`studio:lessonSettings.${name}`),
  ...options,
})

function kindRow(lesson: Lesson, texts: Texts): FormField[] {
  const { t } = texts
  const minutes = kindOf(lesson).minutes(lesson)
  return [
    fieldOf(texts, 'kind', {
      kind: 'select',
      hint: t('studio:lessonSettings.kindHint'),
      options: kindNames.map(kind => ({ value: kind, text: t(`studio:kinds.${kind}`) })),
    }),
    fieldOf(texts, 'minutes', {
      type: 'number',
      hint: minutes === null ? undefined : t('studio:lessonSettings.minutesHint', { minutes }),
      min: 1,
      max: 600,
    }),
  ]
}

/** Returns the fields of a kind, row by row; numbers share a row. */
function ownRows(
  { draft }: Course,
  form: Form,
  kind: Pick<LessonKind, 'fields'>,
  addUrl: string | null,
  texts: Texts,
): FormField[][] {
  const fields = Object.entries(kind.fields)
  // What isn't in the list has to be added first.
  const end = addUrl ? texts.html('studio:lessonSettings.addFiles', { url: addUrl }) : undefined
  const isNumber = ([, { input }]: [string, LessonField]) => input.input === 'number'
  const toField = ([name, { input }]: [string, LessonField]) =>
    fieldOf(texts, name, {
      ...inputOptions(name, input, draft.assets, String(form.values[name] ?? ''), texts),
      ...(input.input === 'file' && { end }),
    })
  const numbers = fields.filter(isNumber).map(toField)
  const others = fields.filter(field => !isNumber(field)).map(field => [toField(field)])
  return numbers.length ? [...others, numbers] : others
}

/** Returns the options of `partials/field` for an input. */
function inputOptions(
  name: string,
  input: FieldInput,
  assets: Asset[],
  chosen: string,
  { t }: Texts,
): object {
  const hint = t(`studio:lessonSettings.${name}Hint`)
  switch (input.input) {
    case 'file': {
      const files = filesOfTypes(assets, input.types, chosen).map(path => ({ value: path, text: path }))
      return {
        kind: 'select',
        hint,
        options: [{ value: '', text: t(`studio:lessonSettings.${name}None`) }, ...files],
      }
    }
    case 'choice':
      return {
        kind: 'select',
        hint,
        options: input.words.map(value => ({
          value,
          text: t(`studio:lessonSettings.${name}Choices.${value}`),
        })),
      }
    case 'number':
      return { type: 'number', hint, min: input.min, max: input.max }
    case 'text':
      return { hint, maxlength: input.maximum }
    case 'lines':
      return { kind: 'textarea', hint, rows: input.rows }
  }
}

function restRows(kind: Pick<LessonKind, 'completions'>, mayRestrict: boolean, texts: Texts): FormField[][] {
  const { t } = texts
  const words = Object.keys(kind.completions)
  const completion = fieldOf(texts, 'completion', {
    kind: 'select',
    options: words.map(value => ({ value, text: t(`studio:completions.${value}`) })),
  })
  const preview = fieldOf(texts, 'preview', {
    kind: 'checkbox',
    hint: t('studio:lessonSettings.previewHint'),
  })
  const visibility = fieldOf(texts, 'visibility', {
    kind: 'select',
    hint: t('studio:lessonSettings.visibilityHint'),
    options: ['learners', ...lessonVisibilities].map(value => ({
      value,
      text: t(`studio:lessonSettings.visibilityChoices.${value}`),
    })),
  })
  return [
    ...(words.length > 1 ? [[completion]] : []),
    ...(mayRestrict ? [[preview], [visibility]] : []),
    [fieldOf(texts, 'topics', { hint: t('studio:lessonSettings.topicsHint'), maxlength: 250 })],
    [fieldOf(texts, 'downloads', inputOptions('downloads', downloads.input, [], '', texts))],
  ]
}

/** Returns the paths of the files with these media types, including the chosen one even if it's missing. */
function filesOfTypes(assets: Asset[], types: string[], chosen: string): string[] {
  const paths = assets
    .filter(asset => types.some(type => asset.type.startsWith(type)))
    .map(asset => asset.path)
  return chosen && !paths.includes(chosen) ? [...paths, chosen] : paths
}

const schema = z
  .object({
    baseVersion: z.string().max(50).default(''),
    kind: z.enum(kindNames, { error: 'web:errors.chooseOne' }),
    minutes: z.coerce
      .number({ error: 'studio:errors.minutes' })
      .int({ error: 'studio:errors.minutes' })
      .min(1, { error: 'studio:errors.minutes' })
      .max(600, { error: 'studio:errors.minutes' }),
    preview: checkbox,
    visibility: z
      .enum(['learners', ...lessonVisibilities], { error: 'web:errors.chooseOne' })
      .default('learners'),
    completion: z.string().default(''),
    topics: z
      .string()
      .default('')
      .transform(text => [...new Set(text.split(/[,\n]/).flatMap(topic => topic.trim() || []))])
      .refine(topics => topics.length <= 5 && topics.every(topic => topic.length <= 40), {
        error: 'studio:errors.topics',
      }),
    downloads: z
      .string()
      .default('')
      .transform((text, context) => {
        const files = downloads.fromForm(text)
        if (!files) context.addIssue({ code: 'custom', message: 'studio:errors.downloads' })
        return files ?? []
      }),
  })
  .refine(({ preview, visibility }) => !preview || visibility === 'learners', {
    error: 'studio:errors.previewForSome',
    path: ['visibility'],
  })

function valuesOf(lesson: Lesson): Record<string, unknown> {
  const values: Record<string, unknown> = lesson
  const own = Object.entries(kindOf(lesson).fields).map(([name, field]) => [name, field.toForm(values[name])])
  return {
    ...lesson,
    ...(Object.fromEntries(own) as Record<string, string>),
    preview: lesson.preview ? 'on' : '',
    visibility: lesson.visibility ?? 'learners',
    topics: lesson.topics.join(', '),
    downloads: downloads.toForm(lesson.downloads),
  }
}

/** The text isn't part of the settings, and the length of the recording is derived. */
function settingsVersion({ title: _title, body: _body, mediaSeconds: _seconds, ...rest }: Lesson): string {
  return versionOf(rest)
}
