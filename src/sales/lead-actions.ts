import type { Request, Response } from 'express'
import { HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { Leads, type Lead } from '../leads/lead'
import { acceptLead, rejectLead } from '../leads/change-lead'
import { leadActionLink, type LeadActionLink } from '../leads/lead-action-link'
import type { Handler } from '../web/handler'
import { readForm, refuseForm } from '../web/form'
import { textsOf } from '../web/texts'
import { rejectionFields, rejectionForm } from './rejection-form'

type Loaded = { person: Person; lead: Lead; link: LeadActionLink }

/**
 * Loads the page behind the two buttons of the email about a lead. It needs no sign-in: the token identifies the person
 * it was sent to. Mail scanners follow links, so opening the page only shows it, and only sending the form responds.
 *
 * @throws 410 when the link has expired, belongs to an earlier hand-off, or the lead has stopped sharing.
 */
export const load: Handler = async (request, response) => {
  const link = await leadActionLink(request.params.token)
  const [person, lead, recipient] = await Promise.all([
    link && People.findById(link.lead),
    link && Leads.findById(link.lead),
    link && People.findOne({ _id: link.by, suspendedAt: null }),
  ])
  const isCurrent = link && person && recipient && lead?.shared && lead.sequence === link.sequence
  if (!isCurrent || !person.consents.includes('share_with_sales'))
    throw new HttpError(410, 'sales:errors.linkExpired')
  response.locals.loaded = { person, lead, link } satisfies Loaded
  response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
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
      detail: { from: 'email' },
    })
  response.redirect(303, hrefOf(request))
}

/** `POST /lead-actions/:token/rejection` */
export async function reject(request: Request, response: Response): Promise<void> {
  const { lead, link } = response.locals.loaded as Loaded
  const { data, form } = readForm(rejectionForm, request, response)
  if (form) return refuseForm(response, 'sales/lead-action', form, leadActionPage(request, response))
  if (await rejectLead(lead, link.by, data.reason, data.text))
    await audit({
      actor: link.by,
      action: 'lead.rejected',
      subject: String(lead._id),
      detail: { from: 'email', reason: data.reason },
    })
  response.redirect(303, hrefOf(request))
}

function leadActionPage(request: Request, response: Response) {
  const { person, lead } = response.locals.loaded as Loaded
  const { t, date } = textsOf(response)
  const { name, title, company } = person
  const isNew = lead.status === 'new'
  const result = lead.status === 'accepted' || lead.status === 'rejected' ? lead.status : 'alreadyResponded'
  return {
    layout: 'plain',
    head: { title: t('sales:leadAction.title', { name }), noindex: true },
    isNew,
    title: t(`sales:leadAction.${isNew ? 'title' : result}`, { name }),
    about: [title, company?.name].filter(Boolean).join(', '),
    intro: t('sales:leadAction.intro', { when: date(lead.qualifiedAt, 'full'), grade: lead.grade }),
    leadHref: `/sales/leads/${person._id}`,
    acceptAction: `${hrefOf(request)}/acceptance`,
    rejection: {
      action: `${hrefOf(request)}/rejection`,
      fields: rejectionFields(t),
      needsCsrf: false,
      submitClass: 'button',
      cancel: null,
    },
  }
}

function hrefOf(request: Request): string {
  return `/lead-actions/${encodeURIComponent(request.params.token as string)}`
}
