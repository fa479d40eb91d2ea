import { Types } from 'mongoose'
import { audit } from '../events/audit'
import {
  cancelSuggestion,
  latestSuggestion,
  ScoringSuggestions,
  startSuggestion,
  type ScoringSuggestion,
} from '../leads/scoring-suggestion'
import { conflict, notFound } from '../platform/errors'
import { activeModel } from '../scoring/model'
import { modelDraft, saveModelDraft } from '../scoring/model-draft'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { scoringDraftPath } from './scoring-draft'
import { scoringSuggestionView } from './scoring-suggestion-view'

const suggestionPath = '/admin/scoring-model/suggestion'

/** `GET /admin/scoring-model/suggestion`: the newest suggestion, or how far it is. */
export const showSuggestion: MemberHandler = async (_request, response) => {
  const texts = textsOf(response)
  const [suggestion, draft, active] = await Promise.all([latestSuggestion(), modelDraft(), activeModel()])
  const isOfToday = suggestion?.activeHash === active.hash
  response.render('admin/scoring-suggestion', {
    layout: 'workspace',
    nav: 'model',
    head: { title: texts.t('admin:scoringSuggestion.title') },
    scripts: ['/js/replay-progress.js'],
    ...{ view: scoringSuggestionView(suggestion, texts), isOfToday, draftNumber: draft.draftNumber },
  })
}

/** `POST /admin/scoring-model/suggestions`: learns a model from past leads, in the worker. */
export const suggest: MemberHandler = async (_request, response, user) => {
  await startSuggestion(user._id, await activeModel())
  response.redirect(303, suggestionPath)
}

/** `POST /admin/scoring-model/suggestions/:id/cancellation`: stops it. */
export const cancelSuggesting: MemberHandler = async (request, response) => {
  const { _id } = await suggestionAt(request.params.id)
  await cancelSuggestion(_id)
  setFlash(response, {
    kind: 'done',
    bold: textsOf(response).t('admin:scoringSuggestion.flash.cancelled'),
  })
  response.redirect(303, suggestionPath)
}

/**
 * `POST /admin/scoring-model/suggestions/:id/draft`: makes it the draft. It scores nobody until it is published.
 *
 * @throws 409 while it hasn't beaten the active model, or when another model is active since.
 */
export const openSuggestion: MemberHandler = async (request, response, user) => {
  const { result, activeHash, version } = await suggestionAt(request.params.id)
  const { draftNumber } = request.body as Record<string, unknown>
  if (result?.verdict !== 'better' || !result.details) throw conflict('admin:scoringSuggestion.errors.shadow')
  if (activeHash !== (await activeModel()).hash) throw conflict('admin:scoringSuggestion.errors.stale')
  await saveModelDraft(result.details.content, Number(draftNumber), user._id)
  await audit({
    ...{ actor: user._id, action: 'scoring_model.suggestion_opened', subject: 'scoring-model' },
    detail: { version },
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('admin:scoringSuggestion.flash.opened') })
  response.redirect(303, scoringDraftPath)
}

async function suggestionAt(id: string): Promise<ScoringSuggestion> {
  const found = /^[0-9a-f]{24}$/.test(id) ? await ScoringSuggestions.findById(new Types.ObjectId(id)) : null
  if (!found) throw notFound()
  return found
}
