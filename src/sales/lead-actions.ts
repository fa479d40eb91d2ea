import type { Request, Response } from 'express'
import { now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { Leads, type Lead } from '../leads/lead'
import {
  acceptLead,
  belongsToAnother,
  canAccept,
  canReject,
  isConfirmed,
  rejectLead,
  undoableResponse,
  undoResponse,
} from '../leads/change-lead'
import { leadActionLink, type LeadActionLink } from '../leads/lead-action-link'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import { permissionsOf } from '../web/guard'
import { leadPage } from './lead-page'
import { changeSinceOpened, rejectionFields, rejectionForm } from './rejection-form'
import { salesTextsOf } from './sales-texts'

type Loaded = { person: Person; lead: Lead; link: LeadActionLink; recipient: Person }

/**
 * Loads the page behind the link in the email about a lead. It needs no sign-in: the token identifies the teammate it
 * was sent to. Mail scanners follow links, so opening the page only shows it, and a response takes a form submission.
 *
 * @throws 410 when the link has expired or belongs to an earlier hand-off, the recipient has left sales, or the lead
 * has stopped sharing.
 */
export const load: Handler = async (request, response) => {
  const link = await leadActionLink(request.params.token)
  const [person, lead, recipient] = await Promise.all([
    link && People.findById(link.lead),
    link && Leads.findById(link.lead),
    link && People.findOne({ _id: link.by, suspendedAt: null }),
  ])
  const isCurrent = link && person && lead?.shared && lead.sequence === link.sequence
  const isSharing = person && canSeeLearning(person)
  if (!isCurrent || !isSharing || !permissionsOf(recipient).sales) {
    throw new HttpError(410, 'sales:errors.linkExpired')
  }
  response.locals.loaded = { person, lead, link, recipient: recipient! } satisfies Loaded
}

/** `GET /lead-actions/:token`: the brief of the lead, and the two buttons. */
export async function show(request: Request, response: Response): Promise<void> {
  response.render('sales/lead-action', await leadActionPage(request, response))
}

/**
 * `POST /lead-actions/:token/acceptance`: accepts the lead for the recipient. When it belongs to someone else, the
 * body's `owner` must be the one that the page named; otherwise the page asks.
 */
export async function accept(request: Request, response: Response): Promise<void> {
  const { lead, link } = response.locals.loaded as Loaded
  const mustAsk = canAccept(lead) && !isConfirmed(lead, link.by, request.body?.owner)
  if (!mustAsk && (await acceptLead(lead, link.by)))
    await audit({
      actor: link.by,
      action: 'lead.accepted',
      subject: String(lead._id),
      detail: { from: 'email' },
    })
  response.redirect(303, hrefOf(request))
}

/** `POST /lead-actions/:token/rejection`; asks about someone else's lead in the same way. */
export async function reject(request: Request, response: Response): Promise<void> {
  const { lead, link } = response.locals.loaded as Loaded
  const { data, form } = readForm(rejectionForm, request, response)
  if (form) {
    return refuseForm(response, 'sales/lead-action', form, await leadActionPage(request, response))
  }
  const change = await changeSinceOpened(lead, request.body?.changeCount, salesTextsOf(response).t)
  if (change || (canReject(lead) && !isConfirmed(lead, link.by, request.body?.owner))) {
    const page = await leadActionPage(request, response)
    const errors = { reason: change ?? page.othersLead ?? '' }
    return refuseForm(response, 'sales/lead-action', { values: request.body, errors }, page)
  }
  if (await rejectLead(lead, link.by, data.reason, data.text))
    await audit({
      actor: link.by,
      action: 'lead.rejected',
      subject: String(lead._id),
      detail: { from: 'email', reason: data.reason },
    })
  response.redirect(303, hrefOf(request))
}

/** `POST /lead-actions/:token/undo`: undoes the recipient's own response, for 10 minutes (409 then). */
export async function undoFromEmail(request: Request, response: Response): Promise<void> {
  const { person, lead, link } = response.locals.loaded as Loaded
  const kind = undoableResponse(lead, link.by)
  if (!kind) throw conflict('sales:errors.tooLateToUndo')
  if (await undoResponse(lead, link.by, kind))
    await audit({
      actor: link.by,
      action: `lead.${kind}_undone`,
      subject: String(lead._id),
      detail: { from: 'email' },
    })
  const { t } = salesTextsOf(response)
  setFlash(response, { kind: 'done', bold: t(`sales:flash.${kind}Undone`, { name: person.name }) })
  response.redirect(303, hrefOf(request))
}

async function leadActionPage(request: Request, response: Response) {
  const { person, lead, link, recipient } = response.locals.loaded as Loaded
  const texts = salesTextsOf(response)
  const { t, date } = texts
  const { name } = person
  const isNew = lead.status === 'new'
  const isResponded = lead.status === 'accepted' || lead.status === 'rejected'
  const by = lead.disposition?.by
  const colleague = by && !by.equals(link.by) ? await People.findById(by, { name: 1 }) : null
  const responseText = colleague
    ? t(`sales:respondedBy.${lead.status}`, { name: colleague.name })
    : t(`sales:leadAction.${lead.status}`, { name })
  const view = await leadPage({ person, lead }, recipient, { at: now(), timeline: 'evidence' }, texts)
  const othersLead =
    isNew && belongsToAnother(lead, link.by)
      ? t('sales:leadAction.othersLead', { owner: view.owner ?? t('sales:lead.formerTeammate') })
      : null
  return {
    layout: 'plain',
    moreSheets: ['workspace'],
    scripts: ['/js/sales.js'],
    head: { title: name, noindex: true },
    lead: view,
    isNew,
    name,
    state: isNew ? null : isResponded ? responseText : t('sales:leadAction.alreadyResponded', { name }),
    othersLead,
    owner: othersLead && String(lead.owner),
    acceptText: t(othersLead ? 'sales:lead.takeOver' : 'sales:lead.accept'),
    validity: t('sales:leadAction.validity', { name: recipient.name, until: date(link.expiresAt, 'full') }),
    leadHref: `/sales/leads/${person._id}`,
    acceptAction: `${hrefOf(request)}/acceptance`,
    undoAction: undoableResponse(lead, link.by) ? `${hrefOf(request)}/undo` : null,
    rejection: {
      action: `${hrefOf(request)}/rejection`,
      fields: rejectionFields(t),
      needsCsrf: false,
      owner: othersLead && String(lead.owner),
      changeCount: lead.changeCount,
      back: null,
      submitClass: 'button',
      cancel: null,
    },
  }
}

function hrefOf(request: Request): string {
  return secretPath(secretRoutes.leadAction, request.params.token as string)
}
