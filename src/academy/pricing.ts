import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'
import { recordPricingView } from '../signals/view-pricing'
import type { Translate } from '../web/i18n'
import { currency, plans } from './plans'
import { secondsSince, signedTimestamp } from './signed-timestamp'

/** What the product costs. */
export const index: RequestHandler = (request, response) => show(request, response, 'pricing')

/** The plans side by side. */
export const compare: RequestHandler = (request, response) => show(request, response, 'plans')

const schema = z.object({
  what: z.enum(['pricing', 'plans']),
  seconds: z.coerce.number().min(0).max(86_400),
  stamp: z.string().max(60),
})

/**
 * How long one of these pages was really looked at, as its script reports. It cannot be longer than the time since the page was
 * made for this person.
 */
export const recordAttention: RequestHandler = async (request, response) => {
  const read = schema.safeParse(request.body)
  if (!read.success) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const { what, seconds } = read.data
  const since = secondsSince(read.data.stamp, purpose(what, request))
  if (since === null) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  await recordPricingView(request.user!._id, what, Math.min(seconds, since))
  response.status(204).end()
}

function show(request: Request, response: Response, what: 'pricing' | 'plans') {
  const t = response.locals.t as Translate
  response.render(what === 'pricing' ? 'academy/pricing' : 'academy/plans', {
    head: {
      title: t(`academy:${what}.title`),
      description: t(`academy:${what}.lede`),
      canonical: `${config.baseUrl}${request.path}`,
    },
    nav: 'pricing',
    scripts: request.user ? ['/js/attention.js'] : [],
    plans,
    currency,
    attention: request.user ? { what, stamp: signedTimestamp(purpose(what, request)) } : null,
  })
}

function purpose(what: string, request: Request): string {
  return `${what}:${request.user?._id.toString() ?? ''}`
}
