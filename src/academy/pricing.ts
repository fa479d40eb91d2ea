import type { Request, Response } from 'express'
import { z } from 'zod'
import { PricingPages, type Plan, type PlansContent } from '../brand/plans'
import { stripePlans } from '../brand/stripe-plans'
import { later, now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { recordPricingView } from '../signals/view-pricing'
import { textsOf, type Texts } from '../web/texts'
import type { Handler, MemberHandler } from '../web/handler'
import { secondsSince, signedTimestamp } from './signed-timestamp'

const pages = ['pricing', 'plans'] as const
type PageName = (typeof pages)[number]

/** What the company's product costs. */
export const index: Handler = async (request, response) => {
  const { brand } = response.locals
  const content = await PricingPages.shownAt(brand)
  if (!content) throw notFound()
  const texts = textsOf(response)
  const { plans, readAt } = await plansOf(content)
  response.render('academy/pricing', {
    ...commonView(request, response, 'pricing'),
    head: {
      title: content.title,
      description: content.lede,
      noindex: brand.isDraft,
      canonical: request.path,
    },
    title: content.title,
    lede: content.lede,
    note: content.note,
    readAt: readAt && texts.t('academy:pricing.readAt', { day: texts.date(readAt) }),
    canCompare: plans.length > 1 && comparisonOf(content, plans, texts).length > 0,
    plans: plans.map(plan => planView(texts, plan)),
  })
}

/** The plans side by side: which feature is in which. */
export const compare: Handler = async (request, response) => {
  const content = await PricingPages.shownAt(response.locals.brand)
  if (!content) throw notFound()
  const texts = textsOf(response)
  const { t } = texts
  const { plans } = await plansOf(content)
  response.render('academy/plans', {
    ...commonView(request, response, 'plans'),
    head: {
      title: t('academy:plans.title'),
      description: t('academy:plans.lede'),
      canonical: request.path,
    },
    back: content.title,
    plans: plans.map(plan => plan.name),
    rows: [
      { title: t('academy:plans.price'), cells: plans.map(plan => priceOf(texts, plan).join(' ')) },
      ...comparisonOf(content, plans, texts),
    ],
  })
}

/** The lines that an administrator wrote, or one for each feature: which plan has it. */
function comparisonOf({ source, comparison = [] }: PlansContent, plans: Plan[], { t }: Texts) {
  if (source === 'own' && comparison.length) {
    return comparison.map(({ name, cells }) => ({
      title: name,
      cells: plans.map(({ id }) => cells[id] || t('academy:plans.no')),
    }))
  }
  return [...new Set(plans.flatMap(plan => plan.features))].map(feature => ({
    title: feature,
    cells: plans.map(({ features }) => t(`academy:plans.${features.includes(feature) ? 'yes' : 'no'}`)),
  }))
}

/** The plans of the page, and when they were copied from Stripe; null for its own ones. */
async function plansOf({ source, plans }: PlansContent): Promise<{ plans: Plan[]; readAt: Date | null }> {
  if (source === 'own') return { plans, readAt: null }
  const copy = await stripePlans()
  return { plans: copy?.plans ?? [], readAt: copy?.readAt ?? null }
}

const schema = z.object({
  page: z.enum(pages),
  seconds: z.coerce.number().min(0).max(86_400),
  timestamp: z.string().max(60),
})

/**
 * Records how long one of these pages was visible, as its script reports it. Counts no more seconds than have passed
 * since the page was rendered for this person.
 *
 * @throws HttpError 422 for a report that is malformed or whose timestamp is not signed for this person and page.
 */
export const recordAttention: MemberHandler = async (request, response, person) => {
  const parsed = schema.safeParse(request.body)
  if (!parsed.success) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const { page, seconds, timestamp } = parsed.data
  const elapsed = secondsSince(timestamp, purposeOf(page, request))
  if (elapsed === null) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const openedAt = later(now(), -1000 * elapsed)
  await recordPricingView(person._id, page, { openedAt, seconds: Math.min(seconds, elapsed) })
  response.status(204).end()
}

/** The attention of signed-in visitors is measured, and both pages say so. */
function commonView(request: Request, response: Response, page: PageName) {
  const { t } = textsOf(response)
  const isPreview = response.locals.brand.isDraft
  const isMeasured = request.user !== undefined && !isPreview
  const shared = isPreview ? 'preview' : isMeasured ? 'shared' : 'notShared'
  return {
    nav: 'pricing',
    scripts: isMeasured ? ['/js/attention.js'] : [],
    attention: isMeasured ? { page, timestamp: signedTimestamp(purposeOf(page, request)) } : null,
    shared: t(`academy:pricing.${shared}`),
  }
}

function planView(texts: Texts, { id, name, audience, features, ...plan }: Plan) {
  const [price, terms] = priceOf(texts, plan)
  return { id: `plan-${id}`, name, audience, features, price, terms, button: buttonOf(texts, plan) }
}

/** The price in words, and what it is for: `€240`, `per month`. */
function priceOf({ t, money }: Texts, { price, period }: Pick<Plan, 'price' | 'period'>): [string, string] {
  const words = typeof price === 'string' ? price : money(price.amount, price.currency)
  return [words, period && t(`academy:pricing.periods.${period}`)]
}

function buttonOf({ t }: Texts, { button: { kind, label, target } }: Pick<Plan, 'button'>) {
  if (kind === 'none') return null
  const href = { link: target, signUp: '/sign-up', course: `/courses/${target}`, path: `/paths/${target}` }[
    kind
  ]
  return { href, text: label || t(`academy:pricing.buttons.${kind}`) }
}

function purposeOf(page: PageName, request: Request): string {
  return `${page}:${request.user?._id.toString() ?? ''}`
}
