import type { Request, Response } from 'express'
import { z } from 'zod'
import {
  BrandVersions,
  brandOf,
  closedHostAnswers,
  defaultBrandId,
  openBrands,
  peopleAt,
  type Brand,
} from '../brand/brand'
import { closeBrand, removeBrand, reopenBrand } from '../brand/change-brand'
import { PricingPages } from '../brand/plans'
import { Certificates } from '../learning/certificate'
import { conflict } from '../platform/errors'
import { People, type Person } from '../people/person'
import { NeedsAssessments } from '../signals/needs-content'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { done, nameOf } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'

/** `GET /admin/brands/:id/removal/new`: what removing or closing a brand does, or why it can't be done. */
export async function ask(_request: Request, response: Response): Promise<void> {
  await render(response)
}

/** `POST /admin/brands/:id/removal`: removes a brand without people and certificates. Throws 409 for any other. */
export async function destroy(_request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  if (!(await canRemove(brand))) throw conflict('admin:errors.brandInUse')
  // The brand goes last: if the process dies halfway, it is still there to be removed.
  await Promise.all([PricingPages.remove(brand._id), NeedsAssessments.remove(brand._id)])
  await removeBrand(brand, person._id)
  done(response, '/admin/brands', 'brandRemoved', { name: nameOf(brand) })
}

const closureForm = z.object({
  hosts: z.enum(closedHostAnswers, { error: 'web:errors.chooseOne' }),
  into: z.string({ error: 'web:errors.chooseOne' }),
})

/**
 * `POST /admin/brands/:id/closure`: closes a brand, or changes what its hosts do and who has its people. Throws 409 for
 * the first brand.
 */
export async function close(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const { data, form } = readForm(closureForm, request, response)
  if (form) return render(response.status(422), form)
  const takers = (await openBrands()).filter(({ id }) => id !== brand._id)
  if (!takers.some(({ id }) => id === data.into)) {
    const errors = { into: response.locals.t('web:errors.chooseOne') }
    return render(response.status(422), { values: request.body, errors })
  }
  await closeBrand(brand, data, person._id)
  done(response, '/admin/brands', 'brandClosed', { name: nameOf(brand) })
}

/** `POST /admin/brands/:id/reopening`: opens a closed brand again, with its people. */
export async function reopen(_request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  await reopenBrand(brand, person._id)
  done(response, brandPath(brand), 'brandReopened', { name: nameOf(brand) })
}

/** A brand that nobody and nothing refers to. */
async function canRemove(brand: Brand): Promise<boolean> {
  if (brand._id === defaultBrandId) return false
  const [people, certificates] = await Promise.all([
    People.exists({ brand: await peopleAt(brand._id) }),
    Certificates.exists({ 'brand.id': brand._id }),
  ])
  return !people && !certificates
}

type State = 'first' | 'remove' | 'close' | 'closed'

async function render(response: Response, form?: Form): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const { t } = texts
  const state = await stateOf(brand)
  const name = nameOf(brand)
  const title = t(`admin:removal.titles.${state}`, { name })
  const people = await People.count({ brand: await peopleAt(brand._id), erasedAt: null })
  response.render('admin/brand-removal', {
    layout: 'workspace',
    nav: 'brands',
    head: { title },
    title,
    state,
    brandPath: brandPath(brand),
    sentence: t(`admin:removal.${state}`, { name, count: people }),
    facts: state === 'remove' ? await losses(brand, texts) : state === 'close' ? effects(texts) : [],
    fields: state === 'close' || state === 'closed' ? await closureFields(brand, texts) : [],
    form: form ?? emptyForm({ hosts: brand.closed?.hosts ?? 'redirect', into: await takerOf(brand) }),
  })
}

async function stateOf(brand: Brand): Promise<State> {
  if (brand._id === defaultBrandId) return 'first'
  if (brand.closed) return 'closed'
  return (await canRemove(brand)) ? 'remove' : 'close'
}

/** The brand that has the people of a closed one; the first brand before it is closed. */
async function takerOf({ closed }: Brand): Promise<string> {
  return (await brandOf(closed?.into)).id
}

/** What is deleted with a brand, in words. */
async function losses(brand: Brand, { t }: Texts): Promise<string[]> {
  const { _id: id, hosts } = brand
  const [versions, plans, needs] = await Promise.all([
    BrandVersions.count({ brandId: id }),
    PricingPages.read(id),
    NeedsAssessments.read(id),
  ])
  return [
    t('admin:removal.goes.hosts', { hosts: hosts.join(', ') }),
    t('admin:removal.goes.versions', { count: versions }),
    ...(plans ? [t('admin:removal.goes.plans')] : []),
    ...(needs ? [t('admin:removal.goes.needs')] : []),
  ]
}

const effects = ({ t }: Texts) =>
  (['hosts', 'people', 'links', 'names'] as const).map(name => t(`admin:removal.effects.${name}`))

async function closureFields({ _id }: Brand, { t }: Texts): Promise<FormField[]> {
  const takers = (await openBrands()).filter(({ id }) => id !== _id)
  return [
    {
      kind: 'select',
      name: 'into',
      label: t('admin:removal.into'),
      options: takers.map(({ id, content }) => ({ value: id, text: content.academyName || id })),
      required: true,
    },
    {
      kind: 'radios',
      name: 'hosts',
      label: t('admin:removal.hosts'),
      options: closedHostAnswers.map(value => ({
        value,
        text: t(`admin:removal.answers.${value}`),
        hint: t(`admin:removal.answerHints.${value}`),
      })),
      required: true,
    },
  ]
}
