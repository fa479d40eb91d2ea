import type { Request, Response } from 'express'
import { z } from 'zod'
import { rehearseRouting, type Rehearsal, type RoutingMove } from '../leads/rehearse-routing'
import {
  publishRouting,
  routingDraft,
  routingHistory,
  routingVersion,
  saveRouting,
} from '../leads/routing-rules'
import { audit } from '../events/audit'
import { namesForSales } from '../people/names'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, lineField, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { pageLinks, pageOfRows, type At, type CountedPage } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { versionRows } from '../web/version-rows'
import { namesOfStaff } from './lead-list'
import { routingPath } from './routing'
import { assignmentText } from './routing-texts'

/** `GET /sales/routing/rehearsal?rule=`: whom the draft would have given the leads of the last 90 days. */
export const rehearse: MemberHandler = async (request, response) => {
  await renderRehearsal(request, response, emptyForm())
}

const publicationForm = z.object({ reason: lineField('sales:routing.errors.reason', 500) })

/** `POST /sales/routing/publications`: publishes the draft with a reason; the next lead is given by it. */
export const publish: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(publicationForm, request, response)
  if (form) return renderRehearsal(request, response.status(422), form)
  const number = await publishRouting(
    Number((request.body as Record<string, unknown>).draftNumber),
    data.reason,
    user._id,
  )
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:routing.flash.published', { version: number }) })
  response.redirect(303, routingPath)
}

/** `GET /sales/routing/versions`: what was published, when, by whom and why. */
export const routingVersions: MemberHandler = async (_request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  const [history, draft] = await Promise.all([routingHistory(), routingDraft()])
  const rows = await versionRows(history, draft.version, routingPath, texts)
  response.render('sales/routing-versions', {
    layout: 'workspace',
    nav: 'routing',
    head: { title: t('sales:routing.historyTitle') },
    draftNumber: draft.draftNumber,
    versions: rows.map((row, n) => ({ ...row, reason: history[n]!.content.reason })),
  })
}

/** `POST /sales/routing/versions/:number/restoration`: makes an earlier version the draft. */
export const restoreRouting: MemberHandler = async (request, response, user) => {
  const version = await routingVersion(Number(request.params.number) || 0)
  if (!version) throw notFound()
  await saveRouting(version.content, Number((request.body as Record<string, unknown>).draftNumber))
  const detail = { number: version.number }
  await audit({ actor: user._id, action: 'routing.restored', subject: 'routing', detail })
  const { t } = textsOf(response)
  setFlash(response, { kind: 'done', bold: t('sales:routing.flash.restored', { version: version.number }) })
  response.redirect(303, `${routingPath}/draft`)
}

async function renderRehearsal(
  request: Pick<Request, 'query'>,
  response: Response,
  form: Form,
): Promise<void> {
  const texts = textsOf(response)
  const { content, draftNumber } = await routingDraft()
  const rehearsal = await rehearseRouting(content)
  const list = listIn(rehearsal, parametersOf(request))
  const listed = [...rehearsal.moves, ...(list?.rows ?? [])].map(({ person }) => person)
  const [names, leadNames] = await Promise.all([namesOfStaff(), namesForSales(listed)])
  const nameOf = (id: string) => names.get(id) ?? texts.t('sales:lead.formerTeammate')
  const view = rehearsalView(rehearsal, list, { nameOf, leadNames, rules: content.rules }, texts)
  response.render('sales/routing-rehearsal', {
    layout: 'workspace',
    nav: 'routing',
    head: { title: texts.t('sales:routing.rehearsal.title') },
    ...{ view, form, draftNumber },
    fields: [
      {
        ...{ name: 'reason', label: texts.t('sales:routing.fields.reason') },
        ...{ required: true, maxlength: 500, hint: texts.t('sales:routing.hints.reason') },
      },
    ],
  })
}

const withoutRule = ['fallback', 'overflow'] as const
const pageSize = 50

/** A page of the leads that the draft gives by one rule. */
type RuleList = CountedPage<RoutingMove & { n: number }> & { rule: string }

/** Returns the list that an address asks for; otherwise that of leads that no rule matches. Null without any. */
function listIn(
  { byRule }: Rehearsal,
  { rule = '', after, before }: ReturnType<typeof parametersOf>,
): RuleList | null {
  const shown = [rule, ...withoutRule].find(each => byRule.has(each))
  if (shown === undefined) return null
  const rows = byRule.get(shown)!.map((move, n) => ({ ...move, n }))
  const at = shown === rule ? { after, before } : {}
  return { rule: shown, ...pageOfRows(rows, { n: 1 }, at, pageSize) }
}

type Names = {
  nameOf: (id: string) => string
  leadNames: Map<string, string>
  rules: { id: string; name: string }[]
}

function rehearsalView(rehearsal: Rehearsal, list: RuleList | null, names: Names, texts: Texts) {
  const { t, number, date, dir } = texts
  const { leads, moved, reps, weeks, byRule, moves, from, until, isCut } = rehearsal
  const { nameOf, rules } = names
  const count = (key: string) => byRule.get(key)?.length ?? 0
  const noRule = count('fallback') + count('overflow')
  const shown = reps
    .filter(rep => rep.now || rep.draft || rep.capacity !== null)
    .sort((a, b) => b.draft - a.draft)
  const most = Math.max(1, ...shown.flatMap(({ nowByWeek, draftByWeek }) => [...nowByWeek, ...draftByWeek]))
  const full = shown.filter(({ capacity, peak }) => capacity !== null && peak > capacity)
  const all = [...rules, ...withoutRule.map(id => ({ id, name: t(`sales:routing.rehearsal.${id}`) }))]
  const change = (rep: Rehearsal['reps'][number]) => {
    const difference = rep.draft - rep.now
    return difference > 0 ? `+${number(difference)}` : number(difference).replace('-', '−')
  }
  return {
    period: t('sales:routing.rehearsal.period', { from: date(from), to: date(until), count: leads }),
    isCut,
    verdict: leads
      ? [
          t('sales:routing.rehearsal.moved', { count: moved, leads: number(leads) }),
          t(noRule ? 'sales:routing.rehearsal.noRule' : 'sales:routing.rehearsal.allCaught', {
            count: noRule,
          }),
          full.length
            ? t('sales:routing.rehearsal.over', { names: full.map(({ id }) => nameOf(id)).join(', ') })
            : t('sales:routing.rehearsal.withinCapacity'),
        ].join(' ')
      : t('sales:routing.rehearsal.nothing'),
    reps: shown.map(rep => ({
      name: nameOf(rep.id),
      now: number(rep.now),
      draft: number(rep.draft),
      change: change(rep),
      peak:
        rep.capacity === null
          ? number(rep.peak)
          : t('sales:routing.openOf', { open: number(rep.peak), capacity: number(rep.capacity) }),
      isOver: rep.capacity !== null && rep.peak > rep.capacity,
      passedFull: number(rep.passedFull),
      chart: {
        weeks: weeks.map((week, n) => ({
          name: date(week, 'short'),
          now: rep.nowByWeek[n]!,
          draft: rep.draftByWeek[n]!,
        })),
        most,
        label: t('sales:routing.rehearsal.chartLabel', {
          ...{ name: nameOf(rep.id), now: number(rep.now), draft: number(rep.draft) },
          most: number(Math.max(...rep.draftByWeek, 0)),
        }),
        rtl: dir === 'rtl',
      },
    })),
    weekTable: weeks.map((week, n) => ({
      name: date(week, 'short'),
      reps: shown.map(rep => ({ now: number(rep.nowByWeek[n]!), draft: number(rep.draftByWeek[n]!) })),
    })),
    rules: all.map(({ id, name }, n) => ({
      ...{ name, count: number(count(id)), isNone: n < rules.length && !count(id) },
      href: count(id) ? listPath(id) : null,
      isShown: list?.rule === id,
    })),
    total: number(all.reduce((sum, { id }) => sum + count(id), 0)),
    list: list && {
      title: all.find(({ id }) => id === list.rule)?.name ?? '',
      moves: list.rows.map(move => moveRow(move, names, texts)),
      pages: {
        text: t('sales:leads.range', {
          ...{ first: number(list.first), last: number(list.first + list.rows.length - 1) },
          total: number(list.total),
        }),
        ...pageLinks(list, at => listPath(list.rule, at)),
      },
    },
    moves: moves.map(move => moveRow(move, names, texts)),
    moreMoves: moved > moves.length ? t('sales:routing.rehearsal.latest', { count: moves.length }) : '',
  }
}

const listPath = (rule: string, at: At = {}) =>
  `${routingPath}/rehearsal?${new URLSearchParams({ rule, ...at }).toString()}#rule`

function moveRow(
  { person, at, from, to, why }: RoutingMove,
  { nameOf, leadNames }: Names,
  { t, date }: Texts,
) {
  const name = leadNames.get(String(person)) ?? null
  return {
    name: name ?? t('sales:demoHours.notShared'),
    href: name === null ? null : `/sales/leads/${person}`,
    at: date(at, 'short'),
    from: nameOf(from),
    to: to === null ? t('sales:lead.noOwner') : nameOf(to),
    why: assignmentText(why, t),
  }
}
