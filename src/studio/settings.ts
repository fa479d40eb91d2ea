import type { Request, Response } from 'express'
import { z } from 'zod'
import { changeDraft } from '../courses/change-draft'
import { callToActionKinds, withPlainLineEnds } from '../courses/content'
import { levels, topics, type CourseContent } from '../courses/course'
import { maxSlugLength, slugForm } from '../courses/slug'
import { audit } from '../events/audit'
import { checkbox, lineField, optionalField, readForm, type Form } from '../web/form'
import { addressOf, courseOf, fingerprint, setDoneFlash, coursePage } from './course-page'

/** Where courses are sold today; a course that came in with another currency keeps it. */
const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'PLN']

/** `GET /studio/courses/:slug/settings` */
export async function edit(request: Request, response: Response): Promise<void> {
  const { draft } = courseOf(response)
  const form = { values: valuesOf(draft), errors: {} }
  response.render('studio/settings', await page(request, response, form, settingsFingerprint(draft)))
}

/** `POST /studio/courses/:slug/settings`. What somebody else has changed since the form was opened is refused with 409. */
export async function update(request: Request, response: Response): Promise<void> {
  const { t } = response.locals
  const { data, form } = readForm(schema, request, response)
  if (form) {
    const was = String(request.body?.was ?? '')
    return void response.status(422).render('studio/settings', await page(request, response, form, was))
  }
  const { was, ...fields } = data
  let now: string | undefined
  const course = await changeDraft(courseOf(response)._id, content => {
    now = settingsFingerprint(content)
    return now === was ? { ...content, ...fields } : content
  })
  if (now !== was) {
    const typed = {
      values: request.body as Record<string, unknown>,
      errors: { form: t('studio:conflict.settings') },
    }
    return void response.status(409).render('studio/settings', await page(request, response, typed, now!))
  }
  await audit({ actor: request.user!._id, action: 'course.changed', subject: course.slug })
  setDoneFlash(request, response, t('studio:flash.settings'))
  response.redirect(303, `${addressOf(course)}/settings`)
}

async function page(request: Request, response: Response, form: Form, was: string) {
  const own = courseOf(response).draft.price?.currency
  return {
    ...(await coursePage(request, response, 'course-settings')),
    ...{ form, was, topics, levels, callToActionKinds },
    currencies: own && !currencies.includes(own) ? [...currencies, own] : currencies,
  }
}

const lines = (most: number, longest: number) =>
  z
    .string()
    .default('')
    .transform(text => text.split(/\r?\n/).flatMap(line => line.trim() || []))
    .refine(items => items.length <= most, { error: 'studio:errors.tooManyLines', params: { most } })
    .refine(items => items.every(item => item.length <= longest), {
      error: 'studio:errors.lineTooLong',
      params: { longest },
    })

const schema = z
  .object({
    was: z.string().max(50).default(''),
    title: lineField('studio:errors.title', 120),
    summary: optionalField(400).transform(text => text ?? ''),
    description: z
      .string()
      .default('')
      .transform(withPlainLineEnds)
      .pipe(z.string().max(20_000, { error: 'web:errors.tooLong' })),
    topic: z.enum(topics, { error: 'web:errors.chooseOne' }),
    audience: optionalField(80).transform(text => text ?? ''),
    level: z.enum(levels, { error: 'web:errors.chooseOne' }),
    language: z
      .string()
      .trim()
      .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { error: 'studio:errors.language' }),
    amount: z
      .string()
      .default('')
      .transform(text => text.trim().replace(',', '.'))
      .pipe(z.string().regex(/^(?:\d{1,6}(?:\.\d{1,2})?)?$/, { error: 'studio:errors.price' })),
    currency: z.string().regex(/^[A-Z]{3}$/, { error: 'web:errors.chooseOne' }),
    authors: lines(20, 200),
    outcomes: lines(12, 300),
    forYou: lines(12, 300),
    notForYou: lines(12, 300),
    callToAction: z.enum(['none', ...callToActionKinds], { error: 'web:errors.chooseOne' }),
    callToActionLabel: optionalField(60).transform(text => text ?? ''),
    callToActionText: optionalField(600).transform(text => text ?? ''),
    certificate: checkbox,
    reviewedOn: z
      .string()
      .default('')
      .refine(day => !day || z.iso.date().safeParse(day).success, { error: 'studio:errors.day' })
      .transform(day => day || null),
    related: lines(10, maxSlugLength).refine(slugs => slugs.every(slug => slugForm.test(slug)), {
      error: 'studio:errors.slugs',
    }),
  })
  .refine(({ callToAction, callToActionLabel }) => callToAction === 'none' || callToActionLabel, {
    error: 'studio:errors.contactRequestLabel',
    path: ['callToActionLabel'],
  })
  .transform(
    ({ amount, currency, authors, callToAction: kind, callToActionLabel, callToActionText, ...rest }) => ({
      ...rest,
      price: Number(amount) ? { amount: toMinor(Number(amount), currency), currency } : null,
      authors: authors.map(asAuthor),
      callToAction: kind === 'none' ? null : { kind, label: callToActionLabel, text: callToActionText },
    }),
  )

function valuesOf({ price, authors, callToAction, ...draft }: CourseContent): Record<string, unknown> {
  return {
    ...draft,
    amount: price ? String(price.amount / 10 ** digitsOf(price.currency)) : '',
    currency: price?.currency ?? currencies[0],
    authors: authors.map(({ name, role }) => (role ? `${name}, ${role}` : name)).join('\n'),
    outcomes: draft.outcomes.join('\n'),
    forYou: draft.forYou.join('\n'),
    notForYou: draft.notForYou.join('\n'),
    related: draft.related.join('\n'),
    callToAction: callToAction?.kind ?? 'none',
    callToActionLabel: callToAction?.label,
    callToActionText: callToAction?.text,
    certificate: draft.certificate ? 'on' : '',
  }
}

/** `Ines Halvorsen, learning` is a name and a role; a role may hold commas, a name may not. */
function asAuthor(line: string): CourseContent['authors'][number] {
  const [, name = line, role = ''] = /^([^,]*),\s*(.*)$/.exec(line) ?? []
  return { name: name.trim() || line, role }
}

function toMinor(amount: number, currency: string): number {
  return Math.round(amount * 10 ** digitsOf(currency))
}

function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.resolvedOptions().maximumFractionDigits ?? 2
}

function settingsFingerprint({ modules: _modules, assets: _assets, ...fields }: CourseContent): string {
  return fingerprint(fields)
}
