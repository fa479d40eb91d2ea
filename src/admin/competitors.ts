import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { companyOf } from '../people/company'
import { activeModel } from '../scoring/model'
import { blockCompetitors } from '../scoring/block-competitors'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, refuseForm, type Form } from '../web/form'

const view = 'admin/competitors'
const most = 500

/** `GET /admin/competitors`: whose people are never handed over. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const { _id: version, content } = await activeModel()
  const form = emptyForm({ domains: content.blocked.domains.join('\n'), version })
  response.render(view, { ...page(response), form })
}

/** `POST /admin/competitors`: the whole list anew, against the version of the model that it was read from. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, view, form, page(response))
  const { t } = response.locals
  const unknown = data.domains.filter(line => !domainOf(line))
  if (unknown.length) {
    const errors = { domains: t('admin:errors.notCompanyDomains', { lines: unknown.join(', ') }) }
    return refuseForm(response, view, { values: request.body, errors } as Form, page(response))
  }
  const domains = data.domains.map(line => domainOf(line)!)
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
    .refine(lines => lines.length <= most, { error: 'admin:errors.tooManyDomains', params: { most } }),
})

/** The domain under which people of a company have their mail, however it was typed: an address, a page, a name. Null for none, and for free mail. */
function domainOf(typed: string): string | null {
  const host = typed.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/, '')
  const { company } = companyOf(`x@${host.slice(host.lastIndexOf('@') + 1).toLowerCase()}`)
  return company?.domain ?? null
}

function page(response: Response) {
  return {
    layout: 'workspace',
    nav: 'competitors',
    head: { title: response.locals.t('admin:competitors.title') as string },
  }
}
