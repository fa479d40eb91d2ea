import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { companyDomain } from '../people/company'
import { shownDomain } from '../people/email-address'
import { activeModel } from '../scoring/model'
import { blockCompetitors } from '../scoring/block-competitors'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, refuseForm } from '../web/form'

const view = 'admin/competitors'
const maxDomains = 500

/** `GET /admin/competitors`: the companies whose people are never handed off. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const { _id: version, content } = await activeModel()
  const form = emptyForm({ domains: content.blocked.domains.map(shownDomain).join('\n'), version })
  response.render(view, { ...page(response), form })
}

/**
 * `POST /admin/competitors`: replaces the whole list. Throws 409 when the scoring model has changed since the form was
 * opened.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, view, form, page(response))
  const { t } = response.locals
  const invalid = data.domains.filter(line => !companyDomain(line))
  if (invalid.length) {
    const errors = { domains: t('admin:errors.notCompanyDomains', { lines: invalid.join(', ') }) }
    return refuseForm(response, view, { values: request.body, errors }, page(response))
  }
  const domains = data.domains.map(line => companyDomain(line)!)
  const version = await blockCompetitors(domains, data.version)
  if (version !== data.version) {
    const detail = { version, domains: domains.length }
    await audit({ actor: person._id, action: 'competitors.changed', subject: 'scoring-model', detail })
  }
  setFlash(response, {
    kind: 'done',
    bold: t('admin:flash.competitors'),
    text: t('admin:flash.competitorsText'),
  })
  response.redirect(303, '/admin/competitors')
}

const schema = z.object({
  version: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  domains: z
    .string({ error: 'web:errors.unreadable' })
    .max(20_000, { error: 'web:errors.tooLong' })
    .transform(text => text.split(/[\s,;]+/).filter(Boolean))
    .refine(lines => lines.length <= maxDomains, {
      error: 'admin:errors.tooManyDomains',
      params: { max: maxDomains },
    }),
})

function page(response: Response) {
  const { t } = response.locals
  const domains: FormField = {
    name: 'domains',
    kind: 'textarea',
    rows: 12,
    spellcheck: 'false',
    label: t('admin:competitors.domains'),
    hint: t('admin:competitors.domainsHint'),
  }
  return { layout: 'workspace', nav: 'competitors', head: { title: t('admin:competitors.title') }, domains }
}
