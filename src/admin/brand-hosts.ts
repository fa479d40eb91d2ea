import type { Request, Response } from 'express'
import { z } from 'zod'
import { baseUrlOf, defaultBrandId, type Brand } from '../brand/brand'
import { changeHosts } from '../brand/change-brand'
import { checkHost, type HostCheck } from '../brand/check-host'
import { hostList } from '../brand/hosts'
import { HttpError } from '../platform/errors'
import type { Person } from '../people/person'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { brandRecordOf } from './brands'
import { frameOf } from './brand-parts'

const view = 'admin/brand-hosts'

/** `GET /admin/brands/:id/hosts`: the hosts of a brand, the primary one first. */
export function edit(_request: Request, response: Response): void {
  const brand = brandRecordOf(response)
  response.render(view, { ...hostsPage(brand, textsOf(response)), form: formOf(brand) })
}

const hostsForm = z.object({ hosts: hostList })

/** `POST /admin/brands/:id/hosts`: replaces the hosts. A brand other than the default one needs at least one. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const refuse = (form: Form) => void response.status(422).render(view, { ...hostsPage(brand, texts), form })
  const { data, form } = readForm(hostsForm, request, response)
  if (form) return refuse(form)
  const own = new URL(baseUrlOf(defaultBrandId)).hostname
  const hosts = brand._id === defaultBrandId ? data.hosts.filter(host => host !== own) : data.hosts
  const refuseHosts = (key: string, values = {}) =>
    refuse({ values: request.body, errors: { hosts: texts.t(key, values) } })
  // The hosts of a closed brand may go to others.
  if (brand._id !== defaultBrandId && !hosts.length && !brand.closed)
    return refuseHosts('admin:errors.noHost')
  try {
    await changeHosts(brand, hosts, person._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    return refuseHosts(error.key, error.values)
  }
  setFlash(response, { kind: 'done', bold: texts.t('admin:flash.hostsSaved') })
  response.redirect(303, hostsPath(brand))
}

/** `POST /admin/brands/:id/host-checks`: opens each host from here and shows what answered. */
export async function check(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const checks = await Promise.all(
    hostsOf(brand).map(async host => checkView(host, await checkHost(brand._id, host), texts)),
  )
  response.render(view, { ...hostsPage(brand, texts), form: formOf(brand), checks })
}

const hostsPath = ({ _id }: Brand) => `/admin/brands/${_id}/hosts`
const formOf = ({ hosts }: Brand) => emptyForm({ hosts: hosts.join('\n') })

/** All hosts of a brand, the primary one first. */
function hostsOf({ _id, hosts }: Brand): string[] {
  return [...new Set([new URL(baseUrlOf(_id, hosts)).hostname, ...hosts])]
}

function hostsPage(brand: Brand, texts: Texts) {
  const { t } = texts
  const isDefault = brand._id === defaultBrandId
  return {
    ...frameOf(brand, t('admin:hosts.title'), texts, 'hosts'),
    sentence: t(isDefault ? 'admin:hosts.sentenceDefault' : 'admin:hosts.sentence', {
      url: baseUrlOf(brand._id, brand.hosts),
    }),
    field: {
      name: 'hosts',
      kind: 'textarea',
      label: t(isDefault ? 'admin:hosts.further' : 'admin:hosts.hosts'),
      hint: t(isDefault ? 'admin:hosts.furtherHint' : 'admin:hosts.hint'),
      rows: 4,
      autocomplete: 'off',
      spellcheck: 'false',
    } satisfies FormField,
    checkAction: `/admin/brands/${brand._id}/host-checks`,
    checks: null,
  }
}

function checkView(host: string, result: HostCheck, { t }: Texts) {
  return {
    host,
    class: result === 'ok' ? 'tag-pine' : 'tag-brick',
    state: t(result === 'ok' ? 'admin:hosts.ok' : 'admin:hosts.failed'),
    text: t(`admin:hosts.results.${result}`, { host }),
  }
}
