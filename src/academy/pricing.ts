import type { Request, Response } from 'express'
import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { recordPricingView } from '../signals/view-pricing'
import { textsOf, type Texts } from '../web/texts'
import { currency, plans, type Plan } from './plans'
import type { Handler, MemberHandler } from '../web/handler'
import { secondsSince, signedTimestamp } from './signed-timestamp'

const pages = ['pricing', 'plans'] as const
type PageName = (typeof pages)[number]

/** What the product costs. */
export const index: Handler = (request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  response.render('academy/pricing', {
    ...commonView(request, response, 'pricing'),
    head: {
      title: t('academy:pricing.title'),
      description: t('academy:pricing.lede'),
      canonical: request.path,
    },
    plans: plans.map(plan => planView(texts, plan)),
  })
}

/** The plans side by side. */
export const compare: Handler = (request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  response.render('academy/plans', {
    ...commonView(request, response, 'plans'),
    head: {
      title: t('academy:plans.title'),
      description: t('academy:plans.lede'),
      canonical: request.path,
    },
    plans: plans.map(plan => t(`academy:plans.${plan.id}.name`)),
    rows: comparedFields.map(field => ({
      title: t(`academy:plans.rows.${field}`),
      cells: plans.map(plan => cellText(texts, field, plan)),
    })),
  })
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
  await recordPricingView(person._id, page, Math.min(seconds, elapsed))
  response.status(204).end()
}

/** The attention of signed-in visitors is measured, and both pages say so. */
function commonView(request: Request, response: Response, page: PageName) {
  const { t } = textsOf(response)
  const isSignedIn = request.user !== undefined
  return {
    nav: 'pricing',
    scripts: isSignedIn ? ['/js/attention.js'] : [],
    attention: isSignedIn ? { page, timestamp: signedTimestamp(purposeOf(page, request)) } : null,
    shared: t(isSignedIn ? 'academy:pricing.shared' : 'academy:pricing.notShared'),
  }
}

function planView({ t, money, number }: Texts, { id, price, seats, endpoints, support }: Plan) {
  return {
    id: `plan-${id}`,
    name: t(`academy:plans.${id}.name`),
    price: price ? money(price, currency) : t('academy:facts.free'),
    terms: t(price ? 'academy:pricing.perMonth' : 'academy:pricing.forEver'),
    audience: t(`academy:plans.${id}.for`),
    features: [
      t('academy:pricing.seats', { count: seats, seats: number(seats) }),
      endpoints === null
        ? t('academy:pricing.unlimitedEndpoints')
        : t('academy:pricing.endpoints', { count: endpoints }),
      t(`academy:plans.support.${support}`),
    ],
  }
}

const comparedFields = ['price', 'seats', 'endpoints', 'languages', 'sessions', 'sso', 'support'] as const

function cellText({ t, money, number }: Texts, field: (typeof comparedFields)[number], plan: Plan): string {
  if (field === 'price') return plan.price ? money(plan.price, currency) : t('academy:facts.free')
  if (field === 'support') return t(`academy:plans.support.${plan.support}`)
  const value = plan[field]
  if (value === null) return t('academy:plans.any')
  return typeof value === 'boolean' ? t(value ? 'academy:plans.yes' : 'academy:plans.no') : number(value)
}

function purposeOf(page: PageName, request: Request): string {
  return `${page}:${request.user?._id.toString() ?? ''}`
}
