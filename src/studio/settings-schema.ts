import { z } from 'zod'
import { entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import { nextStepKinds } from '../brand/content'
import { isFreeVideo, lessonsOf, withPlainLineEnds } from '../courses/content'
import type { CourseContent } from '../courses/course'
import { maxSlugLength, slugForm } from '../courses/slug'
import { courseVisibilities, maxCompanies } from '../courses/visibility'
import { registrableDomain } from '../people/company'
import { minorAmount, priceProblem } from '../platform/currency'
import { isLanguageTag } from '../platform/language-tag'
import { normaliseLine } from '../platform/text'
import { checkbox, lineField, optionalField } from '../web/form'

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

/** Returns the lessons whose video the course's page may play. */
export const freeVideos = (draft: CourseContent): string[] =>
  lessonsOf(draft)
    .filter(isFreeVideo)
    .map(({ slug }) => slug)

/** Company domains, as they are stored; what the draft has when the form doesn't have the field. */
export const domainLines = (before: readonly string[] = []) =>
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

/**
 * Returns the schema of a course's settings. It takes what is on the lists, and what the draft has already: a form that
 * changes something else can be saved.
 */
export const courseSettings = (draft: CourseContent, lists: CatalogueLists) => {
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
      previewVideo: z
        .string()
        .max(maxSlugLength)
        .default(draft.previewVideo ?? '')
        .refine(lesson => !lesson || lesson === draft.previewVideo || freeVideos(draft).includes(lesson), {
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

const lineOrNone = (maximum: number) =>
  z.string().overwrite(normaliseLine).max(maximum, { error: 'web:errors.tooLong' })

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
    authors: z
      .array(
        z
          .object({
            name: lineField('studio:errors.authorName', 100),
            role: lineOrNone(100),
            about: lineOrNone(600).default(''),
          })
          .transform(({ about, ...author }) => ({ ...author, ...(about && { about }) })),
      )
      .max(20, { error: 'studio:errors.authors' }),
    outcomes: lines(12, 300),
    forYou: lines(12, 300),
    notForYou: lines(12, 300),
    callToAction: z.enum(['none', ...nextStepKinds], { error: 'web:errors.chooseOne' }),
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
  .transform(({ amount, currency, callToAction: kind, callToActionLabel, callToActionText, ...rest }) => ({
    ...rest,
    price: Number(amount) ? { amount: minorAmount(amount, currency) ?? 0, currency } : null,
    callToAction: kind === 'none' ? null : { kind, label: callToActionLabel, text: callToActionText },
  }))
