import type { Request, Response } from 'express'
import { z } from 'zod'
import {
  buttonKinds,
  isTarget,
  planCaps,
  planPeriods,
  PricingPages,
  readPlans,
  type Plan,
  type PlansContent,
} from '../brand/plans'
import { stripePlans } from '../brand/stripe-plans'
import { freeSlug } from '../courses/slug'
import type { Person } from '../people/person'
import { currencies, decimalAmount, minorAmount, priceProblem } from '../platform/currency'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { lineField, optionalField, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { brandPageEditor, itemButtons, reordered } from './brand-page'
import { draftNumber } from './brand-parts'

type WithName = Request<{ name: string }>

export const pricingEditor = brandPageEditor(PricingPages, {
  path: 'plans',
  publicPath: '/pricing',
  texts: 'plans',
  read: readPlans,
  render: renderPage,
})

const text = (maximum: number) => optionalField(maximum).transform(value => value ?? '')

/** `GET /admin/brands/:id/plans`: the draft of the pricing page. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await renderPage(response)
}

const pageForm = z.object({
  draftNumber,
  title: lineField('admin:errors.needs.title', 120),
  lede: text(300),
  note: text(600),
  source: z.enum(['own', 'stripe'], { error: 'web:errors.chooseOne' }),
  /** A line for each row: its name and what each plan has, in the order of the plans, with `|` between them. */
  comparison: z
    .string()
    .default('')
    .transform(typed => typed.split(/\r?\n/).flatMap(line => (line.trim() ? [line.split('|')] : [])))
    .transform(lines => lines.map(line => line.map(cell => cell.trim())))
    .refine(
      lines =>
        lines.length <= planCaps.rows &&
        lines.every(([name, ...cells]) => name && cells.every(cell => cell.length <= planCaps.cell)),
      { error: 'admin:errors.plans.rows' },
    ),
  /** `up:team`, `down:team` or `remove:team`. */
  change: z.string().max(100).default(''),
  /** The name of a plan to add. */
  add: text(80),
})

/** `POST /admin/brands/:id/plans`: saves the page; moves, removes or adds a plan. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const saved = await save(request, response, person)
  if (!saved) return
  if (!saved.isChange) return pricingEditor.saved(response)
  response.redirect(303, pricingEditor.homeOf(response) + saved.added)
}

/** `POST /admin/brands/:id/plans/publications`: saves the page as it is typed, and publishes it. */
export async function publishPlans(request: Request, response: Response, person: Person): Promise<void> {
  const { add } = (request.body ?? {}) as { add?: unknown }
  if (add) {
    const errors = { add: response.locals.t('admin:errors.saveBeforePublish') }
    return renderPage(response.status(422), { values: request.body, errors })
  }
  const saved = await save(request, response, person)
  if (saved) await pricingEditor.publish(saved.number, response, person)
}

/** Saves what is typed, or shows the form again and returns undefined. */
async function save(request: Request, response: Response, person: Person) {
  const { data, form } = readForm(pageForm, request, response)
  if (form) return void (await renderPage(response.status(422), form))
  const { draft } = await pricingEditor.current(response)
  const { change, add, draftNumber: number, comparison: lines, ...fields } = data
  const refuseField = async (errors: Form['errors']) =>
    void (await renderPage(response.status(422), { values: request.body, errors }))
  if (add && draft.plans.length >= planCaps.plans) {
    return refuseField({
      add: response.locals.t('admin:errors.plans.tooMany', { maximum: planCaps.plans }),
    })
  }
  const long = lines.find(line => line.length > draft.plans.length + 1)
  if (long) {
    return refuseField({
      comparison: response.locals.t('admin:errors.plans.cells', {
        row: long[0],
        count: draft.plans.length,
      }),
    })
  }
  const comparison = lines.map(([name = '', ...cells]) => ({
    name,
    cells: Object.fromEntries(draft.plans.map(({ id }, n) => [id, cells[n] ?? ''])),
  }))
  const id = add && freeSlug(add, 'plan', slug => draft.plans.some(plan => plan.id === slug))
  const plans = [...reordered(draft.plans, change), ...(id ? [blankPlan(id, add)] : [])]
  const refuse = (refused: Form) => renderPage(response, refused)
  const content = { ...fields, plans, comparison }
  const saved = await pricingEditor.save({ content, number, person }, request, response, refuse)
  if (saved === null) return
  return { number: saved, isChange: Boolean(id || change), added: id && `/plan/${id}` }
}

const blankPlan = (id: string, name: string): Plan => ({
  ...{ id, name, audience: '', price: '', period: '', features: [] },
  button: { kind: 'none', label: '', target: '' },
})

/** `GET /admin/brands/:id/plans/plan/:name` */
export async function editPlan(request: WithName, response: Response): Promise<void> {
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
    if (isTarget({ kind, target })) return
    issues.push({
      code: 'custom',
      input: target,
      path: ['target'],
      message: `admin:errors.plans.target.${kind}`,
    })
  })

/** `POST /admin/brands/:id/plans/plan/:name`: saves a plan. */
export async function updatePlan(request: WithName, response: Response, person: Person): Promise<void> {
  const { draft } = await pricingEditor.current(response)
  if (!draft.plans.some(({ id }) => id === request.params.name)) throw notFound()
  const { data, form } = readForm(planForm, request as Request, response)
  if (form) return renderPlan(request, response.status(422), form)
  const { name, audience, amount, currency, words, period, features, kind, label, target } = data
  const plan: Plan = {
    ...{ id: request.params.name, name, audience, period, features },
    price: Number(amount) ? { amount: minorAmount(amount, currency) ?? 0, currency } : words,
    button: { kind, label, target },
  }
  const plans = draft.plans.map(each => (each.id === plan.id ? plan : each))
  const refuse = (refused: Form) => renderPlan(request, response, refused)
  const input = { content: { ...draft, plans }, number: data.draftNumber, person }
  if ((await pricingEditor.save(input, request, response, refuse)) !== null) pricingEditor.saved(response)
}

async function renderPage(response: Response, form?: Form, flash?: object): Promise<void> {
  const texts = textsOf(response)
  const { t, date } = texts
  const { draft } = await pricingEditor.current(response)
  const { plans } = draft
  const copy = await stripePlans()
  const buttons = itemButtons(plans, 'admin:plans.removeLabel', texts)
  response.render('admin/brand-page', {
    ...(await pricingEditor.view(response, form, flash)),
    form: form ?? { values: { ...draft, comparison: comparisonText(draft) }, errors: {} },
    fields: fieldsOf(texts),
    addField: { name: 'add', label: t('admin:plans.fields.add'), maxlength: 80 } satisfies FormField,
    itemsTitle: t('admin:plans.own'),
    items: plans.map((plan, n) => ({
      href: `${pricingEditor.homeOf(response)}/plan/${plan.id}`,
      text: plan.name,
      meta: priceText(plan, texts),
      ...buttons[n]!,
    })),
    copied: copy
      ? t(copy.failedAt ? 'admin:plans.copyFailed' : 'admin:plans.copied', {
          count: copy.plans.length,
          at: date(copy.readAt, 'full'),
        })
      : t('admin:plans.neverCopied'),
  })
}

function comparisonText({ plans, comparison = [] }: PlansContent): string {
  return comparison
    .map(({ name, cells }) => [name, ...plans.map(({ id }) => cells[id] ?? '')].join(' | '))
    .join('\n')
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
    {
      kind: 'textarea',
      name: 'comparison',
      label: t('admin:plans.fields.comparison'),
      hint: t('admin:plans.fields.comparisonHint'),
      rows: 6,
      maxlength: 6000,
    },
  ]
}

async function renderPlan(request: WithName, response: Response, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { draft, draftNumber: number } = await pricingEditor.current(response)
  const plan = draft.plans.find(({ id }) => id === request.params.name)
  if (!plan) throw notFound()
  response.render('admin/plan', {
    ...(await pricingEditor.frame(response, plan.name)),
    action: `${pricingEditor.homeOf(response)}/plan/${plan.id}`,
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
