import type { Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { modelVersion } from '../scoring/model'
import { modelSchema, type ModelContent } from '../scoring/model-content'
import { modelDraft, saveModelDraft } from '../scoring/model-draft'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { scoringDraftPath } from './scoring-draft'

const schemaPath = '/admin/scoring-model/schema.json'
/** The property by which JSON files name their schema. */
const schemaKey = '$schema'

/** `GET /admin/scoring-model/draft/export.json`: the draft as a file. */
export const exportDraft: MemberHandler = async (_request, response) => {
  const { content, base } = await modelDraft()
  sendModel(response, content, `scoring-model-draft-${base._id + 1}.json`)
}

/** `GET /admin/scoring-model/versions/:number/export.json`: a version as a file. */
export const exportVersion: MemberHandler = async (request, response) => {
  const { number: version } = request.params
  const model = /^\d{1,6}$/.test(version) ? await modelVersion(Number(version)) : null
  if (!model) throw notFound()
  sendModel(response, model.content, `scoring-model-${model._id}.json`)
}

/** `GET /admin/scoring-model/schema.json`: what a file has to look like (JSON Schema 2020-12). */
export const sendModelSchema: MemberHandler = (_request, response) => {
  response
    .type('application/schema+json')
    .send(JSON.stringify(z.toJSONSchema(modelSchema, { io: 'input' }), null, 2))
}

function sendModel(response: Response, content: ModelContent, name: string): void {
  response
    .attachment(name)
    .type('json')
    .send(JSON.stringify({ [schemaKey]: schemaPath, ...content }, null, 2))
}

const maxFaults = 20

/** `GET /admin/scoring-model/imports/new`: a file as text. */
export const askImport: MemberHandler = async (_request, response) => {
  await renderImport(response, emptyForm())
}

/** `POST /admin/scoring-model/imports`: a file becomes the draft. Nothing counts until it is published. */
export const importModel: MemberHandler = async (request, response, user) => {
  const { model: typed, draftNumber } = (request.body ?? {}) as Record<string, unknown>
  const { t } = textsOf(response)
  const refuse = (text: string) =>
    renderImport(response.status(422), { values: { model: typed }, errors: { model: text } })
  const read = readModel(typeof typed === 'string' ? typed : '')
  if (read === null) return refuse(t('admin:errors.notJson'))
  const { success, data, error } = modelSchema.safeParse(read)
  if (!success) return refuse(faultsOf(error, t))
  await saveModelDraft(data, Number(draftNumber), user._id)
  await audit({ actor: user._id, action: 'scoring_model.imported', subject: 'scoring-model' })
  setFlash(response, { kind: 'done', bold: t('admin:scoring.flash.imported') })
  response.redirect(303, `${scoringDraftPath}?tab=checks`)
}

/** Returns the JSON without the name of its schema; null when it isn't JSON. */
function readModel(text: string): unknown {
  try {
    const { [schemaKey]: _schema, ...content } = JSON.parse(text) as Record<string, unknown>
    return content
  } catch {
    return null
  }
}

/** Each place that is wrong, with what is wrong there. */
function faultsOf({ issues }: z.ZodError, t: ReturnType<typeof textsOf>['t']): string {
  const shown = issues.slice(0, maxFaults).map(({ path, message }) => {
    const what = /^[a-z]+:[\w.]+$/i.test(message) ? t(message) : message
    return path.length ? `${path.join('.')}: ${what}` : what
  })
  return [t('admin:errors.modelFaults', { count: issues.length }), ...shown].join('\n')
}

async function renderImport(response: Response, form: Form): Promise<void> {
  const { t } = textsOf(response)
  const { draftNumber, base } = await modelDraft()
  response.render('admin/scoring-import', {
    layout: 'workspace',
    nav: 'model',
    head: { title: t('admin:scoring.importTitle') },
    ...{ form, draftNumber, schemaPath },
    sentence: t('admin:scoring.importSentence', { version: base._id + 1 }),
    fields: [
      {
        ...{ name: 'model', kind: 'textarea', rows: 16, required: true, spellcheck: 'false' },
        label: t('admin:scoring.fields.model'),
      },
    ],
  })
}
