import { stringify } from 'csv-stringify/sync'
import type { Request, RequestHandler, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { now } from '../platform/clock'
import { notFound, HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { acceptLead } from '../leads/accept-lead'
import { assignLead } from '../leads/assign-lead'
import { salesTeam } from '../leads/assign-owner'
import { Leads, rejectionReasons, type Lead } from '../leads/lead'
import { activeModel } from '../scoring/model'
import { rejectLead } from '../leads/reject-lead'
import { undoAcceptance } from '../leads/undo-acceptance'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { parametersOf } from '../web/parameters'
import {
  countAbove,
  countGroups,
  groupOf,
  readAll,
  readList,
  tabs,
  type ListQuery,
  type Row,
} from './lead-list'
import { leadPage, minutesUntil, requestedMoment, namesOfStaff } from './lead-page'
import { relativeTimes } from '../web/relative-time'

/** Who the address is about: `lead` is null for somebody who was never handed over. */
type Loaded = { person: Person; lead: Lead | null }

/** Puts the person into `response.locals.loaded`; 404 for strangers to sales, 410 for whoever has stopped sharing. */
export const load: RequestHandler<{ person: string }> = async (request, response, next) => {
  const id = request.params.person
  if (!Types.ObjectId.isValid(id)) throw notFound()
  const [person, lead] = await Promise.all([
    People.findOne({ _id: id, role: 'prospect' }).lean<Person>(),
    Leads.findById(id).lean<Lead>(),
  ])
  if (!person) throw notFound()
  const shares = person.consents.includes('share_with_sales') && person.consents.includes('profiling')
  if (!shares) throw lead ? new HttpError(410, 'sales:errors.notShared') : notFound()
  response.locals.loaded = { person, lead } satisfies Loaded
  next()
}

/** Only who was handed over can be answered about. */
export const requireLead: RequestHandler = (_request, response, next) => {
  next((response.locals.loaded as Loaded).lead ? undefined : notFound())
}

/** `GET /sales/leads`: by readiness, in groups; the tab, the owner, and what was typed choose. */
export async function index(request: Request, response: Response): Promise<void> {
  const wish = readQuery(request)
  const groups = countGroups(wish)
  const [page, groupCounts, above, team, names, model] = await Promise.all([
    readList(wish, groups),
    groups,
    countAbove(request.user!._id),
    salesTeam(),
    namesOfStaff(),
    activeModel(),
  ])
  response.render('sales/leads', {
    layout: 'workspace',
    nav: 'leads',
    counts: { leads: above.new },
    head: { title: (response.locals.t as Translate)('sales:leads.title') },
    tabs,
    groupCounts,
    ...above,
    wish,
    team,
    names,
    rows: page.rows,
    groupOf,
    minutesUntil,
    moments: relativeTimes(response),
    now: now(),
    model,
    list: page,
    addressOf: (change: Record<string, string>) => `/sales/leads?${queryOf(wish, change)}`,
    csv: `/sales/leads.csv?${queryOf(wish, {})}`,
  })
}

/** `GET /sales/leads.csv`: the chosen list for a spreadsheet; what looks like a formula is made harmless. */
export async function download(request: Request, response: Response): Promise<void> {
  const wish = readQuery(request)
  const [rows, names] = await Promise.all([readAll(wish), namesOfStaff()])
  const t = response.locals.t as Translate
  await audit({
    actor: request.user!._id,
    action: 'leads.exported',
    subject: wish.tab,
    detail: { rows: rows.length },
  })
  response
    .type('text/csv')
    .attachment(`leads-${wish.tab}.csv`)
    .send(
      stringify(
        rows.map(row => csvRow(row, names, t)),
        { header: true, bom: true, escape_formulas: true },
      ),
    )
}

/** `GET /sales/leads/:person`, also as of another day (`?on=2026-11-20`). */
export async function show(request: Request, response: Response): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded
  const asked = { at: requestedMoment(request.query.on), all: request.query.all === '1' }
  response.render('sales/lead', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: person.name },
    ...(await leadPage({ person, lead }, request.user!, asked, response)),
  })
}

/** `POST /sales/leads/:person/acceptance` */
export async function accept(request: Request, response: Response): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  if (await acceptLead(lead, request.user!._id))
    await audit({ actor: request.user!._id, action: 'lead.accepted', subject: String(person._id) })
  const t = response.locals.t as Translate
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.accepted'),
    text: t('sales:flash.acceptedText', { name: person.name }),
  })
  response.redirect(303, `/sales/leads/${person._id}`)
}

/** `POST /sales/leads/:person/acceptance/undo`: takes the acceptance back, for ten minutes. */
export async function undo(request: Request, response: Response): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  if (await undoAcceptance(lead, request.user!._id))
    await audit({ actor: request.user!._id, action: 'lead.acceptance_undone', subject: String(person._id) })
  const t = response.locals.t as Translate
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.acceptanceUndone'),
    text: t('sales:flash.acceptanceUndoneText'),
  })
  response.redirect(303, `/sales/leads/${person._id}`)
}

/** `GET /sales/leads/:person/rejection/new`: the dialog of reasons, as a page. */
export function askReason(_request: Request, response: Response): void {
  response.render('sales/rejection', rejectionPage(response))
}

export const rejection = z.object({
  reason: z.enum(rejectionReasons, { error: 'sales:errors.reason' }),
  text: z.string().trim().max(500, { error: 'web:errors.tooLong' }).default(''),
})

/** `POST /sales/leads/:person/rejection` */
export async function reject(request: Request, response: Response): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  const { data, form } = readForm(rejection, request, response)
  if (form) return refuseForm(response, 'sales/rejection', form, rejectionPage(response))
  if (await rejectLead(lead, request.user!._id, data.reason, data.text))
    await audit({
      actor: request.user!._id,
      action: 'lead.rejected',
      subject: String(person._id),
      detail: { reason: data.reason },
    })
  const t = response.locals.t as Translate
  setFlash(response, { kind: 'done', bold: t('sales:flash.rejected'), text: t('sales:flash.rejectedText') })
  response.redirect(303, '/sales/leads')
}

/** `POST /sales/leads/:person/owner`: hands the lead to somebody else. */
export async function changeOwner(request: Request, response: Response): Promise<void> {
  const { person } = response.locals.loaded as Loaded
  const owner = String((request.body as { owner?: unknown } | undefined)?.owner ?? '')
  await assignLead(person._id, owner)
  await audit({
    actor: request.user!._id,
    action: 'lead.assigned',
    subject: String(person._id),
    detail: { owner },
  })
  const t = response.locals.t as Translate
  setFlash(response, { kind: 'done', bold: t('sales:flash.reassigned') })
  response.redirect(303, `/sales/leads/${person._id}`)
}

function rejectionPage(response: Response) {
  const { person, lead } = response.locals.loaded as Loaded
  const t = response.locals.t as Translate
  const firstName = person.name.split(/\s+/)[0]
  return {
    layout: 'workspace',
    nav: 'leads',
    head: { title: t('sales:rejection.title', { name: firstName }) },
    subject: person,
    firstName,
    lead,
    reasons: rejectionReasons,
    action: `/sales/leads/${person._id}/rejection`,
    back: `/sales/leads/${person._id}`,
  }
}

function readQuery(request: Request): ListQuery {
  const { tab, owner, q, after, before } = parametersOf(request)
  return {
    tab: tabs.find(each => each === tab) ?? 'recent',
    reader: request.user!._id,
    owner: owner && Types.ObjectId.isValid(owner) ? new Types.ObjectId(owner) : undefined,
    search: (q ?? '').trim().slice(0, 100),
    after,
    before,
  }
}

function queryOf({ tab, owner, search }: ListQuery, change: Record<string, string>): URLSearchParams {
  const kept = { tab, owner: owner ? String(owner) : '', q: search, ...change }
  return new URLSearchParams(Object.entries(kept).filter(([, value]) => value))
}

function csvRow(
  { person, lead, points, fit, grade, reasons: why }: Row,
  names: Map<string, string>,
  t: Translate,
) {
  return {
    name: person.name,
    email: person.email,
    title: person.title ?? '',
    company: person.company?.name ?? '',
    grade,
    fit,
    engagement: points.toFixed(1),
    status: lead ? t(`sales:status.${groupOf(lead)}`) : t('sales:status.nearThreshold'),
    why_now: why.map(({ key, values }) => t(`sales:headline.${key}`, values)).join(', '),
    qualified_at: lead?.qualifiedAt.toISOString() ?? '',
    owner: (lead?.owner && names.get(String(lead.owner))) ?? '',
    amount_minor: lead?.amount ?? '',
    currency: lead?.currency ?? '',
  }
}
