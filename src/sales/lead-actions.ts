import type { Request, RequestHandler, Response } from 'express'
import { HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { acceptLead } from '../leads/accept-lead'
import { Leads, rejectionReasons, type Lead } from '../leads/lead'
import { rejectLead } from '../leads/reject-lead'
import { leadActionLink, type LeadActionLink } from '../leads/lead-action-link'
import { readForm, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { rejection } from './leads'

type Loaded = { person: Person; lead: Lead; link: LeadActionLink }

/**
 * The page behind the two buttons of the letter about a lead. Nobody signs in: the token stands for the person it was sent to.
 * Mail scanners follow links, so opening it shows, and only sending the form answers. 410 once it is over or the person has
 * stopped sharing.
 */
export const load: RequestHandler<{ token: string }> = async (request, response, next) => {
  const link = await leadActionLink(request.params.token)
  const [person, lead, seller] = await Promise.all([
    link && People.findById(link.lead).lean<Person>(),
    link && Leads.findById(link.lead).lean<Lead>(),
    link && People.findOne({ _id: link.by, suspendedAt: null }).lean<Person>(),
  ])
  const isStill = link && person && seller && lead?.shared && lead.sequence === link.sequence
  if (!isStill || !person.consents.includes('share_with_sales'))
    throw new HttpError(410, 'sales:errors.linkExpired')
  response.locals.loaded = { person, lead, link } satisfies Loaded
  response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  next()
}

/** `GET /lead-actions/:token` */
export function show(request: Request, response: Response): void {
  response.render('sales/lead-action', leadActionPage(request, response))
}

/** `POST /lead-actions/:token/acceptance` */
export async function accept(request: Request, response: Response): Promise<void> {
  const { lead, link } = response.locals.loaded as Loaded
  if (await acceptLead(lead, link.by))
    await audit({
      actor: link.by,
      action: 'lead.accepted',
      subject: String(lead._id),
      detail: { from: 'letter' },
    })
  response.redirect(303, `/lead-actions/${request.params.token as string}`)
}

/** `POST /lead-actions/:token/rejection` */
export async function reject(request: Request, response: Response): Promise<void> {
  const { lead, link } = response.locals.loaded as Loaded
  const { data, form } = readForm(rejection, request, response)
  if (form) return refuseForm(response, 'sales/lead-action', form, leadActionPage(request, response))
  if (await rejectLead(lead, link.by, data.reason, data.text))
    await audit({
      actor: link.by,
      action: 'lead.rejected',
      subject: String(lead._id),
      detail: { from: 'letter', reason: data.reason },
    })
  response.redirect(303, `/lead-actions/${request.params.token as string}`)
}

function leadActionPage(request: Request, response: Response) {
  const { person, lead } = response.locals.loaded as Loaded
  const t = response.locals.t as Translate
  return {
    layout: 'plain',
    head: { title: t('sales:leadAction.title', { name: person.name }), noindex: true },
    subject: person,
    firstName: person.name.split(/\s+/)[0],
    lead,
    reasons: rejectionReasons,
    address: `/lead-actions/${encodeURIComponent(request.params.token as string)}`,
  }
}
