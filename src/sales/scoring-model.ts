import type { Request, Response } from 'express'
import { activeModel, groups } from '../scoring/model'
import type { Translate } from '../web/i18n'

/** `GET /sales/scoring-model`: the model in force in words, to read. */
export async function show(_request: Request, response: Response): Promise<void> {
  const model = await activeModel()
  const { content } = model
  response.render('sales/scoring-model', {
    layout: 'workspace',
    nav: 'model',
    head: { title: (response.locals.t as Translate)('sales:scoringModel.title', { version: model._id }) },
    model,
    content,
    groups: groups.map(group => ({
      group,
      cap: content.groupCaps[group],
      rules: content.rules.filter(rule => rule.group === group),
    })),
  })
}
