import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import type { BrandContent } from '../brand/content'
import { filesIn, type BrandFile } from '../brand/file'
import {
  blankSection,
  homeSections,
  kindsOfSection,
  kindsToAdd,
  maxSections,
  rowSymbols,
  sectionKinds,
  type Section,
  type SectionKind,
} from '../brand/home'
import { Paths } from '../courses/path'
import { publishedCourses, type Published } from '../courses/published'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { errorsOf, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { done, partKeyOf, saveDraftPart } from './brand-parts'
import { slotsOfSection, slotView } from './brand-slots'
import { brandTabOf } from './brand-tab'
import { brandPath, brandRecordOf } from './brands'
import { typedRows, rowsView, rowValues, type TypedRow, type RowList } from '../web/form-rows'
import { reordered } from './brand-page'

/** `GET /admin/brands/:id/home`: the sections of the draft's home page, in order. */
export async function index(_request: Request, response: Response): Promise<void> {
  await showHome(response, brandRecordOf(response))
}

const homeForm = z.object({
  basis: z.string({ error: 'web:errors.badRequest' }),
  /** `up:hero`, `down:hero` or `remove:hero`. */
  change: z.string().max(100).default(''),
  /** The kind of a section to add. */
  add: z.union([z.literal(''), z.enum(kindsOfSection)], { error: 'web:errors.chooseOne' }).default(''),
})

/** `POST /admin/brands/:id/home`: moves, removes or adds a section; with 409 when a colleague has changed the page. */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { t } = textsOf(response)
  const { data, form } = readForm(homeForm, request, response)
  if (form) return showHome(response.status(422), brand, form)
  const { home } = brand.draft
  const { basis, change, add } = data
  if (add && home.length >= maxSections) {
    const errors = { add: t('admin:errors.home.tooMany', { maximum: maxSections }) }
    return showHome(response.status(422), brand, { values: request.body, errors })
  }
  const added = add && kindsToAdd(home).includes(add) ? blankSection(add, home) : null
  const sections = [...reordered(home, change), ...(added ? [added] : [])]
  const isSaved = await saveDraftPart(
    brand,
    draft => draft.home,
    draft => ({ ...draft, home: sections }),
    basis,
  )
  if (!isSaved) {
    const form = { values: {}, errors: { form: t('admin:errors.home.conflict') } }
    return showHome(response.status(409), brand, form)
  }
  if (added && added.kind !== 'facts') return response.redirect(303, sectionPath(brand, added))
  done(response, `${brandPath(brand)}/home`, 'brandSaved')
}

/** `GET /admin/brands/:id/home/:section`: a section's texts and files. */
export async function edit(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  await showSection(response, brand, sectionIn(request, brand))
}

/**
 * `POST /admin/brands/:id/home/:section`: saves a section, and moves or removes one of its rows. Shows the form again
 * with 422 for what the section can't have, and with 409 when a colleague has changed it.
 */
export async function save(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { t } = textsOf(response)
  const section = sectionIn(request, brand)
  const body = (request.body ?? {}) as Record<string, unknown>
  const typed = typedSection(section, body)
  const values = { ...valuesOf(typed), basis: body.basis }
  const read = sectionKinds[section.kind].safeParse(typed)
  if (!read.success) {
    const form = { values, errors: errorsOf(read.error, typed, t) }
    return showSection(response.status(422), brand, section, { form })
  }
  const change = (draft: BrandContent) => ({
    ...draft,
    home: homeSections.parse(draft.home.map(each => (each.id === section.id ? read.data : each))),
  })
  const partOf = ({ home }: BrandContent) => home.find(({ id }) => id === section.id)
  if (!(await saveDraftPart(brand, partOf, change, String(body.basis)))) {
    const form = {
      values: { ...values, basis: partKeyOf(partOf(brand.draft)) },
      errors: { form: t('admin:errors.draftConflict') },
    }
    return showSection(response.status(409), brand, section, { form })
  }
  const isMoved = typeof body.change === 'string' && body.change !== ''
  done(response, isMoved ? sectionPath(brand, section) : `${brandPath(brand)}/home`, 'brandSaved')
}

function sectionIn(request: Request, { draft }: Brand): Section {
  const section = draft.home.find(({ id }) => id === request.params.section)
  if (!section) throw notFound()
  return section
}

const sectionPath = (brand: Brand, { id }: Pick<Section, 'id'>) => `${brandPath(brand)}/home/${id}`

type TextName = 'title' | 'text' | 'note' | 'pictureAlt' | 'videoLabel' | 'videoNote' | 'tour' | 'course'
type ListName = 'buttons' | 'customers' | 'rows' | 'quotes' | 'paths'

/** What the form of each kind of section has besides its files. */
const formsOfKinds: Record<SectionKind, { texts: TextName[]; hasQuote?: true; list?: ListName }> = {
  hero: {
    texts: ['title', 'text', 'note', 'pictureAlt', 'videoLabel', 'videoNote', 'tour'],
    list: 'buttons',
  },
  facts: { texts: [] },
  customers: { texts: ['text'], list: 'customers' },
  start: { texts: ['title', 'text'], list: 'rows' },
  course: { texts: ['title', 'course', 'text'], hasQuote: true, list: 'buttons' },
  quotes: { texts: ['title'], list: 'quotes' },
  paths: { texts: ['title'], list: 'paths' },
  sessions: { texts: ['title'] },
  catalogue: { texts: ['title'] },
  closing: { texts: ['title', 'text'], list: 'buttons' },
}
const quoteFields = ['text', 'person', 'company'] as const
const longest: Partial<Record<string, number>> = {
  ...{ text: 400, note: 200, pictureAlt: 300, videoLabel: 60, videoNote: 60, person: 80, company: 80 },
  ...{ label: 60, path: 500, name: 80, course: 80, tour: 200 },
}

/** Returns the lists of rows of a kind; a section with rows of its own may have one button beside them. */
function listsOf(
  kind: SectionKind,
  { t }: Pick<Texts, 't'>,
  paths: { value: string; text: string }[] = [],
): RowList[] {
  const field = (name: string, hint?: string) => ({
    name,
    label: t(`admin:home.fields.${name}`),
    maxlength: longest[name] ?? 120,
    ...(hint && { hint: t(`admin:home.hints.${hint}`) }),
  })
  const symbols = rowSymbols.map(value => ({ value, text: t(`admin:home.symbols.${value}`) }))
  const lists: Record<ListName, Pick<RowList, 'fields' | 'max'>> = {
    buttons: { fields: [field('label'), field('path', 'path')], max: kind === 'start' ? 1 : 2 },
    customers: { fields: [field('name'), { ...field('logo'), hidden: true }], max: 12 },
    rows: {
      fields: [
        ...[field('title'), field('text'), field('path', 'rowPath')],
        { ...field('symbol'), options: [{ value: '', text: t('admin:home.noSymbol') }, ...symbols] },
      ],
      max: 8,
    },
    quotes: { fields: quoteFields.map(name => field(name)), max: 6 },
    paths: {
      fields: [{ ...field('path'), options: [{ value: '', text: t('admin:home.choosePath') }, ...paths] }],
      max: 6,
    },
  }
  const { list } = formsOfKinds[kind]
  const names = list ? [list, ...(kind === 'start' ? (['buttons'] as const) : [])] : []
  return names.map(name => ({ list: name, legend: t(`admin:home.lists.${name}`), ...lists[name] }))
}

/** Returns a section as its form says; its files stay. */
function typedSection(section: Section, body: Record<string, unknown>): Section {
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  const { texts, hasQuote } = formsOfKinds[section.kind]
  const files = new Map(filesIn(section).map(file => [file.hash, file]))
  const lists = listsOf(section.kind, { t: key => key }).map(
    list => [list.list, typedRows(body, list)] as const,
  )
  const quote = Object.fromEntries(quoteFields.map(name => [name, text(`quote.${name}`)]))
  return {
    ...section,
    ...Object.fromEntries(texts.map(name => [name, text(name)])),
    ...Object.fromEntries(lists.map(([list, rows]) => [list, rows.map(row => itemOf(list, row, files))])),
    ...(hasQuote && { quote: Object.values(quote).some(Boolean) ? quote : null }),
  } as Section
}

function itemOf(list: string, row: TypedRow, files: Map<string, BrandFile>): unknown {
  if (list === 'paths') return row.path
  return list === 'customers' ? { ...row, logo: files.get(row.logo ?? '') ?? null } : row
}

/** Returns the values of a section's form. */
function valuesOf(section: Section): Record<string, unknown> {
  const rows = Object.entries(section).flatMap(([list, items]: [string, unknown]) =>
    Array.isArray(items) ? Object.entries(rowValues(list, items.map(rowOf))) : [],
  )
  const quote = section.kind === 'course' && section.quote ? section.quote : {}
  return {
    ...section,
    ...Object.fromEntries(rows),
    ...Object.fromEntries(Object.entries(quote).map(([name, value]) => [`quote.${name}`, value])),
  }
}

function rowOf(item: unknown): object {
  if (typeof item === 'string') return { path: item }
  const { logo, ...row } = item as { logo?: BrandFile | null }
  return logo === undefined ? row : { ...row, logo: logo?.hash ?? '' }
}

async function showHome(response: Response, brand: Brand, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { home } = brand.draft
  const move = (to: 'up' | 'down', section: Section) => ({
    value: `${to}:${section.id}`,
    icon: to === 'up' ? 'arrow-up' : 'arrow-down',
    label: t(`admin:lists.${to}`, { name: nameOf(section, texts) }),
  })
  response.render('admin/brand-home', {
    ...(await brandTabOf(brand, texts, 'home', form)),
    basis: partKeyOf(home),
    ...(form && { form }),
    sections: home.map((section, n) => ({
      href: formsOfKinds[section.kind].texts.length ? sectionPath(brand, section) : null,
      name: nameOf(section, texts),
      kind: t(`admin:home.kinds.${section.kind}.text`),
      moves: [
        ...(n > 0 ? [move('up', section)] : []),
        ...(n < home.length - 1 ? [move('down', section)] : []),
      ],
      remove: {
        value: `remove:${section.id}`,
        label: t('admin:files.removeLabel', { name: nameOf(section, texts) }),
      },
    })),
    addField: {
      kind: 'select',
      name: 'add',
      label: t('admin:home.add'),
      options: [
        { value: '', text: t('admin:home.choose') },
        ...kindsToAdd(home).map(kind => ({ value: kind, text: t(`admin:home.kinds.${kind}.name`) })),
      ],
    } satisfies FormField,
  })
}

function nameOf(section: Section, { t }: Texts): string {
  const kind = t(`admin:home.kinds.${section.kind}.name`)
  const title = 'title' in section ? section.title : ''
  return title ? `${kind}: ${title}` : kind
}

/** Shows a section's page, with the errors of its form or of one of its files. */
export async function showSection(
  response: Response,
  brand: Brand,
  section: Section,
  refused: { form?: Form; files?: Form } = {},
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const [tab, courses, paths] = await Promise.all([
    brandTabOf(brand, texts, 'home', refused.form),
    publishedCourses(),
    Paths.published(),
  ])
  const form = refused.form ?? { values: valuesOf(section), errors: {} }
  const lists = listsOf(
    section.kind,
    texts,
    paths.map(({ id, content }) => ({ value: id, text: content.title })),
  )
  response.render('admin/brand-section', {
    ...tab,
    title: nameOf(section, texts),
    text: t(`admin:home.kinds.${section.kind}.text`),
    action: sectionPath(brand, section),
    basis: partKeyOf(section),
    form,
    fields: fieldsOf(
      section,
      {
        course: courses.map(({ slug, content }) => ({ value: slug, text: content.title })),
        tour: freeTours(courses),
      },
      texts,
    ),
    lists: lists.map(list => rowsView(list, form.values, t)),
    files: slotsOfSection(section).map(slot => {
      const [field = '', index] = slot.name.split('.').slice(2)
      const label =
        section.kind === 'customers'
          ? t('admin:home.logoOf', { name: section.customers[Number(index)]!.name })
          : t(`admin:home.fields.${field}`)
      const hint = section.kind === 'hero' ? t(`admin:home.hints.${field}`) : undefined
      const remove = t('admin:files.removeLabel', { name: label })
      const about = { label, hint, remove, onDark: field === 'pictureDark' }
      return slotView(brand, slot, fileAt(section, field, Number(index)), about, refused.files, texts)
    }),
  })
}

function fileAt(section: Section, field: string, index: number): BrandFile | null {
  if (section.kind === 'customers') return section.customers[index]?.logo ?? null
  return (
    (Object.entries(section).find(([name]) => name === field)?.[1] as BrandFile | null | undefined) ?? null
  )
}

/** Returns the free product tours of published courses, as `<course>/<lesson>`. */
const freeTours = (courses: readonly Published[]): Choice[] =>
  courses.flatMap(({ slug, content, lessons }) =>
    lessons
      .filter(({ kind, preview }) => kind === 'tour' && preview)
      .map(lesson => ({ value: `${slug}/${lesson.slug}`, text: `${content.title}: ${lesson.title}` })),
  )

type Choice = { value: string; text: string }

function fieldsOf(section: Section, choices: Record<'course' | 'tour', Choice[]>, { t }: Texts): FormField[] {
  const { kind } = section
  const { texts, hasQuote } = formsOfKinds[kind]
  const field = (name: string, of: string): FormField => ({
    name,
    label: t(`admin:home.fields.${of}`),
    maxlength: longest[of] ?? 120,
    autocomplete: 'off',
  })
  const own = texts.map((name): FormField => {
    const hint =
      name === 'title' || name === 'text' ? blankHints[kind]?.[name] : name === 'course' ? '' : name
    const about = { ...field(name, name), ...(hint && { hint: t(`admin:home.hints.${hint}`) }) }
    if (name === 'text') return { ...about, kind: 'textarea', rows: 3 }
    if (name !== 'course' && name !== 'tour') return about
    const none = t(name === 'tour' ? 'admin:home.noTour' : 'admin:home.chooseCourse')
    // A form that changes something else keeps a tour that is withdrawn for now.
    const chosen = section.kind === 'hero' ? section.tour : ''
    const isMissing = name === 'tour' && chosen && choices.tour.every(({ value }) => value !== chosen)
    return {
      ...about,
      kind: 'select',
      options: [
        { value: '', text: none },
        ...choices[name],
        ...(isMissing ? [{ value: chosen, text: t('admin:home.tourMissing', { tour: chosen }) }] : []),
      ],
    }
  })
  const quote = quoteFields.map(name => field(`quote.${name}`, name === 'text' ? 'quote' : name))
  return [...own, ...(hasQuote ? quote : [])]
}

/** The sections that show a general text in place of an empty one. */
const blankHints: Partial<Record<SectionKind, { title?: string; text?: string }>> = {
  hero: { title: 'blank', text: 'blank' },
  paths: { title: 'blank' },
  catalogue: { title: 'blank' },
  customers: { text: 'proof' },
}
