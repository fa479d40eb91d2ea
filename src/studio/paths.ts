import type { Request, Response } from 'express'
import { z } from 'zod'
import { maxPathCourses, newPath, publishPath, savePath, withdrawPath } from '../courses/change-path'
import { Courses } from '../courses/course'
import { Paths, type Path, type PathContent } from '../courses/path'
import { totalPrices } from '../courses/price'
import { publishedCourses } from '../courses/published'
import { maxSlugLength, isSlug } from '../courses/slug'
import type { Person } from '../people/person'
import { HttpError, notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, lineField, optionalField, readForm, refuseForm, type Form } from '../web/form'
import { versionRows } from '../web/version-rows'
import { permissionsOf } from '../web/guard'
import { textsOf, type Texts } from '../web/texts'
import { placeOf, type AcademyPlace } from './academy-place'
import { setDoneFlash } from './course-page'
import { moveButtons } from './outline-view'

const home = '/studio/paths'
const urlOf = (slug: string) => `${home}/${slug}`
const frame = (title: string) => ({ layout: 'studio', nav: 'paths', head: { title, noindex: true } })

/** `GET /studio/paths`: every path, most recently changed first. */
export async function index(_request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const [paths, courses] = await Promise.all([Paths.all(), coursesBySlug()])
  const isWriter = permissionsOf(person).writeCourses
  response.render('studio/paths', {
    ...frame(t('studio:paths.title')),
    canWrite: isWriter,
    rows: paths.map(path => ({
      href: urlOf(path._id),
      title: path.draft.title,
      summary: path.draft.summary,
      isPublished: path.version !== null,
      state: stateOf(path, texts),
      facts: factsOf(path.draft, courses, texts),
    })),
    empty: {
      title: t('studio:paths.none'),
      text: t('studio:paths.noneText'),
      link: isWriter ? { href: `${home}/new`, text: t('studio:paths.new') } : null,
    },
  })
}

/** `GET /studio/paths/new` */
export function compose(_request: Request, response: Response): void {
  response.render('studio/new-path', { ...newPage(response), form: emptyForm() })
}

const titleField = lineField('studio:errors.pathTitle', 120)
const newSchema = z.object({
  title: titleField,
  slug: optionalField(maxSlugLength).refine(slug => slug === null || isSlug(slug), {
    error: 'studio:errors.pathSlug',
  }),
})

/** `POST /studio/paths` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(newSchema, request, response)
  if (form) return refuseForm(response, 'studio/new-path', form, newPage(response))
  try {
    const content = { title: data.title, audience: '', summary: '', courses: [] }
    response.redirect(303, urlOf(await newPath(content, person._id, data.slug ?? '')))
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const errors = { slug: response.locals.t(error.key, error.values) }
    refuseForm(response, 'studio/new-path', { values: request.body, errors }, newPage(response))
  }
}

/** `GET /studio/paths/:slug` */
export async function edit(
  request: Request<{ slug: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  await renderPath(await load(request), response, person)
}

const schema = z.object({
  title: titleField,
  summary: optionalField(400).transform(text => text ?? ''),
  audience: optionalField(80).transform(text => text ?? ''),
  courses: z.preprocess(
    value => (value === undefined ? [] : [value].flat()),
    z.array(z.string().max(maxSlugLength)).max(maxPathCourses, { error: 'studio:errors.pathCourses' }),
  ),
  draftNumber: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  /** The course to add; the buttons `up:pumps`, `down:pumps` and `remove:pumps` change the list. */
  add: z.string().max(maxSlugLength).default(''),
  change: z
    .string()
    .max(maxSlugLength + 10)
    .default(''),
})

/**
 * `POST /studio/paths/:slug`: saves the draft with everything that was typed, whichever button was pressed. Shows the
 * form again with 409 when someone else has saved since; saving once more then replaces their draft.
 */
export async function update(
  request: Request<{ slug: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const saved = await saveTyped(request, response, person)
  if (!saved) return
  const { slug, isListChange } = saved
  if (!isListChange) setDoneFlash(response, response.locals.t('studio:flash.pathSaved'))
  response.redirect(303, isListChange ? `${urlOf(slug)}#courses` : urlOf(slug))
}

/** Saves what was typed as the draft. Returns null after showing the form again, with 422 or 409. */
async function saveTyped(request: Request<{ slug: string }>, response: Response, person: Person) {
  const path = await load(request)
  const { data, form } = readForm(schema, request as Request, response)
  if (form) {
    await renderPath(path, response.status(422), person, form)
    return null
  }
  const { draftNumber, add, change, courses, ...fields } = data
  const listed = [...new Set([...changed(courses, change), ...(add ? [add] : [])])]
  try {
    const number = await savePath(path._id, { ...fields, courses: listed }, draftNumber, person._id)
    return { slug: path._id, draftNumber: number, isListChange: Boolean(change || add) }
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const current = await load(request)
    const values = {
      ...(request.body as Record<string, unknown>),
      courses: listed,
      draftNumber: current.draftNumber,
    }
    const errors = { form: response.locals.t('studio:conflict.path') }
    await renderPath(current, response.status(409), person, { values, errors })
    return null
  }
}

/** Returns the list after the button `up:pumps`, `down:pumps` or `remove:pumps` was pressed. */
function changed(courses: string[], change: string): string[] {
  const [verb, slug = ''] = change.split(':')
  const from = courses.indexOf(slug)
  if (from < 0) return courses
  const rest = courses.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, slug)
}

/** `POST /studio/paths/:slug/publication`: saves what was typed as the draft, and publishes it. */
export async function publishDraft(
  request: Request<{ slug: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const saved = await saveTyped(request, response, person)
  if (!saved) return
  const path = await load(request)
  const { t } = textsOf(response)
  try {
    const number = await publishPath(path._id, saved.draftNumber, person._id)
    const { href, text } = await pathPlace(path, response)
    const bold = t('studio:flash.pathPublished', { number })
    if (href) setDoneFlash(response, bold, undefined, { href, text })
    else setDoneFlash(response, bold, text)
    response.redirect(303, urlOf(path._id))
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const values = { flash: { kind: 'error', bold: t(error.key, error.values) } }
    await renderPath(path, response.status(error.status), person, undefined, values)
  }
}

/** `POST /studio/paths/:slug/withdrawal` */
export async function withdraw(
  request: Request<{ slug: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const path = await load(request)
  await withdrawPath(path._id, person._id)
  setDoneFlash(response, textsOf(response).t('studio:flash.pathWithdrawn'))
  response.redirect(303, urlOf(path._id))
}

/** `GET /studio/paths/:slug/versions`: what has been published, newest first. */
export async function pathVersions(
  request: Request<{ slug: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const path = await load(request)
  const texts = textsOf(response)
  const all = await Paths.history(path._id)
  response.render('studio/path-versions', {
    ...frame(`${texts.t('studio:path.history')} · ${path.draft.title}`),
    title: path.draft.title,
    href: urlOf(path._id),
    canWrite: permissionsOf(person).writeCourses,
    draftNumber: path.draftNumber,
    versions: await versionRows(all, path.version, urlOf(path._id), texts),
  })
}

/** `POST /studio/paths/:slug/versions/:number/restoration`: makes an earlier version the draft. */
export async function restorePath(
  request: Request<{ slug: string; number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const version = await Paths.version(request.params.slug, Number(request.params.number) || 0)
  if (!version) throw notFound()
  const draftNumber = Number((request.body as { draftNumber?: string }).draftNumber)
  await savePath(version.of, version.content, draftNumber, person._id)
  setDoneFlash(response, textsOf(response).t('studio:flash.pathRestored', { number: version.number }))
  response.redirect(303, urlOf(version.of))
}

async function load(request: Request<{ slug: string }>): Promise<Path> {
  const path = await Paths.read(request.params.slug)
  if (!path) throw notFound()
  return path
}

type ListedCourse = {
  title: string
  isPublished: boolean
  minutes: number
  price: { amount: number; currency: string } | null
}

/** Where the academy shows a path: at a brand that shows all its published courses. */
async function pathPlace({ _id }: Path, response: Response): Promise<AcademyPlace> {
  const [paths, courses] = await Promise.all([Paths.published(), publishedCourses()])
  const own = paths.find(({ id }) => id === _id)?.content.courses ?? []
  const open = own.filter(slug => courses.some(course => course.slug === slug))
  return placeOf(open, `/paths/${_id}`, response)
}

async function renderPath(
  path: Path,
  response: Response,
  person: Person,
  form: Form = { values: { ...path.draft }, errors: {} },
  values: object = {},
): Promise<void> {
  const texts = textsOf(response)
  const courses = await coursesBySlug()
  const shown = z.array(z.string()).safeParse([form.values.courses ?? []].flat()).data ?? []
  const isUpToDate =
    path.version !== null && (await Paths.version(path._id, path.version))?.draftNumber === path.draftNumber
  const url = urlOf(path._id)
  response.render('studio/path', {
    ...frame(path.draft.title),
    form,
    canWrite: permissionsOf(person).writeCourses,
    title: path.draft.title,
    state: stateOf(path, texts),
    facts: factsOf({ ...path.draft, courses: shown }, courses, texts),
    place: path.version === null ? null : await pathPlace(path, response),
    url,
    draftNumber: form.values.draftNumber ?? path.draftNumber,
    canPublish: !isUpToDate,
    fields: fieldsOf(texts),
    courses: shown.map((slug, n) => courseRow(slug, n, shown.length, courses, texts)),
    hasHidden: shown.some(slug => !courses.get(slug)?.isPublished),
    addField: addFieldOf(shown, courses, texts),
    ...values,
  })
}

function courseRow(slug: string, n: number, count: number, courses: Courses, texts: Texts) {
  const { t, minutes, money } = texts
  const course = courses.get(slug)
  const title = course?.title ?? slug
  const [up, down] = moveButtons(title, t)
  const cost = course?.price ? money(course.price.amount, course.price.currency) : t('academy:facts.free')
  return {
    slug,
    title,
    href: course ? `/studio/courses/${slug}` : null,
    number: n + 1,
    facts: course?.isPublished ? `${minutes(course.minutes)} · ${cost}` : '',
    note: course?.isPublished ? '' : t(course ? 'studio:path.notPublished' : 'studio:path.gone'),
    moves: [...(n > 0 ? [up] : []), ...(n < count - 1 ? [down] : [])].map(({ to, icon, label }) => ({
      value: `${to}:${slug}`,
      icon,
      label,
    })),
    remove: { value: `remove:${slug}`, label: t('studio:path.removeLabel', { title }) },
  }
}

type Courses = ReadonlyMap<string, ListedCourse>

/** Every course by its slug: the published ones as learners get them. */
async function coursesBySlug(): Promise<Courses> {
  const fields = { slug: 1, 'draft.title': 1 } as const
  const [all, published] = await Promise.all([Courses.find({}, fields), publishedCourses()])
  return new Map<string, ListedCourse>([
    ...all.map(({ slug, draft }) => {
      const course = { title: draft.title, isPublished: false, minutes: 0, price: null }
      return [slug, course] as const
    }),
    ...published.map(({ slug, content: { title, price }, minutes }) => {
      return [slug, { title, isPublished: true, minutes, price }] as const
    }),
  ])
}

function fieldsOf({ t }: Texts): FormField[] {
  return [
    { name: 'title', label: t('studio:path.name'), required: true, maxlength: 120 },
    { kind: 'textarea', name: 'summary', label: t('studio:path.summary'), rows: 2, maxlength: 400 },
    {
      name: 'audience',
      label: t('studio:path.audience'),
      hint: t('studio:path.audienceHint'),
      maxlength: 80,
    },
  ]
}

function addFieldOf(shown: string[], courses: Courses, { t }: Texts): FormField {
  const rest = [...courses].filter(([slug]) => !shown.includes(slug))
  return {
    kind: 'select',
    name: 'add',
    label: t('studio:path.add'),
    options: [
      { value: '', text: t('studio:path.addNone') },
      ...rest.map(([slug, { title, isPublished }]) => ({
        value: slug,
        text: isPublished ? title : t('studio:path.addHidden', { title }),
      })),
    ],
  }
}

function stateOf({ version }: Path, { t }: Texts): string {
  return version === null ? t('studio:paths.draft') : t('studio:courses.published', { version })
}

/** How many courses learners see, how long they take and what they cost. */
function factsOf(content: PathContent, courses: Courses, { t, minutes, money }: Texts): string {
  const open = content.courses
    .flatMap(slug => courses.get(slug) ?? [])
    .filter(({ isPublished }) => isPublished)
  const prices = totalPrices(open.map(({ price }) => price)).map(({ amount, currency }) =>
    money(amount, currency),
  )
  return t('studio:path.facts', {
    count: open.length,
    time: minutes(open.reduce((sum, course) => sum + course.minutes, 0)),
    price: prices.join(' + ') || t('academy:facts.free'),
  })
}

function newPage(response: Response) {
  const { t } = textsOf(response)
  return {
    ...frame(t('studio:newPath.title')),
    fields: [
      { name: 'title', label: t('studio:path.name'), required: true, maxlength: 120, autocomplete: 'off' },
      {
        name: 'slug',
        label: t('studio:newPath.slug'),
        hint: t('studio:newPath.slugHint'),
        optional: true,
        maxlength: maxSlugLength,
        autocomplete: 'off',
        spellcheck: 'false',
      },
    ] satisfies FormField[],
  }
}
