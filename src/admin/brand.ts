import type { Request, Response } from 'express'
import { z } from 'zod'
import { baseUrlOf, BrandVersions, type Brand, type BrandVersion } from '../brand/brand'
import { saveBrandDraft } from '../brand/change-brand'
import {
  blankBrand,
  brandContent,
  brandNames,
  completeContent,
  nextStepKinds,
  type BrandContent,
} from '../brand/content'
import { line } from '../brand/fields'
import { catalogueLists, entryId, type CatalogueLists } from '../courses/catalogue-lists'
import { publishedCourses, type Published } from '../courses/published'
import { notFound } from '../platform/errors'
import { namesOf } from '../people/names'
import { endPreview, startPreview } from '../web/shown-brand'
import type { FormField } from '../web/field'
import type { Handler } from '../web/handler'
import { checkedValues, emptyForm, readForm, type Form } from '../web/form'
import { localPath } from '../web/local-path'
import { languages } from '../web/i18n'
import { textsOf, type Texts } from '../web/texts'
import { changesBetween } from './brand-state'
import { brandTabOf } from './brand-tab'
import { brandPath, brandRecordOf } from './brands'
import { done, draftNumberIn, frameOf, partKeyOf, saveDraftPart } from './brand-parts'

const view = 'admin/brand'

/** `GET /admin/brands/:id`: the names, addresses and courses of a brand's draft. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await showNames(response, brandRecordOf(response))
}

const checked = <Names extends z.ZodType>(names: Names) => z.preprocess(checkedValues, names)
/** What this page changes; the other parts have pages of their own. */
const own = {
  ...{ academyName: true, companyName: true, productName: true, legalName: true, postalAddress: true },
  ...{ tagline: true, privacyEmail: true, accessibilityEmail: true, senderName: true, senderAddress: true },
  ...{ replyTo: true, emailFooter: true },
} as const satisfies Partial<Record<keyof BrandContent, true>>
const ownNames = Object.keys(own) as (keyof typeof own)[]
const draftForm = z
  .object({
    ...brandContent.pick(own).shape,
    productName: brandContent.shape.productName.optional(),
    emailFooter: brandContent.shape.emailFooter.optional(),
    /** Whether the brand shows all courses, or those of `topics` and `slugs`. */
    courses: z.enum(['all', 'some']).default('all'),
    topics: checked(brandNames),
    slugs: checked(brandNames),
    languages: checked(brandContent.shape.languages),
    motivation: z.enum(['on', 'off']).default('on'),
    trialUrl: brandContent.shape.trialUrl.default(''),
    nextStep: z.enum(['none', ...nextStepKinds], { error: 'web:errors.chooseOne' }).default('none'),
    nextStepLabel: line(60).default(''),
    nextStepText: line(400).default(''),
    basis: z.string({ error: 'web:errors.badRequest' }),
  })
  .refine(({ courses, topics, slugs }) => courses === 'all' || topics.length + slugs.length > 0, {
    error: 'admin:errors.brand.noCourses',
    path: ['courses'],
  })
  .refine(({ nextStep, nextStepLabel }) => nextStep === 'none' || nextStepLabel, {
    error: 'admin:errors.brand.nextStep',
    path: ['nextStepLabel'],
  })

const otherNames = ['courses', 'languages', 'motivation', 'nextStep', 'trialUrl'] as const
const partOf = (draft: BrandContent) => [...ownNames, ...otherNames].map(name => draft[name])

/**
 * `POST /admin/brands/:id`: saves the names. Shows the form again with 422 for a field that is wrong, and with 409 when
 * a colleague has changed them since it was opened; saving once more then replaces theirs.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { data, form } = readForm(draftForm, request, response)
  if (form) return showNames(response.status(422), brand, form)
  const { basis, courses, topics, slugs, motivation, ...rest } = data
  const { nextStep: kind, nextStepLabel: label, nextStepText, ...content } = rest
  const change = (draft: BrandContent) => ({
    ...draft,
    ...content,
    productName: content.productName ?? draft.productName,
    emailFooter: content.emailFooter ?? draft.emailFooter,
    courses: courses === 'all' ? null : { topics, slugs },
    motivation: motivation === 'on',
    nextStep: kind === 'none' ? null : { kind, label, text: nextStepText },
  })
  if (!(await saveDraftPart(brand, partOf, change, basis))) {
    const values = { ...request.body, basis: partKeyOf(partOf(brand.draft)) }
    const errors = { form: textsOf(response).t('admin:errors.draftConflict') }
    return showNames(response.status(409), brand, { values, errors })
  }
  done(response, brandPath(brand), 'brandSaved')
}

/** Shows the draft's form again with what was wrong with an imported file. */
export async function refuseImport(error: string, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const form: Form = { values: formValues(brand.draft), errors: { file: error } }
  await showNames(response.status(422), brand, form)
}

/** The values of the form's fields for a content. */
function formValues({ courses, motivation, nextStep, ...content }: BrandContent): Record<string, unknown> {
  return {
    ...content,
    ...{ courses: courses ? 'some' : 'all', ...courses, motivation: motivation ? 'on' : 'off' },
    ...{ nextStep: nextStep?.kind ?? 'none', nextStepLabel: nextStep?.label, nextStepText: nextStep?.text },
  }
}

/** `GET /admin/brands/:id/versions`: what has been published, newest first. */
export async function versions(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const all = await BrandVersions.find({ brandId: brand._id }).sort({ number: -1 }).limit(maxListed)
  const names = await namesOf(all.flatMap(each => each.publishedBy ?? []))
  response.render('admin/brand-versions', {
    ...frameOf(brand, textsOf(response).t('admin:brand.history'), textsOf(response)),
    draftNumber: brand.draftNumber,
    versions: all.map((version, n) => versionView(version, all[n + 1], brand, names, textsOf(response))),
  })
}

const maxListed = 200

/**
 * `POST /admin/brands/:id/versions/:number/restoration`: makes an earlier version the draft; nobody else sees it yet.
 */
export async function restoreVersion(request: Request, response: Response): Promise<void> {
  const { _id: brandId } = brandRecordOf(response)
  const version = await BrandVersions.findOne({ brandId, number: Number(request.params.number) || 0 })
  if (!version) throw notFound()
  await saveBrandDraft(brandId, completeContent(version.content), draftNumberIn(request))
  const { version: current } = brandRecordOf(response)
  const text = version._id === current ? 'brandDiscarded' : 'brandRestored'
  done(response, brandPath(brandRecordOf(response)), text, { version: version.number })
}

/** `GET /brand-previews/:token`: shows the drafts in this browser; anyone with the link may look. */
export const startPreviewing: Handler = (request, response) => {
  startPreview(request.params.token, response)
  response.redirect(303, localPath(request.query.page) ?? '/')
}

/** `POST /brand-preview/end` */
export const stopPreviewing: Handler = (_request, response) => {
  endPreview(response)
  response.redirect(303, '/')
}

async function showNames(response: Response, brand: Brand, refused?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const [tab, courses, lists] = await Promise.all([
    brandTabOf(brand, texts, 'names', refused),
    publishedCourses(),
    catalogueLists(),
  ])
  response.render(view, {
    ...tab,
    form: refused ?? emptyForm(formValues(brand.draft)),
    basis: partKeyOf(partOf(brand.draft)),
    draftNumber: brand.draftNumber,
    hosts: brand.hosts.length ? brand.hosts.join(', ') : new URL(baseUrlOf(brand._id)).hostname,
    sections: sectionsOf(texts),
    catalogue: catalogueFields(brand, courses, lists, texts),
    fileField: {
      name: 'file',
      type: 'file',
      label: t('admin:brand.importFile'),
      accept: '.json',
    } satisfies FormField,
  })
}

function versionView(
  version: BrandVersion,
  before: BrandVersion | undefined,
  brand: Brand,
  names: Map<string, string>,
  texts: Texts,
) {
  const { t, date } = texts
  const changes = changesBetween(
    completeContent(before?.content ?? blankBrand),
    completeContent(version.content),
    texts,
  )
  return {
    title: t('admin:brand.version', { version: version.number }),
    isCurrent: version._id === brand.version,
    at: date(version.publishedAt, 'full'),
    by: names.get(String(version.publishedBy)) ?? '',
    changes: changes.join(', '),
    restoreAction: `${brandPath(brand)}/versions/${version.number}/restoration`,
    restoreLabel: t('admin:brand.restoreLabel', { version: version.number }),
  }
}

function sectionsOf({ t }: Texts): { id: string; legend: string; text: string; fields: FormField[] }[] {
  const text = (name: keyof BrandContent, more: Partial<FormField> = {}): FormField => ({
    name,
    label: t(`admin:brand.fields.${name}`),
    maxlength: 200,
    autocomplete: 'off',
    ...more,
  })
  const address = (name: keyof BrandContent, more: Partial<FormField> = {}) =>
    text(name, { type: 'email', maxlength: 254, ...more })
  const hint = (name: string) => ({ hint: t(`admin:brand.hints.${name}`) })
  const section = (id: string, fields: FormField[]) => ({
    id,
    legend: t(`admin:brand.sections.${id}`),
    text: t(`admin:brand.sectionTexts.${id}`),
    fields,
  })
  return [
    section('names', [
      text('academyName', { maxlength: 60, ...hint('academyName') }),
      text('companyName', { maxlength: 80, ...hint('companyName') }),
      text('productName', { maxlength: 80, ...hint('productName') }),
      text('tagline', { maxlength: 160, ...hint('tagline') }),
    ]),
    section('legal', [text('legalName', { maxlength: 120 }), text('postalAddress', hint('postalAddress'))]),
    section('contact', [address('privacyEmail'), address('accessibilityEmail')]),
    section('email', [
      text('senderName', { maxlength: 60, ...hint('senderName') }),
      address('senderAddress', hint('senderAddress')),
      address('replyTo'),
      text('emailFooter', { kind: 'textarea', rows: 3, maxlength: 1000, ...hint('emailFooter') }),
    ]),
  ]
}

/** Which courses the brand shows, and in which languages, where there is a choice. */
function catalogueFields(
  { draft }: Brand,
  courses: Published[],
  { topics: listed }: CatalogueLists,
  { t, listName }: Texts,
): FormField[] {
  const chosen = draft.courses?.topics ?? []
  /** What the draft calls a topic, which may be an alias. */
  const valueOf = (topic: string) => {
    const id = entryId(listed, topic)
    return chosen.find(each => entryId(listed, each) === id) ?? id
  }
  const topics = new Set([...courses.map(({ content }) => valueOf(content.topic)), ...chosen])
  const titles = new Map([
    ...(draft.courses?.slugs ?? []).map(slug => [slug, slug] as const),
    ...courses.map(({ slug, content }) => [slug, content.title] as const),
  ])
  const choices = (name: 'topics' | 'slugs' | 'languages', options: FormField['options']): FormField[] =>
    options?.length ? [{ name, kind: 'checkboxes', label: t(`admin:brand.fields.${name}`), options }] : []
  return [
    {
      name: 'courses',
      kind: 'radios',
      label: t('admin:brand.fields.courses'),
      options: ['all', 'some'].map(value => ({ value, text: t(`admin:brand.courses.${value}`) })),
    },
    ...choices(
      'topics',
      [...topics].sort().map(value => ({ value, text: listName('topics', value) })),
    ),
    ...choices(
      'slugs',
      [...titles].map(([value, text]) => ({ value, text })),
    ),
    ...(languages.length > 1
      ? choices(
          'languages',
          languages.map(value => ({ value, text: value })),
        )
      : []),
    {
      name: 'motivation',
      kind: 'radios',
      label: t('admin:brand.fields.motivation'),
      hint: t('admin:brand.hints.motivation'),
      options: ['on', 'off'].map(value => ({ value, text: t(`admin:brand.motivation.${value}`) })),
    },
    {
      name: 'nextStep',
      kind: 'select',
      label: t('admin:brand.fields.nextStep'),
      hint: t('admin:brand.hints.nextStep'),
      options: ['none', ...nextStepKinds].map(value => ({
        value,
        text: t(`studio:contactRequestKinds.${value}`),
      })),
    },
    { name: 'nextStepLabel', label: t('studio:settings.contactRequestLabel'), maxlength: 60 },
    { name: 'nextStepText', label: t('studio:settings.contactRequestText'), maxlength: 400 },
    {
      ...{ name: 'trialUrl', type: 'url', maxlength: 500, optional: true },
      label: t('admin:brand.fields.trialUrl'),
      hint: t('admin:brand.hints.trialUrl'),
    },
  ]
}
