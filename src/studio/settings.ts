import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { isLanguageTag } from '../platform/language-tag'
import { normaliseLine } from '../platform/text'
import { changeDraft } from '../courses/change-draft'
import { callToActionKinds, withPlainLineEnds } from '../courses/content'
import { entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import type { Course, CourseContent } from '../courses/course'
import { languageCodes } from '../courses/language-codes'
import type { Published } from '../courses/published'
import { coursesFor } from '../courses/shown-courses'
import { coursePermissions } from '../courses/course-role'
import { courseVisibilities, maxCompanies } from '../courses/visibility'
import { registrableDomain } from '../people/company'
import { shownDomain } from '../people/email-address'
import { maxSlugLength, slugForm } from '../courses/slug'
import { audit } from '../events/audit'
import { currencies, decimalAmount, minorAmount, priceProblem } from '../platform/currency'
import { checkbox, lineField, optionalField, readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import { courseOf, coursePage, setDoneFlash, versionOf } from './course-page'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { addEntryUrl, urlOf } from './urls'

/** `GET /studio/courses/:slug/settings` */
export async function edit(request: Request, response: Response, person: Person): Promise<void> {
  const { draft } = courseOf(response)
  const form = { values: valuesOf(draft, response.locals.lists), errors: {} }
  await renderSettings(person, response, form, settingsVersion(draft))
}

/** `POST /studio/courses/:slug/settings`: saves them, or responds with 409 if someone else has changed them since. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const { draft } = courseOf(response)
  const mayRestrict = coursePermissions(person, courseOf(response)).has('publish')
  const { data, form } = readForm(schemaFor(draft, response.locals.lists), request, response)
  if (form) {
    response.status(422)
    return renderSettings(person, response, form, String(request.body?.baseVersion ?? ''))
  }
  const { baseVersion, cover, visibility, companies, excludedCompanies, ...fields } = data
  let currentVersion = ''
  const course = await changeDraft(
    courseOf(response)._id,
    content => {
      currentVersion = settingsVersion(content)
      if (currentVersion !== baseVersion) return content
      const { cover: _before, ...kept } = content
      const changed = { ...kept, ...fields, ...(cover && { cover }) }
      return mayRestrict ? withVisibility(changed, { visibility, companies, excludedCompanies }) : changed
    },
    { by: person._id },
  )
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
  await audit({ actor: person._id, action: 'course.changed', subject: course.slug })
  setDoneFlash(response, t('studio:flash.settings'))
  response.redirect(303, `${urlOf(course)}/settings`)
}

async function renderSettings(
  person: Person,
  response: Response,
  form: Form,
  baseVersion: string,
): Promise<void> {
  response.render('studio/settings', {
    ...(await coursePage(person, response, 'course-settings')),
    form,
    baseVersion,
    sections: sectionsOf(courseOf(response), textsOf(response), person, await coursesFor(person)),
  })
}

/** Returns the form's fieldsets, each with its fields row by row. */
function sectionsOf(course: Course, texts: Texts, person: Person, courses: readonly Published[]) {
  const { t } = texts
  const { draft } = course
  const canAdd = permissionsOf(person).admin
  const mayRestrict = coursePermissions(person, course).has('publish')
  return [
    // The summary of a conflict links to `#form`.
    { id: 'form', legend: t('studio:settings.inCatalogue'), rows: catalogueRows(draft, texts, canAdd) },
    ...(mayRestrict
      ? [{ id: 'who', legend: t('studio:settings.whoSees'), rows: visibilityRows(course, texts) }]
      : []),
    { id: null, legend: t('studio:settings.onCoursePage'), rows: coursePageRows(draft, texts) },
    { id: null, legend: t('studio:settings.onCompletion'), rows: completionRows(course, texts, courses) },
  ]
}

function catalogueRows(draft: CourseContent, texts: Texts, canAdd: boolean): FormField[][] {
  const { price } = draft
  const { t } = texts
  const offered = price && !currencies.includes(price.currency) ? [price.currency, ...currencies] : currencies
  return [
    [{ name: 'title', label: t('studio:settings.name'), required: true, maxlength: 120 }],
    [
      {
        kind: 'textarea',
        name: 'summary',
        label: t('studio:settings.summary'),
        hint: t('studio:settings.summaryHint'),
        rows: 2,
        maxlength: 400,
      },
    ],
    [
      {
        kind: 'textarea',
        name: 'description',
        label: t('studio:settings.description'),
        hint: t('studio:settings.descriptionHint'),
        rows: 8,
        maxlength: 20000,
      },
    ],
    [
      {
        kind: 'select',
        name: 'topic',
        label: t('studio:settings.topic'),
        options: listOptions('topics', [draft.topic], texts),
        end: canAdd ? addLink('topics', draft.topic, texts) : '',
      },
      {
        kind: 'select',
        name: 'level',
        label: t('studio:settings.level'),
        options: listOptions('levels', [draft.level], texts),
        end: canAdd ? addLink('levels', draft.level, texts) : '',
      },
    ],
    [
      {
        kind: 'checkboxes',
        name: 'audiences',
        label: t('studio:settings.audiences'),
        hint: t('studio:settings.audiencesHint'),
        options: listOptions('audiences', draft.audiences, texts),
      },
      {
        kind: 'select',
        name: 'language',
        label: t('studio:settings.language'),
        options: languageOptions(draft.language, texts),
      },
    ],
    [
      {
        name: 'amount',
        label: t('studio:settings.price'),
        hint: t('studio:settings.priceHint'),
        inputmode: 'decimal',
        maxlength: 10,
      },
      {
        kind: 'select',
        name: 'currency',
        label: t('studio:settings.currency'),
        hint: t('studio:settings.currencyHint'),
        options: offered.map(value => ({ value, text: value })),
      },
    ],
  ]
}

/** Returns the entries of a list to choose from, and what the draft has that isn't on it. */
function listOptions(list: ListName, chosen: readonly string[], { t, lists, listName }: Texts) {
  const unlisted = chosen.filter(value => !entryOf(lists[list], value))
  return [
    ...lists[list].map(({ id }) => ({ value: id, text: listName(list, id) })),
    ...unlisted.map(value => ({ value, text: t('studio:settings.notListed', { value }) })),
  ]
}

/** A link that adds the word to the list, when it isn't on it. */
function addLink(list: ListName, value: string, { html, lists }: Texts): string {
  if (entryOf(lists[list], value)) return ''
  return html('studio:settings.addToList', { value, href: addEntryUrl(list, value) })
}

function visibilityRows(course: Course, { t, html }: Texts): FormField[][] {
  const domains = (name: 'companies' | 'excludedCompanies'): FormField => ({
    kind: 'textarea',
    name,
    label: t(`studio:settings.${name}`),
    hint: t(`studio:settings.${name}Hint`),
    rows: 3,
    spellcheck: 'false',
    optional: true,
  })
  return [
    [
      {
        kind: 'radios',
        name: 'visibility',
        label: t('studio:settings.visibility'),
        hint: t('studio:settings.visibilityHint'),
        end: html('studio:settings.inviteText', { href: `${urlOf(course)}/invitations` }),
        options: courseVisibilities.map(value => ({
          value,
          text: t(`studio:visibility.${value}`),
          hint: t(`studio:visibilityHint.${value}`),
        })),
      },
    ],
    [domains('companies'), domains('excludedCompanies')],
  ]
}

/** Fields that say what a file says without them are left out, as in a file. */
function withVisibility(
  { visibility: _who, companies: _listed, excludedCompanies: _excluded, ...content }: CourseContent,
  { visibility, companies, excludedCompanies }: Required<Pick<CourseContent, VisibilityField>>,
): CourseContent {
  return {
    ...content,
    ...(visibility !== 'public' && { visibility }),
    ...(companies?.length && { companies }),
    ...(excludedCompanies?.length && { excludedCompanies }),
  }
}
type VisibilityField = 'visibility' | 'companies' | 'excludedCompanies'

function coursePageRows({ assets, cover }: CourseContent, { t }: Texts): FormField[][] {
  const images = assets.filter(({ type }) => type.startsWith('image/')).map(({ path }) => path)
  const missing = cover && !images.includes(cover) ? [cover] : []
  const textarea = (name: string, hint: string, rows: number): FormField => ({
    kind: 'textarea',
    name,
    label: t(`studio:settings.${name}`),
    hint: t(`studio:settings.${hint}`),
    rows,
  })
  return [
    [
      {
        kind: 'select',
        name: 'cover',
        label: t('studio:settings.cover'),
        hint: t('studio:settings.coverHint'),
        options: [
          { value: '', text: t('studio:settings.drawnCover') },
          ...[...images, ...missing].map(value => ({ value, text: value.replace('assets/', '') })),
        ],
      },
    ],
    [textarea('outcomes', 'oneLine', 4)],
    [textarea('forYou', 'oneLine', 3)],
    [textarea('notForYou', 'oneLine', 3)],
    [textarea('authors', 'authorsHint', 2)],
    [
      {
        name: 'checkedOn',
        label: t('studio:settings.checkedOn'),
        hint: t('studio:settings.checkedOnHint'),
        type: 'date',
        optional: true,
      },
    ],
  ]
}

/** Returns the languages that a course can be in by their names, with its own one, which a file may have set. */
function languageOptions(own: string, { languageName }: Texts) {
  return [...new Set([own, ...languageCodes])]
    .map(value => ({ value, text: languageName(value) }))
    .sort((a, b) => a.text.localeCompare(b.text))
}

function completionRows(
  course: Pick<Course, 'slug' | 'draft'>,
  { t }: Texts,
  courses: readonly Published[],
): FormField[][] {
  return [
    [{ kind: 'checkbox', name: 'certificate', label: t('studio:settings.certificate') }],
    [
      {
        kind: 'select',
        name: 'callToAction',
        label: t('studio:settings.contactRequest'),
        hint: t('studio:settings.contactRequestHint'),
        options: ['none', ...callToActionKinds].map(value => ({
          value,
          text: t(`studio:contactRequestKinds.${value}`),
        })),
      },
    ],
    [{ name: 'callToActionLabel', label: t('studio:settings.contactRequestLabel'), maxlength: 60 }],
    [
      {
        kind: 'textarea',
        name: 'callToActionText',
        label: t('studio:settings.contactRequestText'),
        rows: 3,
        maxlength: 600,
      },
    ],
    [
      {
        kind: 'checkboxes',
        name: 'related',
        label: t('studio:settings.related'),
        hint: t('studio:settings.relatedHint'),
        options: relatedOptions(course, courses),
        isLong: courses.length > 12,
      },
    ],
  ]
}

/** The related courses in their order, with those that aren't published, then the other published ones by title. */
function relatedOptions({ slug, draft }: Pick<Course, 'slug' | 'draft'>, courses: readonly Published[]) {
  const titles = new Map(courses.map(course => [course.slug, course.content.title]))
  const others = [...titles.keys()].filter(other => other !== slug && !draft.related.includes(other))
  return [...draft.related, ...others].map(value => ({ value, text: titles.get(value) ?? value }))
}

const lines = (maxLines: number, maxLength: number) =>
  z
    .string()
    .default('')
    .transform(text => text.split(/\r?\n/).flatMap(line => normaliseLine(line) || []))
    .refine(items => items.length <= maxLines, {
      error: 'studio:errors.tooManyLines',
      params: { maximum: maxLines },
    })
    .refine(items => items.every(item => item.length <= maxLength), {
      error: 'studio:errors.lineTooLong',
      params: { maximum: maxLength },
    })

/** Company domains, as they are stored; what the draft has when the form doesn't have the field. */
const domainLines = (before: readonly string[] = []) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return [...before]
      const typed = text.split(/[\s,;]+/).filter(Boolean)
      const invalid = typed.filter(line => !registrableDomain(line))
      if (invalid.length) {
        const lines = invalid.slice(0, 5).join(', ')
        context.addIssue({ code: 'custom', message: 'studio:errors.notCompanies', params: { lines } })
      }
      const domains = [...new Set(typed.flatMap(line => registrableDomain(line) ?? []))].sort()
      if (domains.length > maxCompanies) {
        const params = { maximum: maxCompanies }
        context.addIssue({ code: 'custom', message: 'studio:errors.tooManyCompanies', params })
      }
      return domains
    })

/** Takes what is on the lists, and what the draft has already: a form that changes something else can be saved. */
const schemaFor = (draft: CourseContent, lists: CatalogueLists) => {
  const onList = (list: ListName, own: readonly string[]) =>
    z
      .string({ error: 'web:errors.chooseOne' })
      .refine(value => own.includes(value) || entryOf(lists[list], value), { error: 'web:errors.chooseOne' })
  return z
    .object({
      topic: onList('topics', [draft.topic]),
      level: onList('levels', [draft.level]),
      cover: z
        .string()
        .max(300)
        .default(draft.cover ?? '')
        .refine(path => !path || path === draft.cover || draft.assets.some(asset => asset.path === path), {
          error: 'web:errors.chooseOne',
        }),
      visibility: z
        .enum(courseVisibilities, { error: 'web:errors.chooseOne' })
        .default(draft.visibility ?? 'public'),
      companies: domainLines(draft.companies),
      excludedCompanies: domainLines(draft.excludedCompanies),
      audiences: z.preprocess(
        value => (value === undefined ? [] : [value].flat()),
        z.array(onList('audiences', draft.audiences)).max(10, { error: 'studio:errors.audiences' }),
      ),
    })
    .refine(({ visibility, companies }) => visibility !== 'listed-companies' || companies.length, {
      error: 'studio:errors.noCompanies',
      path: ['companies'],
    })
    .and(ownFields)
}

const ownFields = z
  .object({
    baseVersion: z.string().max(50).default(''),
    title: lineField('studio:errors.title', 120),
    summary: optionalField(400).transform(text => text ?? ''),
    description: z
      .string()
      .default('')
      .transform(withPlainLineEnds)
      .pipe(z.string().max(20_000, { error: 'web:errors.tooLong' })),
    language: z.string().trim().refine(isLanguageTag, { error: 'web:errors.chooseOne' }),
    amount: z
      .string()
      .default('')
      .transform(text => text.trim().replace(',', '.'))
      .pipe(z.string().regex(/^(?:\d{1,8}(?:\.\d{1,2})?)?$/, { error: 'studio:errors.price' })),
    currency: z.string().regex(/^[A-Z]{3}$/, { error: 'web:errors.chooseOne' }),
    authors: lines(20, 200),
    outcomes: lines(12, 300),
    forYou: lines(12, 300),
    notForYou: lines(12, 300),
    callToAction: z.enum(['none', ...callToActionKinds], { error: 'web:errors.chooseOne' }),
    callToActionLabel: optionalField(60).transform(text => text ?? ''),
    callToActionText: optionalField(600).transform(text => text ?? ''),
    certificate: checkbox,
    checkedOn: z
      .string()
      .default('')
      .refine(day => !day || z.iso.date().safeParse(day).success, { error: 'studio:errors.day' })
      .transform(day => day || null),
    related: z.preprocess(
      value => [value ?? []].flat().filter(slug => slug !== ''),
      z
        .array(z.string().max(maxSlugLength).regex(slugForm, { error: 'web:errors.chooseOne' }), {
          error: 'web:errors.chooseOne',
        })
        .max(10, { error: 'studio:errors.related' })
        .transform(slugs => [...new Set(slugs)]),
    ),
  })
  .refine(({ callToAction, callToActionLabel }) => callToAction === 'none' || callToActionLabel, {
    error: 'studio:errors.contactRequestLabel',
    path: ['callToActionLabel'],
  })
  .check(({ value: { amount, currency }, issues }) => {
    const refused = Number(amount) ? priceProblem(minorAmount(amount, currency), currency) : null
    if (!refused) return
    const { problem, ...params } = refused
    const [field, message] = [problem === 'currency' ? problem : 'amount', `studio:errors.prices.${problem}`]
    issues.push({ code: 'custom', input: amount, path: [field], message, params })
  })
  .transform(
    ({ amount, currency, authors, callToAction: kind, callToActionLabel, callToActionText, ...rest }) => ({
      ...rest,
      price: Number(amount) ? { amount: minorAmount(amount, currency) ?? 0, currency } : null,
      authors: authors.map(toAuthor),
      callToAction: kind === 'none' ? null : { kind, label: callToActionLabel, text: callToActionText },
    }),
  )

function valuesOf(
  { price, authors, callToAction, ...draft }: CourseContent,
  lists: CatalogueLists,
): Record<string, unknown> {
  const listed = (list: ListName, value: string) => entryOf(lists[list], value)?.id ?? value
  return {
    ...draft,
    topic: listed('topics', draft.topic),
    level: listed('levels', draft.level),
    audiences: draft.audiences.map(value => listed('audiences', value)),
    amount: price ? decimalAmount(price.amount, price.currency).replace(/\.0+$|(?<=\.\d\d)0$/, '') : '',
    currency: price?.currency ?? currencies[0],
    authors: authors.map(({ name, role }) => (role ? `${name}, ${role}` : name)).join('\n'),
    outcomes: draft.outcomes.join('\n'),
    forYou: draft.forYou.join('\n'),
    notForYou: draft.notForYou.join('\n'),
    visibility: draft.visibility ?? 'public',
    companies: (draft.companies ?? []).map(shownDomain).join('\n'),
    excludedCompanies: (draft.excludedCompanies ?? []).map(shownDomain).join('\n'),
    callToAction: callToAction?.kind ?? 'none',
    callToActionLabel: callToAction?.label,
    callToActionText: callToAction?.text,
    certificate: draft.certificate ? 'on' : '',
  }
}

/** Reads `Ines Halvorsen, learning`: a name, a comma and a role. A role may contain commas, but a name may not. */
function toAuthor(line: string): CourseContent['authors'][number] {
  const [, name = line, role = ''] = /^([^,]*),\s*(.*)$/.exec(line) ?? []
  return { name: name.trim() || line, role }
}

function settingsVersion({ modules: _modules, assets: _assets, ...fields }: CourseContent): string {
  return versionOf(fields)
}
