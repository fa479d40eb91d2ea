import type { Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { namesOf } from '../people/names'
import type { Person } from '../people/person'
import { latestReplayOf, type ScoringReplay } from '../leads/scoring-replay'
import { HttpError, notFound } from '../platform/errors'
import type { Model } from '../scoring/model'
import type { ModelContent } from '../scoring/model-content'
import { modelChanges } from '../scoring/model-changes'
import {
  commentOnModel,
  commentsOnModel,
  maxModelComment,
  removeModelComment,
} from '../scoring/model-comment'
import {
  modelDraft,
  modelHistory,
  publishModel,
  saveModelDraft,
  type ModelDraft,
} from '../scoring/model-draft'
import { modelVersion } from '../scoring/model'
import { setFlash } from '../web/flash'
import { emptyForm, field, lineField, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { scoringDraftPath, scoringModelPath } from './scoring-draft'
import { effectPanel } from './scoring-effect'
import { changeViews } from './scoring-texts'
import { readScoringWorld } from './scoring-world'

/** `GET /admin/scoring-model/publications/new`: what would change, and why; the last step. */
export const askToPublish: MemberHandler = async (_request, response, user) => {
  await renderPublication(response, user, emptyForm())
}

const publicationForm = z.object({ reason: lineField('admin:errors.publicationReason', 500) })

/** `POST /admin/scoring-model/publications`: the draft is what counts from now on. */
export const publishModelDraft: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(publicationForm, request, response)
  if (form) return renderPublication(response.status(422), user, form)
  const draftNumber = Number((request.body as Record<string, unknown>).draftNumber)
  const comparison = await comparisonOf(await modelDraft())
  const publication = { reason: data.reason, by: user._id, comparison: comparison && String(comparison._id) }
  const version = await publishModel(draftNumber, publication)
  await audit({
    ...{ actor: user._id, action: 'scoring_model.published', subject: 'scoring-model' },
    detail: { version, reason: data.reason },
  })
  const { t } = textsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('admin:scoring.flash.published', { version }),
    text: t('admin:scoring.flash.publishedText'),
  })
  response.redirect(303, scoringModelPath)
}

/** Returns the newest replay that compared exactly this draft with exactly what is active; null when there is none. */
async function comparisonOf({ hash, base }: ModelDraft): Promise<ScoringReplay | null> {
  const replay = await latestReplayOf(hash)
  return replay?.activeHash === base.hash ? replay : null
}

async function renderPublication(response: Response, user: Person, form: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const draft = await modelDraft()
  const { base, content, draftNumber } = draft
  const [world, effect, comparison] = await Promise.all([
    readScoringWorld(texts),
    effectPanel(draft, content, user._id, texts),
    comparisonOf(draft),
  ])
  const version = base._id + 1
  response.render('admin/scoring-publication', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoring.publishTitle', { version }) },
    ...{ form, draftNumber, effect, version },
    comparison: comparison && {
      href: replayHref(comparison._id),
      text: t('admin:scoring.compared', { when: texts.date(comparison.at, 'full') }),
    },
    changes: changeViews(modelChanges(base.content, content), world, texts),
    fields: [
      {
        ...{ name: 'reason', label: t('admin:scoring.fields.reason'), required: true, maxlength: 500 },
        hint: t('admin:scoring.hints.reason'),
      },
    ],
  })
}

/** `GET /admin/scoring-model/versions`: what was published, when, by whom and why. */
export const modelVersions: MemberHandler = async (_request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  const history = await modelHistory()
  const names = await namesOf(authorsIn(history))
  response.render('admin/scoring-versions', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoring.historyTitle') },
    versions: history.map(model => versionView(model, names, texts)),
  })
}

/** `GET /admin/scoring-model/versions/:number`: a version, and what it changed. */
export const showModelVersion: MemberHandler = async (request, response) => {
  const texts = textsOf(response)
  const { t, date } = texts
  const model = await versionAt(request.params.number)
  const [before, world, comments, draft] = await Promise.all([
    modelVersion(model._id - 1),
    readScoringWorld(texts),
    commentsOnModel(model._id),
    modelDraft(),
  ])
  const names = await namesOf([...authorsIn([model]), ...comments.map(({ by }) => by)])
  const competitors = differingDomains(model.content, draft.content).length
  response.render('admin/scoring-version', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('sales:scoringModel.title', { version: model._id }) },
    draftNumber: draft.draftNumber,
    version: versionView(model, names, texts),
    form: emptyForm(),
    fields: competitors
      ? [
          {
            ...{ name: 'competitors', kind: 'checkbox', label: t('admin:scoring.restoreCompetitors') },
            hint: t('admin:scoring.restoreCompetitorsHint', { count: competitors }),
          },
        ]
      : [],
    changes: before && changeViews(modelChanges(before.content, model.content), world, texts),
    before: model._id - 1,
    comments: comments.map(({ by, at, text }) => ({
      ...{ text, at: date(at, 'full'), by: names.get(String(by)) ?? t('sales:lead.formerTeammate') },
    })),
  })
}

/** Returns the competitors that only one of two models has. */
function differingDomains({ blocked: a }: ModelContent, { blocked: b }: ModelContent): string[] {
  return [
    ...a.domains.filter(domain => !b.domains.includes(domain)),
    ...b.domains.filter(domain => !a.domains.includes(domain)),
  ]
}

/**
 * `POST /admin/scoring-model/versions/:number/restoration`: makes an earlier version the draft. Competitors are kept up
 * to date on a page of their own, so today's list stays unless the earlier one is asked for.
 */
export const restoreModel: MemberHandler = async (request, response, user) => {
  const { _id: version, content: earlier } = await versionAt(request.params.number)
  const { draftNumber, competitors } = request.body as Record<string, unknown>
  const { domains } = (await modelDraft()).content.blocked
  const content =
    competitors !== undefined ? earlier : { ...earlier, blocked: { ...earlier.blocked, domains } }
  await saveModelDraft(content, Number(draftNumber), user._id)
  await audit({
    ...{ actor: user._id, action: 'scoring_model.restored', subject: 'scoring-model' },
    detail: { version },
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoring.flash.restored', { version }) })
  response.redirect(303, scoringDraftPath)
}

const commentForm = z.object({
  text: field('admin:errors.emptyComment', maxModelComment),
  key: z.string().regex(/^[0-9a-f]{24}$/, { error: 'web:errors.badRequest' }),
})

/** `POST /admin/scoring-model/draft/comments`: says something about the draft. */
export const commentOnDraft: MemberHandler = async (request, response, user) => {
  const { data, form } = readForm(commentForm, request, response)
  if (form) throw new HttpError(422, form.errors.text ? 'admin:errors.emptyComment' : 'web:errors.badRequest')
  const { base } = await modelDraft()
  await commentOnModel(base._id + 1, { ...data, by: user._id })
  response.redirect(303, `${scoringDraftPath}?tab=comments`)
}

/** `POST /admin/scoring-model/draft/comments/:id/removal`: takes back a comment of one's own. */
export const removeDraftComment: MemberHandler = async (request, response, user) => {
  const { id } = request.params
  if (!/^[0-9a-f]{24}$/.test(id) || !(await removeModelComment(id, user._id))) throw notFound()
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoring.flash.commentRemoved') })
  response.redirect(303, `${scoringDraftPath}?tab=comments`)
}

const replayHref = (id: unknown) => `/admin/scoring-model/replays/${id}`

async function versionAt(typed: string): Promise<Model> {
  const model = /^\d{1,6}$/.test(typed) ? await modelVersion(Number(typed)) : null
  if (!model) throw notFound()
  return model
}

const authorsIn = (models: readonly Model[]) => models.flatMap(({ publication }) => publication?.by ?? [])

function versionView(
  { _id, status, activeSince, publication, hash }: Model,
  names: Map<string, string>,
  texts: Texts,
) {
  const { t, date } = texts
  return {
    title: t('sales:scoringModel.title', { version: _id }),
    href: `/admin/scoring-model/versions/${_id}`,
    isActive: status === 'active',
    at: activeSince ? date(activeSince, 'full') : '',
    by: publication ? (names.get(String(publication.by)) ?? '') : t('admin:scoring.shipped'),
    reason: publication?.reason ?? '',
    fingerprint: t('sales:scoringModel.fingerprint', { hash: hash.slice(0, 16) }),
    comparisonHref: publication?.comparison ? replayHref(publication.comparison) : null,
    exportHref: `/admin/scoring-model/versions/${_id}/export.json`,
    restoreAction: `/admin/scoring-model/versions/${_id}/restoration`,
    restoreLabel: t('admin:scoring.restoreLabel', { version: _id }),
  }
}
