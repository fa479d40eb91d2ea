import { isDeepStrictEqual } from 'node:util'
import type { Response } from 'express'
import { z } from 'zod'
import { absencesOf, Absences, addAbsence, removeAbsence, type Absence } from '../leads/absence'
import { assignableTeam } from '../leads/assignable-team'
import { canUndoHandover, handOverLeads, undoHandover } from '../leads/hand-over'
import { activeRouting, routingDraft, routingVersion } from '../leads/routing-rules'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { days, later, now } from '../platform/clock'
import { forbidden, notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { setFlash, type Flash } from '../web/flash'
import { checkbox, emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { withoutRule } from './lead-filters'
import { countByRule } from './routing-counts'
import {
  absenceRows,
  readRoutingWorld,
  restTexts,
  ruleRows,
  teamRows,
  type RoutingWorld,
} from './routing-view'

export const routingPath = '/sales/routing'

/** True for who may change the rules, and the absences of others. */
const leadsSales = ({ role }: Pick<Person, 'role'>) => role === 'sales-lead' || role === 'admin'

/** `GET /sales/routing`: who gets which leads, why, and who is away. */
export const show: MemberHandler = async (_request, response, person) => {
  await render(response, person, emptyForm({ teammate: String(person._id) }))
}

async function render(response: Response, reader: Person, form: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { number: version, content } = await activeRouting()
  const [draft, world, leadsOf] = await Promise.all([
    routingDraft(),
    readRoutingWorld(texts),
    countByRule(content, reader, texts),
  ])
  const isLead = leadsSales(reader)
  response.render('sales/routing', {
    layout: 'workspace',
    nav: 'routing',
    head: { title: t('sales:routing.title') },
    sentence: await publishedText(version, texts),
    rules: ruleRows(content, world, texts).map(row => ({ ...row, leads: leadsOf(row.id) })),
    withoutRule: withoutRule.map(kind => ({
      name: t(`sales:routing.withoutRule.${kind.slice('kind.'.length)}`),
      leads: leadsOf(kind),
    })),
    rest: restTexts(content, texts),
    team: teamRows(content, world, texts),
    suspended: isLead
      ? world.suspended.map(({ _id, name }) => ({ name, action: `/admin/people/${_id}/reactivation` }))
      : [],
    absences: absenceRows(world, reader, isLead, texts),
    fields: absenceFields(world, reader, isLead, texts),
    handOver: {
      ...{ name: 'handOver', kind: 'checkbox', label: t('sales:routing.absence.handOverNow') },
    } satisfies FormField,
    form,
    isLead,
    draftText: t(
      `sales:routing.${isDeepStrictEqual(draft.content, content) ? 'changeRules' : 'continueDraft'}`,
    ),
  })
}

/** Which rules count since when, by whom and why. */
async function publishedText(version: number | null, { t, date }: Texts): Promise<string> {
  const published = version === null ? null : await routingVersion(version)
  if (!published) return t('sales:routing.neverPublished')
  const by = published.publishedBy && (await People.findById(published.publishedBy, { name: 1 }))
  return t('sales:routing.published', {
    version,
    by: by?.name ?? t('sales:lead.formerTeammate'),
    when: date(published.publishedAt, 'day'),
    reason: published.content.reason,
  })
}

function absenceFields({ team }: RoutingWorld, reader: Person, isLead: boolean, { t }: Texts): FormField[] {
  const label = (name: string) => t(`sales:routing.absence.${name}`)
  const isInTeam = team.some(({ _id }) => _id.equals(reader._id))
  if (!isLead && !isInTeam) return []
  const options = team.map(({ _id, name }) => ({ value: String(_id), text: name }))
  return [
    ...(isLead
      ? [{ name: 'teammate', kind: 'select', label: label('teammate'), options, required: true } as const]
      : []),
    { name: 'from', type: 'date', label: label('from'), required: true },
    { name: 'until', type: 'date', label: label('until'), required: true },
  ]
}

const day = z.iso.date({ error: 'sales:demoHours.errors.day' })
/** The longest absence, in days. */
const longest = 400
const absenceForm = z
  .object({ teammate: z.string().max(50).optional(), from: day, until: day, handOver: checkbox })
  .refine(({ from, until }) => from <= until, {
    error: 'sales:routing.errors.untilBeforeFrom',
    path: ['until'],
  })
  .refine(
    ({ from, until }) =>
      until <= later(new Date(from), days(longest)).toISOString().slice(0, 10) &&
      until >= later(now(), -days(2)).toISOString().slice(0, 10),
    { error: 'sales:routing.errors.absenceDays', path: ['until'] },
  )

/** `POST /sales/routing/absences`: enters an absence: one's own, or for who leads the team anybody's. */
export const addOne: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(absenceForm, request, response)
  if (form) return render(response.status(422), user, form)
  const { t, date } = textsOf(response)
  const teammate = data.teammate && leadsSales(user) ? data.teammate : String(user._id)
  const subject = (await assignableTeam()).find(({ _id }) => String(_id) === teammate)
  const refuse = (field: string, key: string) =>
    render(response.status(422), user, {
      values: request.body as object,
      errors: { [field]: t(key) },
    } as Form)
  if (!subject) return refuse('teammate', 'sales:errors.ownerNotInSales')
  const { from, until, handOver } = data
  const absence = await addAbsence({ teammate: subject._id, from, until }, user._id)
  if (!absence) return refuse('until', 'sales:routing.errors.tooManyAbsences')
  await audit({ actor: user._id, action: 'absence.added', subject: teammate, detail: { from, until } })
  if (handOver) return handOverAndSay(response, user, absence)
  const bold = t('sales:routing.flash.absent', {
    name: subject.name,
    from: date(new Date(from), 'day'),
    until: date(new Date(until), 'day'),
  })
  back(response, { kind: 'done', bold })
}

/** `POST /sales/routing/absences/:id/removal` */
export const removeOne: MemberHandler = async (request, response, user) => {
  const absence = await absenceIn(request.params.id, user)
  await removeAbsence(absence._id)
  const { from, until, teammate } = absence
  await audit({
    actor: user._id,
    action: 'absence.removed',
    subject: String(teammate),
    detail: { from, until },
  })
  back(response, { kind: 'done', bold: textsOf(response).t('sales:routing.flash.absenceRemoved') })
}

/** `POST /sales/routing/absences/:id/handover`: gives the open leads to the others by the rules. */
export const handOver: MemberHandler = async (request, response, user) => {
  await handOverAndSay(response, user, await absenceIn(request.params.id, user))
}

/** `POST /sales/routing/absences/:id/handover/undo`: gives back what nobody has changed since, for 10 minutes. */
export const undoHandOver: MemberHandler = async (request, response, user) => {
  const count = await undoHandover(await absenceIn(request.params.id, user), user._id)
  back(response, { kind: 'done', bold: textsOf(response).t('sales:routing.flash.returned', { count }) })
}

async function handOverAndSay(response: Response, user: Person, absence: Absence): Promise<void> {
  const taken = await handOverLeads(absence, user._id)
  const { t } = textsOf(response)
  const [people, after] = await Promise.all([
    People.find({ _id: { $in: [...taken.keys()] } }, { name: 1 }),
    absencesOf(absence.teammate),
  ])
  const shares = people.map(({ _id, name }) =>
    t('sales:routing.share', { name, count: taken.get(String(_id)) ?? 0 }),
  )
  const count = [...taken.values()].reduce((sum, each) => sum + each, 0)
  const current = after.find(({ _id }) => _id === absence._id)
  const undo = `${routingPath}/absences/${absence._id}/handover/undo`
  back(response, {
    kind: 'done',
    bold: t('sales:routing.flash.handedOver', { count }),
    text: shares.join(', '),
    ...(count &&
      current &&
      canUndoHandover(current, user._id) && { undo: { action: undo, text: t('sales:lead.undoShort') } }),
  })
}

/** @throws 404 for none, and 403 for the absence of someone else. */
async function absenceIn(id: string, user: Person): Promise<Absence> {
  const absence = await Absences.findById(id)
  if (!absence) throw notFound()
  if (!leadsSales(user) && !absence.teammate.equals(user._id)) throw forbidden()
  return absence
}

function back(response: Response, flash: Flash): void {
  setFlash(response, flash)
  response.redirect(303, `${routingPath}#absences`)
}
