import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { audit } from '../events/audit'
import { assignableTeam } from '../leads/assignable-team'
import {
  batchActions,
  batchOf,
  canUndoBatch,
  maxInBatch,
  obstacleTo,
  runBatch,
  undoBatch,
  type BatchAction,
  type BatchOutcome,
  type LeadBatch,
} from '../leads/lead-batch'
import { Leads, rejectionReasons, type Lead } from '../leads/lead'
import { People, timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { normaliseText } from '../platform/text'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, refuseForm } from '../web/form'
import type { MemberHandler, RouteRequest } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { findListed } from './lead-list'
import { queryIn } from './leads-page'
import { rejectionFields } from './rejection-form'
import { salesTextsOf, type SalesTexts } from './sales-texts'
import { morningOf } from './snooze-choices'
import { maxReason } from './typed-text'

/** The longest address of a list, and what of it fits into the message above the list. */
const [maxList, maxCarried] = [2000, 500]

/** Returns the list of leads that a teammate came from; null for none. */
function namedList(value: unknown): string | null {
  const isList = typeof value === 'string' && value.length <= maxList && /^\/sales\/leads(\?|$)/.test(value)
  if (!isList) return null
  const { pathname, search } = new URL(value, 'http://here.invalid')
  return pathname + search
}

const listIn = (value: unknown): string => namedList(value) ?? '/sales/leads'

/** Returns the path of a batch, which leads back to the list that it was made from. */
function pathOf({ _id }: LeadBatch, back: string, step: '' | '/undo' = ''): string {
  const list = encodeURIComponent(back)
  return `/sales/lead-batches/${_id}${step}${list.length > maxCarried ? '' : `?list=${list}`}`
}

const idsIn = (value: unknown): string[] =>
  [...new Set([value].flat().flatMap(each => (typeof each === 'string' ? each.split(',') : [])))].filter(id =>
    /^[0-9a-f]{24}$/.test(id),
  )

/** Returns leads that sales may see, in the order of their ids in the request; at most `maxInBatch`. */
async function readLeads(ids: string[]): Promise<Lead[]> {
  const leads = await Leads.find({ _id: { $in: ids.slice(0, maxInBatch) }, shared: true })
  const byId = new Map(leads.map(lead => [String(lead._id), lead]))
  return ids.flatMap(id => byId.get(id) ?? [])
}

/**
 * `GET /sales/lead-batches/new?action=&lead=…`: says what an answer to several leads will do, before it is given. With
 * `all=1`, they are those of the whole list in `list`, as far as `maxInBatch`.
 */
export const prepare: MemberHandler = async (request, response, user) => {
  const { action, all, lead, list } = request.query
  const chosen = batchActions.find(each => each === action)
  const back = listIn(list)
  if (action === undefined) return response.redirect(303, back)
  if (!chosen) throw notFound()
  // All leads of another list than the one that was seen would be too many.
  if (all === '1' && !namedList(list)) throw notFound()
  const found =
    all === '1' ? await findListed(await queryIn(back, user), maxInBatch + 1) : await readLeads(idsIn(lead))
  if (!found.length) {
    setFlash(response, { kind: 'warning', bold: salesTextsOf(response).t('sales:bulk.none') })
    return response.redirect(303, back)
  }
  const page = await batchForm(response, user, { action: chosen, leads: found, back })
  response.render('sales/lead-batch-new', { ...page, form: emptyForm() })
}

type Chosen = { action: BatchAction; leads: Lead[]; back: string }

async function batchForm(response: Response, user: Person, { action, leads, back }: Chosen) {
  const texts = salesTextsOf(response)
  const { t } = texts
  const taken = leads.slice(0, maxInBatch)
  const obstacles = taken.map(lead => obstacleTo(action, lead, user))
  const possible = taken.filter((_, n) => obstacles[n] === null)
  const title = t(`sales:bulk.titles.${action}`, { count: possible.length })
  return {
    layout: 'workspace',
    nav: 'leads',
    head: { title },
    batch: {
      title,
      action,
      back,
      leads: possible.map(({ _id }) => String(_id)).join(','),
      names: await namesIn(possible.slice(0, namesShown), possible.length, texts),
      notes: [
        ...(leads.length > maxInBatch ? [t('sales:bulk.limit', { maximum: maxInBatch })] : []),
        ...notesOn(obstacles, texts),
      ],
      effect: t(`sales:bulk.effect.${action}`),
      fields: action === 'reject' ? rejectionFields(t) : null,
      owners:
        action === 'reassign'
          ? (await assignableTeam()).map(({ _id, name }) => ({ value: String(_id), text: name }))
          : null,
      button: t(`sales:bulk.buttons.${action}`, { count: possible.length }),
      isPossible: possible.length > 0,
    },
  }
}

const namesShown = 12

async function namesIn(leads: Lead[], count: number, { t }: SalesTexts): Promise<string> {
  const names = await namesOfSharing(leads.map(({ _id }) => _id))
  const shown = leads.flatMap(({ _id }) => names.get(String(_id)) ?? [])
  const rest = count - shown.length
  return rest > 0 ? t('sales:bulk.namesAndMore', { names: shown.join(', '), count: rest }) : shown.join(', ')
}

/** Returns the names of those whom sales may see, by id: nobody is named once they have stopped sharing. */
async function namesOfSharing(ids: Types.ObjectId[]): Promise<Map<string, string>> {
  const people = await People.find({ _id: { $in: ids } }, { name: 1, consents: 1, sharingPausedAt: 1 })
  return new Map(people.filter(canSeeLearning).map(({ _id, name }) => [String(_id), name]))
}

/** Such as `2 already have a response`. */
function notesOn(outcomes: (BatchOutcome | null)[], { t }: SalesTexts): string[] {
  return (['answered', 'others', 'waitsNot', 'changed', 'kept'] as const).flatMap(each => {
    const count = outcomes.filter(outcome => outcome === each).length
    return count ? [t(`sales:bulk.outcome.${each}`, { count })] : []
  })
}

const batchFields = z.object({
  action: z.enum(batchActions),
  leads: z.string(),
  list: z.string().optional(),
})

const text = z
  .string()
  .overwrite(normaliseText)
  .trim()
  .max(maxReason, { error: 'web:errors.tooLong' })
  .default('')
const noOwner = { error: 'sales:errors.ownerNotInSales' }
/** What each action needs besides. */
const details = {
  accept: z.object({ text }),
  reject: z.object({ text, reason: z.enum(rejectionReasons, { error: 'sales:errors.reason' }) }),
  reassign: z.object({ text, owner: z.string(noOwner).min(1, noOwner) }),
  snooze: z.object({ text, day: z.iso.date({ error: 'sales:errors.snoozeUntil' }) }),
}

/** `POST /sales/lead-batches`: gives the leads in `leads` the answer in `action`; each is a change of its own. */
export const create: MemberHandler = async (request, response, user) => {
  const read = batchFields.safeParse(request.body)
  if (!read.success) throw notFound()
  const { action } = read.data
  const back = listIn(read.data.list)
  const leads = await readLeads(idsIn(read.data.leads))
  const { data, form } = readForm(details[action], request, response)
  const detail = (data ?? {}) as {
    text?: string
    reason?: LeadBatch['reason']
    owner?: string
    day?: string
  }
  const until = detail.day ? morningOf(detail.day, timeZoneOf(user)) : null
  const { t } = salesTextsOf(response)
  const isUnknown = detail.owner && !(await assignableTeam()).some(({ _id }) => String(_id) === detail.owner)
  const isPast = detail.day && (!until || !isAhead(until))
  if (form || isUnknown || isPast) {
    const errors =
      form?.errors ??
      (isPast ? { day: t('sales:errors.snoozeUntil') } : { owner: t('sales:errors.ownerNotInSales') })
    const page = await batchForm(response, user, { action, leads, back })
    return refuseForm(response, 'sales/lead-batch-new', { values: request.body, errors }, page)
  }
  const { batch, isNew } = await runBatch(
    {
      _id: recordIdOf(submissionOf(request, user)),
      by: user._id,
      action,
      text: detail.text ?? '',
      ...{ reason: detail.reason ?? null, owner: detail.owner ?? null, until },
    },
    leads,
    user,
  )
  const count = countOf(batch, 'done')
  if (isNew) await audit({ actor: user._id, action: 'leads.answered', subject: action, detail: { count } })
  answered(request, response, batch, back)
}

/** Leads can be set aside for 180 days. */
function isAhead(until: Date): boolean {
  const days = (until.getTime() - now().getTime()) / 86_400_000
  return days > 0 && days <= 180
}

const countOf = ({ items }: LeadBatch, outcome: BatchOutcome) =>
  items.filter(item => item.outcome === outcome).length

/** Says what has happened: above the list, or on the batch's own page while there is more to do. */
function answered(_request: Request, response: Response, batch: LeadBatch, back: string): void {
  const path = pathOf(batch, back)
  if (batch.step) return response.redirect(303, path)
  const texts = salesTextsOf(response)
  const { t } = texts
  const isUndone = batch.items.some(({ outcome }) => outcome === 'undone' || outcome === 'kept')
  setFlash(response, {
    kind: 'done',
    bold: resultOf(batch, texts),
    text: notesOn(
      batch.items.map(({ outcome }) => outcome),
      texts,
    ).join(' '),
    link: { href: path, text: t('sales:bulk.details') },
    ...(!isUndone &&
      countOf(batch, 'done') > 0 && {
        undo: { action: pathOf(batch, back, '/undo'), text: t('sales:lead.undoShort') },
      }),
  })
  response.redirect(303, back)
}

function resultOf(batch: LeadBatch, { t }: SalesTexts): string {
  const undone = countOf(batch, 'undone')
  return undone
    ? t('sales:bulk.undone', { count: undone })
    : t(`sales:bulk.results.${batch.action}`, { count: countOf(batch, 'done') })
}

async function loadBatch(request: RouteRequest, user: Person): Promise<LeadBatch> {
  const { id } = request.params
  const batch = Types.ObjectId.isValid(id) ? await batchOf(user._id, id) : null
  if (!batch) throw notFound()
  return batch
}

/** `GET /sales/lead-batches/:id`: what has become of each lead of one's own batch. */
export const show: MemberHandler = async (request, response, user) => {
  const batch = await loadBatch(request, user)
  const texts = salesTextsOf(response)
  const { t } = texts
  const back = listIn(request.query.list)
  const names = await namesOfSharing(batch.items.map(({ lead }) => lead))
  const left = batch.items.filter(({ outcome }) => outcome === null).length
  response.render('sales/lead-batch', {
    layout: 'workspace',
    nav: 'leads',
    head: { title: resultOf(batch, texts) },
    batch: {
      back,
      title: resultOf(batch, texts),
      left: batch.step ? t('sales:bulk.left', { count: left }) : null,
      undo: canUndoBatch(batch, user._id) ? pathOf(batch, back, '/undo') : null,
      rows: batch.items.flatMap(({ lead, outcome }) => {
        const name = names.get(String(lead))
        if (!name) return []
        return [{ href: `/sales/leads/${lead}`, name, text: t(`sales:bulk.became.${outcome ?? 'waiting'}`) }]
      }),
    },
  })
}

/** `POST /sales/lead-batches/:id/undo`: for 10 minutes; a lead that has changed since stays as it is. */
export const undoAnswers: MemberHandler = async (request, response, user) => {
  const batch = await undoBatch(await loadBatch(request, user), user._id)
  await audit({
    actor: user._id,
    action: 'leads.answer_undone',
    subject: batch.action,
    detail: { count: countOf(batch, 'undone') },
  })
  answered(request, response, batch, listIn(request.query.list))
}
