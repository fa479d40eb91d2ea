import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { remembered } from '../platform/cached'
import { now } from '../platform/clock'
import { conflict, forbidden, notFound, HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { canSeeLearning } from '../webhooks/delivery-consent'
import {
  acceptLead,
  assignLead,
  belongsToAnother,
  canAccept,
  canReject,
  isConfirmed,
  canAssign,
  reassignLeads,
  rejectLead,
  returnLead,
  undoAssignment,
  undoResponse,
} from '../leads/change-lead'
import { Leads, type Lead } from '../leads/lead'
import { visitLead } from '../leads/lead-visit'
import type { Handler, MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { namesOfStaff, statusOf } from './lead-list'
import { leadPage, requestedMoment, type LeadPage } from './lead-page'
import { nextNewLead, placeInQueue } from './queue-list'
import { firstNameOf } from '../people/first-name'
import { queuePath, undoPath, withLead } from './back'
import { changeSinceOpened, rejectionFields, rejectionForm } from './rejection-form'
import { salesTextsOf } from './sales-texts'
import type { Timeline } from './timeline-view'
import { maxReason, typedText } from './typed-text'

/** The person in the URL; `lead` is null when they have never been handed off. */
type Loaded = { person: Person; lead: Lead | null }
type LoadedLead = { person: Person; lead: Lead }

/**
 * Puts the person in the URL into `response.locals.loaded`.
 *
 * @throws 404 when sales doesn't know the person, 410 when a lead has stopped sharing.
 */
export const load: Handler = async (request, response) => {
  const id = request.params.person
  if (!Types.ObjectId.isValid(id)) throw notFound()
  // A page reads only; what changes a lead has its own copy of it.
  const isRead = request.method === 'GET'
  const [person, lead] = await Promise.all([
    isRead ? People.loadKept(id) : People.load(id),
    isRead ? Leads.loadKept(id) : Leads.load(id),
  ])
  if (person?.role !== 'prospect') throw notFound()
  const isSharing = canSeeLearning(person)
  if (!isSharing) throw lead ? new HttpError(410, 'sales:errors.notShared') : notFound()
  response.locals.loaded = { person, lead } satisfies Loaded
}

/** Continues only for a lead: a person who has never been handed off can't be accepted or rejected (404). */
export const requireLead: Handler = (_request, response) => {
  if (!(response.locals.loaded as Loaded).lead) throw notFound()
}

/** `GET /sales/leads/:person`, as of now or of an earlier day (`?on=2026-11-20`). */
export async function show(request: Request, response: Response, user: Person): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded
  const { all, rule } = parametersOf(request)
  const timeline: Timeline =
    rule && /^[\w-]{1,40}$/.test(rule) ? `rule:${rule}` : all === '1' ? 'all' : 'latest'
  const at = requestedMoment(request.query.on)
  const [since, place] = await Promise.all([
    visitLead(person._id, user._id),
    lead && placeInQueue(lead, user._id),
  ])
  const texts = salesTextsOf(response)
  const shown = await leadPage({ person, lead }, user, { at, timeline, since }, texts)
  response.render('sales/lead', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: person.name },
    scripts: ['/js/sales.js', '/js/lead-keys.js'],
    pager: place && {
      position: texts.t('sales:lead.position', { n: place.n, total: place.total }),
      previous: place.previous && `/sales/leads/${place.previous}`,
      next: place.next && `/sales/leads/${place.next}`,
    },
    model: leadModel(shown, '', [], () => ({ lead: shown })),
  })
}

const leadModel = remembered<{ lead: LeadPage }>()

/** `GET /sales/leads/:person/brief`: the brief alone, which the list shows beside itself. */
export const showBrief: MemberHandler = async (_request, response, user) => {
  const { person, lead } = response.locals.loaded as Loaded
  const texts = salesTextsOf(response)
  response.render('sales/lead-peek', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: person.name },
    lead: await leadPage({ person, lead }, user, { at: now(), timeline: 'evidence' }, texts),
  })
}

/** `GET /sales/leads/:person/acceptance/new`: asks before a teammate takes over a colleague's lead. */
export const newAcceptance: Handler = async (request, response) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  if (!canAccept(lead)) throw conflict('sales:errors.alreadyResponded')
  const { t } = textsOf(response)
  const href = `/sales/leads/${person._id}`
  const owner = (await namesOfStaff()).get(String(lead.owner)) ?? t('sales:lead.formerTeammate')
  const title = t('sales:takeOver.title', { name: person.name })
  const queue = queuePath(request)
  response.render('sales/take-over', {
    layout: 'workspace',
    nav: 'leads',
    head: { title },
    title,
    leadName: person.name,
    text: t('sales:takeOver.text', { owner }),
    action: `${href}/acceptance`,
    owner: String(lead.owner),
    back: queue,
    cancel: { href: queue ? withLead(queue, person._id) : href, text: t('sales:takeOver.cancel') },
  })
}

/**
 * `POST /sales/leads/:person/acceptance`: accepts the lead for the reader, who becomes its owner. A colleague's lead
 * needs the body's `owner` to be the one that the reader was asked about.
 */
export const accept: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  const href = `/sales/leads/${person._id}`
  const queue = queuePath(request)
  if (canAccept(lead) && !isConfirmed(lead, user._id, request.body?.owner)) {
    return response.redirect(303, undoPath(`${href}/acceptance/new`, queue, person._id))
  }
  if (await acceptLead(lead, user._id))
    await audit({ actor: user._id, action: 'lead.accepted', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.accepted', { name: person.name }),
    text: t('sales:flash.acceptedText'),
    undo: { action: undoPath(`${href}/acceptance/undo`, queue, person._id), text: t('sales:lead.undoShort') },
  })
  response.redirect(303, queue ?? href)
}

/**
 * `POST /sales/leads/:person/acceptance/undo` and `…/rejection/undo`: for 10 minutes, by the teammate who responded.
 */
export const undo =
  (kind: 'acceptance' | 'rejection'): MemberHandler =>
  async (request, response, user) => {
    const { person, lead } = response.locals.loaded as LoadedLead
    if (await undoResponse(lead, user._id, kind))
      await audit({ actor: user._id, action: `lead.${kind}_undone`, subject: String(person._id) })
    const { t } = textsOf(response)
    const current = await Leads.findById(lead._id)
    setFlash(response, {
      kind: 'done',
      bold: t(`sales:flash.${kind}Undone`, { name: person.name }),
      text: t('sales:flash.undoneText', { status: t(`sales:status.${statusOf(current)}`) }),
    })
    response.redirect(303, queuePath(request) ?? `/sales/leads/${person._id}`)
  }

/** `GET /sales/leads/:person/rejection/new`: the form as a page, which the browser shows as a dialog. */
export const newRejection: MemberHandler = async (request, response, user) => {
  response.render('sales/rejection', await rejectionPage(request, response, user))
}

/**
 * `POST /sales/leads/:person/rejection`: rejects the lead and continues with the reader's next one. A colleague's lead
 * needs the body's `owner` to be the one that the form named.
 */
export const reject: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  const { data, form } = readForm(rejectionForm, request, response)
  if (form) return refuseForm(response, 'sales/rejection', form, await rejectionPage(request, response, user))
  const { t } = textsOf(response)
  const change = await changeSinceOpened(lead, request.body?.changeCount, t)
  if (change || (canReject(lead) && !isConfirmed(lead, user._id, request.body?.owner))) {
    const page = await rejectionPage(request, response, user)
    const errors = { reason: change ?? page.othersLead ?? '' }
    return refuseForm(response, 'sales/rejection', { values: request.body, errors }, page)
  }
  if (await rejectLead(lead, user._id, data.reason, data.text))
    await audit({
      actor: user._id,
      action: 'lead.rejected',
      subject: String(person._id),
      detail: { reason: data.reason },
    })
  const queue = queuePath(request)
  const next = queue ? null : await nextNewLead(user._id, lead._id)
  const undoAction = `/sales/leads/${person._id}/rejection/undo`
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.rejected', { name: person.name }),
    text: queue ? '' : t(next ? 'sales:flash.nextLead' : 'sales:flash.noNextLead'),
    undo: { action: undoPath(undoAction, queue, person._id), text: t('sales:lead.undoShort') },
  })
  response.redirect(303, queue ?? (next ? `/sales/leads/${next._id}` : '/sales/queue'))
}

/** `POST /sales/leads/:person/return`: returns a lead that sales works on to marketing. */
export const returnToMarketing: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  const text = typedText(request.body?.text, maxReason)
  if (await returnLead(lead, user._id, text))
    await audit({ actor: user._id, action: 'lead.returned', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:flash.returned', { name: person.name }) })
  response.redirect(303, `/sales/leads/${person._id}`)
}

/** `POST /sales/leads/:person/owner`: assigns the lead to a teammate; by its owner or a sales lead (403). */
export const changeOwner: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  if (!canAssign(lead, user)) throw forbidden()
  const name = await assignLead(lead, String(request.body?.owner ?? ''), user._id)
  await audit({
    actor: user._id,
    action: 'lead.assigned',
    subject: String(person._id),
    detail: { owner: name },
  })
  const { t } = textsOf(response)
  const [queue, href] = [queuePath(request), `/sales/leads/${person._id}`]
  const current = await Leads.findById(lead._id)
  const undoAction = `${href}/owner/undo?change=${current?.changeCount}`
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.reassigned', { name: person.name, owner: name }),
    undo: { action: undoPath(undoAction, queue, person._id), text: t('sales:lead.undoShort') },
  })
  response.redirect(303, queue ?? href)
}

/** `POST /sales/leads/:person/owner/undo?change=`: gives the lead back, for 10 minutes, to the owner it had before. */
export const undoOwner: MemberHandler = async (request, response, user) => {
  const { person, lead } = response.locals.loaded as LoadedLead
  const owner = await undoAssignment(lead, user._id, Number(request.query.change))
  await audit({ actor: user._id, action: 'lead.assigned', subject: String(person._id), detail: { owner } })
  const { t } = textsOf(response)
  const name = owner || t('sales:lead.noOwner')
  setFlash(response, { kind: 'done', bold: t('sales:flash.reassigned', { name: person.name, owner: name }) })
  response.redirect(303, queuePath(request) ?? `/sales/leads/${person._id}`)
}

/** `POST /sales/reassignments`: assigns all open leads of one teammate (`from`) to another (`to`). */
export const reassignAll: MemberHandler = async (request, response, user) => {
  const { from, to } = z
    .object({ from: z.string(), to: z.string() })
    .catch({ from: '', to: '' })
    .parse(request.body)
  if (!Types.ObjectId.isValid(from)) throw new HttpError(422, 'sales:errors.ownerNotInSales')
  const count = await reassignLeads(new Types.ObjectId(from), to, user._id)
  const owner = (await namesOfStaff()).get(to) ?? ''
  await audit({ actor: user._id, action: 'leads.reassigned', subject: from, detail: { owner, count } })
  setFlash(response, {
    kind: 'done',
    bold: textsOf(response).t('sales:flash.reassignedAll', { count, owner }),
  })
  response.redirect(303, `/sales/leads?owner=${to}`)
}

async function rejectionPage(request: Request, response: Response, user: Person) {
  const { person, lead } = response.locals.loaded as LoadedLead
  const { t } = textsOf(response)
  const name = firstNameOf(person.name)
  const href = `/sales/leads/${person._id}`
  const title = t('sales:rejection.title', { name })
  const isOthers = belongsToAnother(lead, user._id)
  const queue = queuePath(request)
  return {
    layout: 'workspace',
    nav: 'leads',
    head: { title },
    title,
    leadName: person.name,
    othersLead: isOthers
      ? t('sales:rejection.othersLead', { owner: (await namesOfStaff()).get(String(lead.owner)) ?? '' })
      : null,
    rejection: {
      action: `${href}/rejection`,
      fields: rejectionFields(t),
      needsCsrf: true,
      owner: isOthers ? String(lead.owner) : null,
      changeCount: lead.changeCount,
      back: queue,
      submitClass: 'button button-main',
      cancel: {
        href: queue ? withLead(queue, person._id) : href,
        text: t('sales:rejection.cancel', { name }),
      },
    },
  }
}
