import type { Request, Response } from 'express'
import { z } from 'zod'
import { planCaps, publishPlans, savePlans, withdrawPlans } from '../brand/change-plans'
import {
  buttonKinds,
  planPeriods,
  pricingPageId,
  PricingPages,
  readPlans,
  type Plan,
  type PlansContent,
} from '../brand/plans'
import { stripePlans } from '../brand/stripe-plans'
import { freeSlug } from '../courses/slug'
import type { Person } from '../people/person'
import { currencies, decimalAmount, minorAmount, priceProblem } from '../platform/currency'
import { HttpError, notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { lineField, optionalField, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { versionRows } from '../web/version-rows'

const path = '/admin/plans'
type WithId = Request<{ id: string }>

const draftNumber = z.coerce
  .number({ error: 'web:errors.badRequest' })
  .int({ error: 'web:errors.badRequest' })
const text = (maximum: number) => optionalField(maximum).transform(value => value ?? '')

/** `GET /admin/plans`: the draft of the pricing page. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await renderPage(response)
}

const pageForm = z.object({
  draftNumber,
  title: lineField('admin:errors.needs.title', 120),
  lede: text(300),
  note: text(600),
  source: z.enum(['own', 'stripe'], { error: 'web:errors.chooseOne' }),
  /** `up:team`, `down:team` or `remove:team`. */
  change: z.string().max(100).default(''),
  /** The name of a plan to add. */
  add: text(80),
})

/** `POST /admin/plans`: saves the page; moves, removes or adds a plan. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(pageForm, request, response)
  if (form) return renderPage(response.status(422), form)
  const { draft } = await readPlans()
  const { change, add, draftNumber: number, ...fields } = data
  if (add && draft.plans.length >= planCaps.plans) {
    const errors = { add: response.locals.t('admin:errors.plans.tooMany', { maximum: planCaps.plans }) }
    return renderPage(response.status(422), { values: request.body, errors })
  }
  const id = add && freeSlug(add, 'plan', slug => draft.plans.some(plan => plan.id === slug))
  const plans = [...reordered(draft.plans, change), ...(id ? [blankPlan(id, add)] : [])]
  const refuse = (refused: Form) => renderPage(response, refused)
  if (!(await save({ ...fields, plans }, number, person, request, response, refuse))) return
  if (id) return response.redirect(303, `${path}/plan/${id}`)
  if (!change) done(response, 'plansSaved')
  response.redirect(303, path)
}

const blankPlan = (id: string, name: string): Plan => ({
  ...{ id, name, audience: '', price: '', period: '', features: [] },
  button: { kind: 'none', label: '', target: '' },
})

/** `GET /admin/plans/plan/:id` */
export async function editPlan(request: WithId, response: Response): Promise<void> {
  await renderPlan(request, response)
}

const planForm = z
  .object({
    draftNumber,
    name: lineField('admin:errors.plans.name', 80),
    audience: text(200),
    amount: z
      .string()
      .default('')
      .transform(typed => typed.trim().replace(',', '.'))
      .pipe(z.string().regex(/^(?:\d{1,8}(?:\.\d{1,3})?)?$/, { error: 'studio:errors.price' })),
    currency: z.string().regex(/^[A-Z]{3}$/, { error: 'web:errors.chooseOne' }),
    words: text(60),
    period: z.enum(planPeriods, { error: 'web:errors.chooseOne' }),
    features: z
      .string()
      .default('')
      .transform(typed => [...new Set(typed.split(/\r?\n/).flatMap(line => line.trim() || []))])
      .refine(lines => lines.length <= planCaps.features && lines.every(line => line.length <= 160), {
        error: 'admin:errors.plans.features',
      }),
    kind: z.enum(buttonKinds, { error: 'web:errors.chooseOne' }),
    label: text(60),
    target: text(500),
  })
  .check(({ value: { amount, currency }, issues }) => {
    const refused = Number(amount) ? priceProblem(minorAmount(amount, currency), currency) : null
    if (!refused) return
    const { problem, ...params } = refused
    const field = problem === 'currency' ? problem : 'amount'
    issues.push({
      code: 'custom',
      input: amount,
      path: [field],
      message: `studio:errors.prices.${problem}`,
      params,
    })
  })
  .check(({ value: { kind, target }, issues }) => {
    const isLink = /^(?:https?:\/\/[^\s/]|mailto:[^\s@]+@[^\s@]+$|\/(?!\/))/.test(target)
    const isSlug = /^[a-z0-9-]+$/.test(target)
    const isRight = kind === 'link' ? isLink : kind === 'course' || kind === 'path' ? isSlug : true
    if (isRight) return
    issues.push({
      code: 'custom',
      input: target,
      path: ['target'],
      message: `admin:errors.plans.target.${kind}`,
    })
  })

/** `POST /admin/plans/plan/:id`: saves a plan. */
export async function updatePlan(request: WithId, response: Response, person: Person): Promise<void> {
  const { draft } = await readPlans()
  if (!draft.plans.some(({ id }) => id === request.params.id)) throw notFound()
  const { data, form } = readForm(planForm, request as Request, response)
  if (form) return renderPlan(request, response.status(422), form)
  const { name, audience, amount, currency, words, period, features, kind, label, target } = data
  const plan: Plan = {
    ...{ id: request.params.id, name, audience, period, features },
    price: Number(amount) ? { amount: minorAmount(amount, currency) ?? 0, currency } : words,
    button: { kind, label, target },
  }
  const plans = draft.plans.map(each => (each.id === plan.id ? plan : each))
  const refuse = (refused: Form) => renderPlan(request, response, refused)
  if (!(await save({ ...draft, plans }, data.draftNumber, person, request as Request, response, refuse)))
    return
  done(response, 'plansSaved')
  response.redirect(303, path)
}

/** `POST /admin/plans/publications` */
export async function publishPricing(request: Request, response: Response, person: Person): Promise<void> {
  try {
    const number = await publishPlans(numberIn(request), person._id)
    done(response, 'plansPublished', { number })
    response.redirect(303, path)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    const flash = { kind: 'error' as const, bold: response.locals.t(error.key, error.values) }
    await renderPage(response.status(422), undefined, flash)
  }
}

/** `POST /admin/plans/withdrawal` */
export async function withdrawPricing(_request: Request, response: Response, person: Person): Promise<void> {
  await withdrawPlans(person._id)
  done(response, 'plansWithdrawn')
  response.redirect(303, path)
}

/** `GET /admin/plans/versions` */
export async function pricingVersions(_request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { draftNumber, version } = await readPlans()
  response.render('admin/version-list', {
    ...frame(texts),
    back: { href: path, text: texts.t('admin:plans.title') },
    canWrite: true,
    draftNumber,
    versions: await versionRows(await PricingPages.history(pricingPageId), version, path, texts),
  })
}

/** `POST /admin/plans/versions/:number/restoration`: makes an earlier version the draft. */
export async function restorePricing(
  request: Request<{ number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const version = await PricingPages.version(pricingPageId, Number(request.params.number) || 0)
  if (!version) throw notFound()
  await savePlans(version.content, numberIn(request), person._id)
  done(response, 'versionRestored', { number: version.number })
  response.redirect(303, path)
}

function numberIn({ body }: Pick<Request, 'body'>): number {
  const { data } = draftNumber.safeParse((body as { draftNumber?: unknown } | undefined)?.draftNumber)
  if (data === undefined) throw new HttpError(422, 'web:errors.badRequest')
  return data
}

function done(response: Response, key: string, values: Record<string, unknown> = {}): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, values) })
}

/** Saves and returns true, or shows the form again with 409 and the number of the newer draft. */
async function save(
  content: PlansContent,
  number: number,
  person: Person,
  request: Request,
  response: Response,
  refuse: (form: Form) => Promise<void>,
): Promise<boolean> {
  try {
    await savePlans(content, number, person._id)
    return true
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const { draftNumber } = await readPlans()
    const values = { ...(request.body as Record<string, unknown>), draftNumber }
    response.status(409)
    await refuse({ values, errors: { form: response.locals.t('admin:errors.draftConflict') } })
    return false
  }
}

function reordered(plans: Plan[], change: string): Plan[] {
  const [verb, id] = change.split(':')
  const from = plans.findIndex(each => each.id === id)
  if (from < 0) return plans
  const rest = plans.toSpliced(from, 1)
  if (verb === 'remove') return rest
  return rest.toSpliced(Math.max(0, verb === 'up' ? from - 1 : from + 1), 0, plans[from]!)
}

const frame = ({ t }: Texts) => ({
  layout: 'workspace',
  nav: 'plans',
  head: { title: t('admin:plans.title') },
})

async function renderPage(response: Response, form?: Form, flash?: object): Promise<void> {
  const texts = textsOf(response)
  const { t, date } = texts
  const { draft, draftNumber: number, version } = await readPlans()
  const published = version === null ? null : await PricingPages.version(pricingPageId, version)
  const copy = await stripePlans()
  const move = (to: 'up' | 'down', { id, name }: Plan) => ({
    value: `${to}:${id}`,
    icon: to === 'up' ? 'arrow-up' : 'arrow-down',
    label: t(`admin:lists.${to}`, { name }),
  })
  response.render('admin/plans', {
    ...frame(texts),
    form: form ?? { values: { ...draft }, errors: {} },
    ...(flash && { flash }),
    isOn: version !== null,
    sentence: t(version === null ? 'admin:needs.off' : 'admin:needs.on', { number: version }),
    draftNumber: form?.values.draftNumber ?? number,
    publishNumber: number,
    canPublish: number > 0 && published?.draftNumber !== number,
    fields: fieldsOf(texts),
    addField: { name: 'add', label: t('admin:plans.fields.add'), maxlength: 80 } satisfies FormField,
    copied: copy
      ? t(copy.failedAt ? 'admin:plans.copyFailed' : 'admin:plans.copied', {
          count: copy.plans.length,
          at: date(copy.readAt, 'full'),
        })
      : t('admin:plans.neverCopied'),
    plans: draft.plans.map((plan, n) => ({
      href: `${path}/plan/${plan.id}`,
      text: plan.name,
      price: priceText(plan, texts),
      moves: [
        ...(n > 0 ? [move('up', plan)] : []),
        ...(n < draft.plans.length - 1 ? [move('down', plan)] : []),
      ],
      remove: { value: `remove:${plan.id}`, label: t('admin:plans.removeLabel', { name: plan.name }) },
    })),
  })
}

function priceText({ price, period }: Plan, { t, money }: Texts): string {
  const words = typeof price === 'string' ? price : money(price.amount, price.currency)
  return [words, period && t(`academy:pricing.periods.${period}`)].filter(Boolean).join(' ')
}

function fieldsOf({ t }: Texts): FormField[] {
  return [
    { name: 'title', label: t('admin:plans.fields.title'), required: true, maxlength: 120 },
    { kind: 'textarea', name: 'lede', label: t('admin:plans.fields.lede'), rows: 2, maxlength: 300 },
    {
      kind: 'textarea',
      name: 'note',
      label: t('admin:plans.fields.note'),
      hint: t('admin:plans.fields.noteHint'),
      rows: 3,
      maxlength: 600,
    },
    {
      kind: 'radios',
      name: 'source',
      label: t('admin:plans.fields.source'),
      options: (['own', 'stripe'] as const).map(value => ({
        value,
        text: t(`admin:plans.sources.${value}`),
      })),
      required: true,
    },
  ]
}

async function renderPlan(request: WithId, response: Response, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { draft, draftNumber: number } = await readPlans()
  const plan = draft.plans.find(({ id }) => id === request.params.id)
  if (!plan) throw notFound()
  response.render('admin/plan', {
    ...frame(texts),
    head: { title: plan.name },
    title: plan.name,
    action: `${path}/plan/${plan.id}`,
    form: form ?? { values: valuesOf(plan), errors: {} },
    draftNumber: form?.values.draftNumber ?? number,
    rows: planRows(texts),
  })
}

function valuesOf({ price, features, button, ...plan }: Plan): Record<string, unknown> {
  const isAmount = typeof price !== 'string'
  return {
    ...plan,
    ...button,
    features: features.join('\n'),
    words: isAmount ? '' : price,
    amount: isAmount ? decimalAmount(price.amount, price.currency).replace(/\.0+$/, '') : '',
    currency: isAmount ? price.currency : currencies[0],
  }
}

function planRows({ t }: Texts): FormField[][] {
  const label = (name: string) => t(`admin:plans.fields.${name}`)
  const options = (name: string, values: readonly string[]) =>
    values.map(value => ({ value, text: t(`admin:plans.${name}.${value || 'none'}`) }))
  return [
    [{ name: 'name', label: label('name'), required: true, maxlength: 80 }],
    [{ name: 'audience', label: label('audience'), maxlength: 200 }],
    [
      { name: 'amount', label: label('amount'), inputmode: 'decimal', maxlength: 12 },
      {
        kind: 'select',
        name: 'currency',
        label: label('currency'),
        options: currencies.map(value => ({ value, text: value })),
      },
    ],
    [
      { name: 'words', label: label('words'), hint: label('wordsHint'), maxlength: 60 },
      { kind: 'select', name: 'period', label: label('period'), options: options('periods', planPeriods) },
    ],
    [{ kind: 'textarea', name: 'features', label: label('features'), hint: label('featuresHint'), rows: 6 }],
    [
      { kind: 'select', name: 'kind', label: label('kind'), options: options('buttons', buttonKinds) },
      { name: 'label', label: label('label'), hint: label('labelHint'), maxlength: 60 },
    ],
    [{ name: 'target', label: label('target'), hint: label('targetHint'), maxlength: 500 }],
  ]
}
