import type { Request, Response } from 'express'
import { z } from 'zod'
import { embedServiceNames, embedServices } from '../courses/embed'
import { changeEmbedList, readEmbedList } from '../courses/embed-list'
import type { Person } from '../people/person'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, refuseForm } from '../web/form'

const view = 'admin/embeds'
const maxHosts = 30

/** `GET /admin/embeds`: the sites whose pages lessons may show. */
export async function showEmbeds(_request: Request, response: Response): Promise<void> {
  const { services, hosts, number } = await readEmbedList()
  const form = emptyForm({ hosts: hosts.join('\n'), number })
  response.render(view, { ...embedsPage(response, services), form })
}

/** `POST /admin/embeds`: replaces the whole list. Throws 409 when someone else has changed it since. */
export async function saveEmbeds(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = response.locals
  const chosen = [(request.body as { services?: unknown }).services ?? []].flat().map(String)
  const { data, form } = readForm(schema, request, response)
  if (form) return refuseForm(response, view, form, embedsPage(response, chosen))
  const invalid = data.hosts.filter(line => !hostIn(line))
  if (invalid.length) {
    const errors = { hosts: t('admin:errors.notHosts', { lines: invalid.join(', ') }) }
    return refuseForm(response, view, { values: request.body, errors }, embedsPage(response, chosen))
  }
  const hosts = [...new Set(data.hosts.map(line => hostIn(line)!))]
  await changeEmbedList({ services: data.services, hosts }, data.number, person._id)
  setFlash(response, { kind: 'done', bold: t('admin:flash.embeds'), text: t('admin:flash.embedsText') })
  response.redirect(303, '/admin/embeds')
}

const schema = z.object({
  number: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  services: z.preprocess(
    value => [value ?? []].flat(),
    z.array(z.enum(embedServiceNames, { error: 'web:errors.chooseOne' })),
  ),
  hosts: z
    .string({ error: 'web:errors.unreadable' })
    .max(5000, { error: 'web:errors.tooLong' })
    .transform(text => text.split(/[\s,;]+/).filter(Boolean))
    .refine(lines => lines.length <= maxHosts, {
      error: 'admin:errors.tooManyHosts',
      params: { max: maxHosts },
    }),
})

/** Returns the host of what was typed: a host, or the address of one of its pages. Null for anything else. */
function hostIn(typed: string): string | null {
  const address = /^https:\/\//i.test(typed) ? typed : `https://${typed}`
  if (/^[a-z]+:/i.test(typed) && address !== typed) return null
  if (!URL.canParse(address)) return null
  const { hostname, port, username } = new URL(address)
  const isName =
    /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(hostname)
  return isName && !port && !username ? hostname : null
}

function embedsPage(response: Response, chosen: readonly string[]) {
  const { t } = response.locals
  const services: FormField = {
    name: 'services',
    kind: 'checkboxes',
    label: t('admin:embeds.services'),
    options: embedServiceNames.map(value => ({
      value,
      text: embedServices[value].name,
      hint: t(`admin:embeds.serviceHints.${value}`),
      checked: chosen.includes(value),
    })),
  }
  const hosts: FormField = {
    name: 'hosts',
    kind: 'textarea',
    rows: 4,
    spellcheck: 'false',
    label: t('admin:embeds.hosts'),
    hint: t('admin:embeds.hostsHint'),
  }
  return { layout: 'workspace', nav: 'embeds', head: { title: t('admin:embeds.title') }, services, hosts }
}
