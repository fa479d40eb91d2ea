import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import type { Course, CourseContent, Lesson } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import type { Asset } from '../courses/asset'
import type { FieldInput, LessonField, RowsInput, TypedRows } from '../courses/kinds/field'
import { fieldValue, kindNames, kindOf, kinds, withFrontMatter, type KindName } from '../courses/kinds/kinds'
import { downloads, type LessonKind } from '../courses/kinds/lesson-kind'
import { lessonNamed, lessonSeenLike, replaceLesson } from '../courses/outline'
import { lessonVisibilities } from '../courses/visibility'
import { notFound } from '../platform/errors'
import { checkbox, readForm, type Form } from '../web/form'
import { courseOf, coursePage, draftLessonOf, setDoneFlash, versionOf, savedOrRefused } from './course-page'
import { fileOptions, poolRows, rowListOf, rowsTyped, settingsScripts, type TypedBody } from './field-rows'
import type { FormField } from '../web/field'
import { hasRows, rowsView, rowValues, type RowsView } from '../web/form-rows'
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
  const { change: pressed } = request.body as { change?: unknown }
  if (typeof pressed === 'string') return renderRows(request, response, person)
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
  const saving = changeDraft(courseOf(response)._id, change, { by: person._id })
  const { saved: course, refusal } = await savedOrRefused(saving, response)
  if (refusal) {
    const { values } = typedIn(request, response, data.kind)
    response.status(refusal.status)
    return renderSettings(person, response, { values, errors: refusal.errors }, baseVersion)
  }
  if (currentVersion !== baseVersion) {
    const { values } = typedIn(request, response, data.kind)
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

/** Shows the form again with a row more, less or moved; nothing is saved. */
async function renderRows(request: Request, response: Response, person: Person): Promise<void> {
  const body = request.body as TypedBody
  const kind = chosenKind({ values: body, errors: {} }, draftLessonOf(response))
  const { values } = typedIn(request, response, kind)
  await renderSettings(person, response, { values, errors: {} }, String(body.baseVersion ?? ''))
}

/** Reads the form: the fields of every lesson, then those of the chosen kind, as in a lesson's front matter. */
function readSettings(request: Request, response: Response) {
  const { t } = textsOf(response)
  const lesson = draftLessonOf(response)
  const { data, form } = readForm(schema, request, response)
  const kind = data?.kind ?? chosenKind(form!, lesson)
  const { values, own } = typedIn(request, response, kind)
  const errors = Object.fromEntries(
    own.invalid.map(({ field, at }) => [at ?? field, t(`studio:errors.${field}`)]),
  )
  if (form || own.invalid.length) return { form: { values, errors: { ...form?.errors, ...errors } } }
  const words = Object.keys(kinds[kind].completions)
  const completion = words.includes(data.completion) ? data.completion : words[0]
  return { data: { ...data, completion, ...own.frontMatter } }
}

/** The fields of a kind of lesson, and the downloads of every kind. */
const fieldsOf = (kind: Pick<LessonKind, 'fields'>) =>
  Object.entries<LessonField>({ ...kind.fields, downloads })

/**
 * Returns what a form says, with the fields that its kind has and the form had not: an invalid form that chooses
 * another kind comes back with that kind's fields, and an empty pass mark would mean that there is none.
 */
function typedIn(request: Request, response: Response, kind: KindName) {
  const lesson = draftLessonOf(response)
  const { assets } = courseOf(response).draft
  const texts = textsOf(response)
  const values: TypedBody = { ...(request.body as TypedBody | undefined) }
  const invalid: { field: string; at?: string }[] = []
  const frontMatter: Record<string, unknown> = {}
  for (const [name, field] of fieldsOf(kinds[kind])) {
    const typed = typedOf(values, name, field, { assets }, texts)
    const before =
      name === 'downloads' || kind === lesson.kind ? fieldValue(lesson, name, field) : field.initial
    const value = typed === undefined ? before : field.fromForm(typed)
    Object.assign(values, formValues(name, typed ?? field.toForm(before), values))
    if (value !== undefined) frontMatter[name] = field.toFile(value)
    else if (typeof typed === 'object' && field.wrongCells?.(typed).length) {
      invalid.push(...field.wrongCells(typed).map(cell => ({ field: name, at: `${name}.${cell}` })))
    } else invalid.push({ field: name })
  }
  return { values, own: { frontMatter, invalid } }
}

/** Returns what a form says about a field; undefined when it hasn't the field. */
function typedOf(
  body: TypedBody,
  name: string,
  { input }: LessonField,
  course: { assets: readonly Asset[] },
  texts: Texts,
): string | TypedRows | undefined {
  if (input.input !== 'rows') {
    const typed = body[name]
    return typeof typed === 'string' ? typed.trim() : undefined
  }
  const list = rowListOf(name, input, { ...course, body }, texts)
  return hasRows(body, list) ? rowsTyped(body, list) : undefined
}

/** Returns the values of a field by the names of its controls, in place of those in `before`. */
function formValues(name: string, value: string | TypedRows, before: TypedBody = {}): TypedBody {
  if (typeof value === 'string') return { [name]: before[name] ?? value }
  const none = Object.keys(before).filter(key => key.startsWith(`${name}.`))
  return { ...Object.fromEntries(none.map(key => [key, undefined])), ...rowValues(name, value) }
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
    scripts: [...page.scripts, ...settingsScripts],
    heading: lesson.title,
    form,
    baseVersion,
    rows: {
      kind: [kindRow(lesson, texts)],
      own: kind.views.settings && {
        view: kind.views.settings,
        rows: ownRows(course, lesson, form, kind, addUrl, texts),
      },
      rest: [
        ...restRows(kind, mayRestrict, texts),
        rowsOf('downloads', downloads.input, { course, lesson, form }, texts),
      ],
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
  course: Course,
  lesson: Lesson,
  form: Form,
  kind: Pick<LessonKind, 'fields'>,
  addUrl: string | null,
  texts: Texts,
): (FormField[] | RowsView)[] {
  const fields = Object.entries(kind.fields)
  // What isn't in the list has to be added first.
  const end = addUrl ? texts.html('studio:lessonSettings.addFiles', { url: addUrl }) : undefined
  const isNumber = ([, { input }]: [string, LessonField]) => input.input === 'number'
  const toField = ([name, { input }]: [string, LessonField]) =>
    fieldOf(texts, name, {
      ...inputOptions(name, input, course.draft.assets, String(form.values[name] ?? ''), texts),
      ...(input.input === 'file' && { end }),
    })
  const toRow = ([name, field]: [string, LessonField]) =>
    field.input.input === 'rows'
      ? rowsOf(name, field.input, { course, lesson, form }, texts)
      : [toField([name, field])]
  const numbers = fields.filter(isNumber).map(toField)
  const others = fields.filter(field => !isNumber(field)).map(toRow)
  return numbers.length ? [...others, numbers] : others
}

/** Returns a list of rows as the view shows it. */
function rowsOf(
  name: string,
  input: RowsInput,
  { course, lesson, form: { values } }: { course: Course; lesson: Lesson; form: Form },
  texts: Texts,
): RowsView {
  const list = rowListOf(name, input, { assets: course.draft.assets, body: values }, texts)
  const isOfPools = input.columns.some(column => column.input === 'pool')
  return isOfPools ? poolRows(list, lesson.body, values, texts) : rowsView(list, values, texts.t)
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
      const fitting = assets.filter(asset => input.types.some(type => asset.type.startsWith(type)))
      const none = { value: '', text: t(`studio:lessonSettings.${name}None`) }
      return { kind: 'select', hint, options: [none, ...fileOptions(fitting, [chosen])] }
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
    case 'rows':
      return {}
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
  ]
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
  })
  .refine(({ preview, visibility }) => !preview || visibility === 'learners', {
    error: 'studio:errors.previewForSome',
    path: ['visibility'],
  })

function valuesOf(lesson: Lesson): Record<string, unknown> {
  const own = fieldsOf(kindOf(lesson)).map(([name, field]) =>
    formValues(name, field.toForm(fieldValue(lesson, name, field))),
  )
  return {
    ...lesson,
    ...(Object.assign({}, ...own) as TypedBody),
    preview: lesson.preview ? 'on' : '',
    visibility: lesson.visibility ?? 'learners',
    topics: lesson.topics.join(', '),
  }
}

/** The text isn't part of the settings, and the length of the recording is derived. */
function settingsVersion({ title: _title, body: _body, mediaSeconds: _seconds, ...rest }: Lesson): string {
  return versionOf(rest)
}
