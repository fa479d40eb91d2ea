import { Types, type QueryFilter } from 'mongoose'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { assignableTeam } from '../leads/assignable-team'
import { personIn } from '../leads/routing-choice'
import { activeRouting } from '../leads/routing-rules'
import {
  cancelReplay,
  setWeeklyCapacity,
  weeklyCapacity,
  ReplayMoves,
  ScoringReplays,
  startReplay,
  type ReplayMove,
  type ScoringReplay,
} from '../leads/scoring-replay'
import { now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { keyOfChange } from '../scoring/apply-change'
import { modelDraft } from '../scoring/model-draft'
import { setFlash } from '../web/flash'
import { readForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { changeText, moveRows, replayHref } from './scoring-replay-texts'
import { scoringReplayView } from './scoring-replay-view'

const maxCapacity = 10_000
/** Leads that a teammate can call in a week, where routing has no limit for them. */
const standardCapacity = 3
const pageSize = 50

const capacityForm = z.object({
  capacity: z.preprocess(
    typed => (typed === '' ? undefined : typed),
    z.coerce
      .number({ error: 'admin:scoringReplay.errors.capacity' })
      .int({ error: 'admin:scoringReplay.errors.capacity' })
      .min(1, { error: 'admin:scoringReplay.errors.capacity' })
      .max(maxCapacity, { error: 'admin:scoringReplay.errors.capacity' })
      .optional(),
  ),
})

/** `POST /admin/scoring-model/replays`: compares the draft with the active model over all of history. */
export const create: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(capacityForm, request, response)
  const { replay: from } = request.body as Record<string, unknown>
  if (form) {
    const before = typeof from === 'string' ? await replayAt(from) : null
    if (!before) throw new HttpError(422, 'admin:scoringReplay.errors.capacity')
    return renderReplay(request, response.status(422), before, form)
  }
  const { base, content, hash } = await modelDraft()
  // The form of a replay sets it for all that follow, and an empty field goes back to routing.
  if (typeof from === 'string') await setWeeklyCapacity(data.capacity ?? null)
  const capacity = data.capacity ?? (await weeklyCapacity()) ?? (await routingCapacity())
  const id = await startReplay({ by: user._id, active: base, draft: { hash, content }, capacity })
  response.redirect(303, replayHref(id))
}

/** How many leads the team can call in a week, unless it is set: the sum of everyone's limit in routing. */
async function routingCapacity(): Promise<number> {
  const [team, { content }] = await Promise.all([assignableTeam(), activeRouting()])
  const reps = team.some(({ role }) => role === 'sales') ? team.filter(({ role }) => role === 'sales') : team
  const sum = reps.reduce(
    (total, { _id }) => total + (personIn(content, String(_id)).capacity ?? standardCapacity),
    0,
  )
  return Math.max(1, Math.min(sum, maxCapacity))
}

/** `GET /admin/scoring-model/replays/:id`: how far a replay is, or its report. */
export const show: MemberHandler = async (request, response) => {
  const replay = await replayAt(request.params.id)
  if (!replay) throw notFound()
  await renderReplay(request, response, replay, { values: { capacity: replay.capacity }, errors: {} })
}

/** `POST /admin/scoring-model/replays/:id/cancellation`: stops it. Nothing is left of it but that it was asked for. */
export const cancelRunning: MemberHandler = async (request, response) => {
  const replay = await replayAt(request.params.id)
  if (!replay) throw notFound()
  await cancelReplay(replay._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoringReplay.flash.cancelled') })
  response.redirect(303, '/admin/scoring-model/draft')
}

/** `GET /admin/scoring-model/replays/:id/people?direction=in&rule=rules:questionAsked`: who moves, and why. */
export const moved: MemberHandler = async (request, response) => {
  const replay = await replayAt(request.params.id)
  if (!replay?.report) throw notFound()
  const { report, _id, version } = replay
  const { direction, rule, outcome, after, before } = parametersOf(request)
  const change = report.changes.find(each => keyOfChange(each) === rule)
  const isKnown =
    (direction === 'in' || direction === 'out') &&
    (rule === undefined || change) &&
    (outcome === undefined || outcome === 'won' || outcome === 'lost' || outcome === 'open')
  if (!isKnown) throw notFound()
  const given = { direction, ...(rule && { rule }), ...(outcome && { outcome }) }
  const filter: QueryFilter<ReplayMove> = {
    ...{ replay: _id, direction },
    ...(rule && { change: rule }),
    ...(outcome && { outcome }),
  }
  const texts = textsOf(response)
  const { t, number } = texts
  const [page, count] = await Promise.all([
    readPage<ReplayMove>(
      beyond => ReplayMoves.find({ $and: [filter, beyond] }),
      { at: -1, _id: -1 },
      { after, before },
      pageSize,
    ),
    ReplayMoves.count(filter),
  ])
  const title = t(`admin:scoringReplay.${direction === 'in' ? 'wouldQualify' : 'wouldDrop'}`)
  response.render('admin/scoring-replay-people', {
    layout: 'workspace',
    nav: 'model',
    head: { title },
    ...{ version, draftVersion: version + 1, backHref: replayHref(_id) },
    sentence: [
      ...(change ? [changeText(change, texts)] : []),
      ...(outcome ? [t(`admin:scoringReplay.${outcome}`)] : []),
      t('admin:scoringReplay.peopleCount', { count, people: number(count) }),
    ].join(' · '),
    rows: await moveRows(page.rows, report.changes, texts),
    pages: {
      notes: [],
      ...pageLinks(page, (at: At) => `${replayHref(_id)}/people?${new URLSearchParams({ ...given, ...at })}`),
    },
  })
}

async function replayAt(id: string): Promise<ScoringReplay | null> {
  return /^[0-9a-f]{24}$/.test(id) ? ScoringReplays.findById(new Types.ObjectId(id)) : null
}

async function renderReplay(
  _request: Request,
  response: Response,
  replay: ScoringReplay,
  form: { values: Record<string, unknown>; errors: Record<string, string> },
): Promise<void> {
  const texts = textsOf(response)
  const [draft, capacity, missed] = await Promise.all([
    modelDraft(),
    routingCapacity(),
    ReplayMoves.find({ replay: replay._id, direction: 'out', outcome: 'won' })
      .sort({ amount: -1, _id: -1 })
      .limit(5),
  ])
  const view = await scoringReplayView(replay, missed, now(), texts)
  const isCurrent = draft.hash === replay.draftHash && draft.draftNumber > 0
  response.render('admin/scoring-replay', {
    layout: 'workspace',
    nav: 'model',
    head: { title: view.title },
    scripts: ['/js/replay-progress.js'],
    ...{ view, form, isCurrent, changeCount: isCurrent ? replay.report?.changes.length : 0 },
    fields: [
      {
        ...{ name: 'capacity', label: texts.t('admin:scoringReplay.capacity'), type: 'number' },
        ...{ min: 1, max: maxCapacity, inputmode: 'numeric' },
        hint: texts.t('admin:scoringReplay.capacityHint', { count: capacity }),
      },
    ],
  })
}
