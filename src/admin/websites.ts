import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { changeEmbeddingSites, maxSites, readEmbeddingSites, siteIn } from '../brand/embedding-sites'
import type { Person } from '../people/person'
import { HttpError } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { done, frameOf } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'

const view = 'admin/websites'

/** `GET /admin/brands/:id/websites`: which other sites may show courses of the brand. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { sites, changes } = await readEmbeddingSites(brand._id)
  const form = emptyForm({ sites: sites.map(shownSite).join('\n'), changes })
  response.render(view, { ...websitesPage(brand, textsOf(response)), form })
}

const schema = z.object({
  changes: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  sites: z
    .string({ error: 'web:errors.unreadable' })
    .max(20_000, { error: 'web:errors.tooLong' })
    .default('')
    .transform((text, context) => {
      const typed = text.split(/[\s,;]+/).filter(Boolean)
      const invalid = typed.filter(each => !siteIn(each))
      const refuse = (message: string, params: object) =>
        context.addIssue({ code: 'custom', message: `admin:errors.${message}`, params })
      if (invalid.length) refuse('notWebsites', { lines: invalid.slice(0, 5).join(', ') })
      else if (typed.length > maxSites) refuse('tooManyWebsites', { max: maxSites })
      return [...new Set(typed.flatMap(each => siteIn(each) ?? []))].sort()
    }),
})

/** `POST /admin/brands/:id/websites` */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const refuse = (status: number, form: Form) =>
    response.status(status).render(view, { ...websitesPage(brand, texts), form })
  const { data, form } = readForm(schema, request, response)
  if (form) return refuse(422, form)
  try {
    await changeEmbeddingSites(brand._id, data.sites, data.changes, person._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const { changes } = await readEmbeddingSites(brand._id)
    const values = { ...(request.body as object), changes }
    return refuse(409, { values, errors: { sites: texts.t(error.key) } })
  }
  done(response, `${brandPath(brand)}/websites`, 'websites')
}

/** A site as it is typed: a host, unless it is on this computer. */
const shownSite = (site: string) => site.replace(/^https:\/\//, '')

function websitesPage(brand: Brand, texts: Texts) {
  const { t } = texts
  const sites: FormField = {
    name: 'sites',
    kind: 'textarea',
    label: t('admin:websites.sites'),
    hint: t('admin:websites.sitesHint'),
    rows: 5,
    spellcheck: 'false',
    optional: true,
  }
  return { ...frameOf(brand, t('admin:websites.title'), texts, 'websites'), field: sites }
}
