import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { changeDraft } from '../courses/change-draft'
import { nextStepKinds } from '../brand/content'
import { entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import { lessonsOf } from '../courses/content'
import type { Course, CourseContent } from '../courses/course'
import { languageCodes } from '../courses/language-codes'
import type { Published } from '../courses/published'
import { coursesFor } from '../courses/shown-courses'
import { coursePermissions } from '../courses/course-role'
import { courseVisibilities } from '../courses/visibility'
import { shownDomain } from '../people/email-address'
import { audit } from '../events/audit'
import { currencies, decimalAmount } from '../platform/currency'
import { readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import { courseOf, coursePage, setDoneFlash, versionOf, savedOrRefused } from './course-page'
import type { FormField } from '../web/field'
import { hasRows, rowsView, rowValues, typedRows, type RowList, type RowsView } from '../web/form-rows'
import { textsOf, type Texts } from '../web/texts'
import { fileOptions, settingsScripts, type TypedBody } from './field-rows'
import { courseSettings, freeVideos } from './settings-schema'
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
  const body = request.body as TypedBody
  const list = authorList(textsOf(response))
  const authors = hasRows(body, list) ? typedRows(body, list) : draft.authors
  const typed = { body: { ...body, authors } }
  if (typeof body.change === 'string') {
    // Without the rows as they were sent: a removed one would come back.
    const others = Object.entries(body).filter(([name]) => !name.startsWith('authors.'))
    const values = { ...Object.fromEntries(others), ...rowValues('authors', authors) }
    return renderSettings(person, response, { values, errors: {} }, String(body.baseVersion ?? ''))
  }
  const { data, form } = readForm(courseSettings(draft, response.locals.lists), typed, response)
  if (form) {
    response.status(422)
    return renderSettings(person, response, form, String(request.body?.baseVersion ?? ''))
  }
  const { baseVersion, cover, previewVideo, visibility, companies, excludedCompanies, ...fields } = data
  let currentVersion = ''
  const saving = changeDraft(
    courseOf(response)._id,
    content => {
      currentVersion = settingsVersion(content)
      if (currentVersion !== baseVersion) return content
      const { cover: _cover, previewVideo: _video, ...kept } = content
      const chosen = { ...(cover && { cover }), ...(previewVideo && { previewVideo }) }
      const changed = { ...kept, ...fields, ...chosen }
      return mayRestrict ? withVisibility(changed, { visibility, companies, excludedCompanies }) : changed
    },
    { by: person._id },
  )
  const { saved: course, refusal } = await savedOrRefused(saving, response)
  if (refusal) {
    response.status(refusal.status)
    return renderSettings(person, response, { values: body, errors: refusal.errors }, baseVersion)
  }
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
  const page = await coursePage(person, response, 'course-settings')
  const courses = await coursesFor(person)
  response.render('studio/settings', {
    ...page,
    scripts: [...page.scripts, ...settingsScripts],
    form,
    baseVersion,
    sections: sectionsOf(courseOf(response), textsOf(response), person, courses, form.values),
  })
}

/** Returns the form's fieldsets, each with its fields row by row. */
function sectionsOf(
  course: Course,
  texts: Texts,
  person: Person,
  courses: readonly Published[],
  values: Form['values'],
) {
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
    { id: null, legend: t('studio:settings.onCoursePage'), rows: coursePageRows(draft, texts, values) },
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
export function listOptions(list: ListName, chosen: readonly string[], { t, lists, listName }: Texts) {
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

/** The authors, each with a role. */
function authorList({ t }: Pick<Texts, 't'>): RowList {
  return {
    list: 'authors',
    legend: t('studio:settings.authors'),
    hint: t('studio:settings.authorsHint'),
    max: 20,
    fields: [
      { name: 'name', label: t('studio:settings.authorName'), maxlength: 100 },
      { name: 'role', label: t('studio:settings.authorRole'), maxlength: 100, optional: true },
      { name: 'about', label: t('studio:settings.authorAbout'), maxlength: 600, optional: true },
    ],
  }
}

function coursePageRows(
  draft: CourseContent,
  texts: Texts,
  values: Form['values'],
): (FormField[] | RowsView)[] {
  const { t } = texts
  const { assets, cover, previewVideo = '' } = draft
  const videos = freeVideos(draft)
  const titles = new Map(lessonsOf(draft).map(({ slug, title }) => [slug, title]))
  const images = assets.filter(({ type }) => type.startsWith('image/'))
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
          ...fileOptions(images, cover ? [cover] : []),
        ],
      },
    ],
    [
      {
        kind: 'select',
        name: 'previewVideo',
        label: t('studio:settings.previewVideo'),
        hint: t('studio:settings.previewVideoHint'),
        options: [
          { value: '', text: t('studio:settings.firstVideo') },
          ...[...new Set([...videos, ...(previewVideo ? [previewVideo] : [])])].map(value => ({
            value,
            text: titles.get(value) ?? value,
          })),
        ],
      },
    ],
    [textarea('outcomes', 'oneLine', 4)],
    [textarea('forYou', 'oneLine', 3)],
    [textarea('notForYou', 'oneLine', 3)],
    rowsView(authorList(texts), values, t),
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
/** Returns the languages to choose from, by name, with the present one. */
export function languageOptions(own: string, { languageName }: Texts) {
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
        options: ['none', ...nextStepKinds].map(value => ({
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
        ...(courses.length > 12 && { filter: t('studio:settings.relatedFilter') }),
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
    ...rowValues('authors', authors),
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

function settingsVersion({ modules: _modules, assets: _assets, ...fields }: CourseContent): string {
  return versionOf(fields)
}
