import { stringify } from 'csv-stringify/sync'
import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { notFound, HttpError } from '../platform/errors'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { acceptLead } from '../leads/accept-lead'
import { assignLead } from '../leads/assign-lead'
import { salesTeam } from '../leads/assign-owner'
import { Leads, type Lead } from '../leads/lead'
import { rejectLead } from '../leads/reject-lead'
import { undoAcceptance } from '../leads/undo-acceptance'
import { activeModel } from '../scoring/model'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { countByRank, countLeads, namesOfStaff, readAll, readList, tabs, type ListQuery } from './lead-list'
import { leadPage, requestedMoment } from './lead-page'
import { firstNameOf } from '../people/first-name'
import { csvRow, leadsView } from './leads-view'
import { rejectionFields, rejectionForm } from './rejection-form'
import { salesTextsOf } from './sales-texts'

/** The person of the URL; `lead` is null when they have never been handed off. */
type Loaded = { person: Person; lead: Lead | null }

/**
 * Puts the person of the URL into `response.locals.loaded`.
 *
 * @throws 404 when sales doesn't know the person, 410 when a lead has stopped sharing.
 */
export const load: Handler = async (request, response) => {
  const id = request.params.person
  if (!Types.ObjectId.isValid(id)) throw notFound()
  const [person, lead] = await Promise.all([
    People.findOne({ _id: id, role: 'prospect' }).lean<Person>(),
    Leads.findById(id),
  ])
  if (!person) throw notFound()
  const isSharing = person.consents.includes('share_with_sales') && person.consents.includes('profiling')
  if (!isSharing) throw lead ? new HttpError(410, 'sales:errors.notShared') : notFound()
  response.locals.loaded = { person, lead } satisfies Loaded
}

/** Continues only for a lead: a person who has never been handed off can't be accepted or rejected (404). */
export const requireLead: Handler = (_request, response) => {
  if (!(response.locals.loaded as Loaded).lead) throw notFound()
}

/** `GET /sales/leads`: leads by status and score, filtered by tab, owner and search. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const query = readQuery(request)
  const ranks = countByRank(query)
  const [list, countsByRank, counts, team, names, model] = await Promise.all([
    readList(query, ranks),
    ranks,
    countLeads(person._id),
    salesTeam(),
    namesOfStaff(),
    activeModel(),
  ])
  const texts = salesTextsOf(response)
  const record = { query, list, countsByRank, counts, team, names, model, now: now() }
  response.render('sales/leads', {
    layout: 'workspace',
    nav: 'leads',
    counts: { leads: counts.new },
    head: { title: texts.t('sales:leads.title') },
    leads: leadsView(record, texts),
  })
}

/** `GET /sales/leads.csv`: the filtered list as CSV; text that looks like a formula is escaped. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const query = readQuery(request)
  const [rows, names] = await Promise.all([readAll(query), namesOfStaff()])
  await audit({
    actor: person._id,
    action: 'leads.exported',
    subject: query.tab,
    detail: { rows: rows.length },
  })
  const texts = textsOf(response)
  response
    .type('text/csv')
    .attachment(`leads-${query.tab}.csv`)
    .send(
      stringify(
        rows.map(row => csvRow(row, names, texts)),
        { header: true, bom: true, escape_formulas: true },
      ),
    )
}

/** `GET /sales/leads/:person`, as of now or of an earlier day (`?on=2026-11-20`). */
export async function show(request: Request, response: Response, user: Person): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded
  const options = { at: requestedMoment(request.query.on), showAll: request.query.all === '1' }
  response.render('sales/lead', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: person.name },
    scripts: ['/js/sales.js'],
    lead: await leadPage({ person, lead }, user, options, salesTextsOf(response)),
  })
}

/** `POST /sales/leads/:person/acceptance` */
export async function accept(request: Request, response: Response, user: Person): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  if (await acceptLead(lead, user._id))
    await audit({ actor: user._id, action: 'lead.accepted', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.accepted'),
    text: t('sales:flash.acceptedText', { name: person.name }),
  })
  response.redirect(303, `/sales/leads/${person._id}`)
}

/** `POST /sales/leads/:person/acceptance/undo`: possible for 10 minutes, by the person who accepted. */
export async function undo(request: Request, response: Response, user: Person): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  if (await undoAcceptance(lead, user._id))
    await audit({ actor: user._id, action: 'lead.acceptance_undone', subject: String(person._id) })
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('sales:flash.acceptanceUndone'),
    text: t('sales:flash.acceptanceUndoneText'),
  })
  response.redirect(303, `/sales/leads/${person._id}`)
}

/** `GET /sales/leads/:person/rejection/new`: the form as a page, which the browser shows as a dialog. */
export function newRejection(_request: Request, response: Response): void {
  response.render('sales/rejection', rejectionPage(response))
}

/** `POST /sales/leads/:person/rejection` */
export async function reject(request: Request, response: Response, user: Person): Promise<void> {
  const { person, lead } = response.locals.loaded as Loaded & { lead: Lead }
  const { data, form } = readForm(rejectionForm, request, response)
  if (form) return refuseForm(response, 'sales/rejection', form, rejectionPage(response))
  if (await rejectLead(lead, user._id, data.reason, data.text))
    await audit({
      actor: user._id,
      action: 'lead.rejected',
      subject: String(person._id),
      detail: { reason: data.reason },
    })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:flash.rejected'), text: t('sales:flash.rejectedText') })
  response.redirect(303, '/sales/leads')
}

/** `POST /sales/leads/:person/owner`: assigns the lead to another member of the sales team. */
export async function changeOwner(request: Request, response: Response, user: Person): Promise<void> {
  const { person } = response.locals.loaded as Loaded
  const owner = String((request.body as { owner?: unknown } | undefined)?.owner ?? '')
  await assignLead(person._id, owner)
  await audit({
    actor: user._id,
    action: 'lead.assigned',
    subject: String(person._id),
    detail: { owner },
  })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:flash.reassigned') })
  response.redirect(303, `/sales/leads/${person._id}`)
}

function rejectionPage(response: Response) {
  const { person } = response.locals.loaded as Loaded
  const { t } = textsOf(response)
  const name = firstNameOf(person.name)
  const href = `/sales/leads/${person._id}`
  const title = t('sales:rejection.title', { name })
  return {
    layout: 'workspace',
    nav: 'leads',
    head: { title },
    title,
    leadName: person.name,
    rejection: {
      action: `${href}/rejection`,
      fields: rejectionFields(t),
      needsCsrf: true,
      submitClass: 'button button-main',
      cancel: { href, text: t('sales:rejection.cancel', { name }) },
    },
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
