import type { Request, Response } from 'express'
import { z } from 'zod'
import {
  baseUrlOf,
  Brands,
  BrandVersions,
  defaultBrandId,
  findBrand,
  peopleAt,
  type Brand,
  type BrandVersion,
} from '../brand/brand'
import { addBrand } from '../brand/change-brand'
import { hostList } from '../brand/hosts'
import { freeSlug } from '../courses/slug'
import { conflict, HttpError, notFound } from '../platform/errors'
import { People, type Person } from '../people/person'
import type { FormField } from '../web/field'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { lineField, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'

const view = 'admin/brands'

/** Loads the brand in the URL, or responds with 404; with 409 when it is closed, since nobody sees it then. */
export const load: Handler = async (request, response, person) => {
  await loadAny(request, response, person)
  if (brandRecordOf(response).closed) throw conflict('admin:errors.brandIsClosed')
}

/** Loads the brand in the URL, closed or not, or responds with 404. */
export const loadAny: Handler = async (request, response) => {
  const brand = await findBrand(request.params.id)
  if (!brand) throw notFound()
  response.locals.brandRecord = brand
}

/** Returns the brand that `load` found. */
export function brandRecordOf(response: Response): Brand {
  return response.locals.brandRecord as Brand
}

/** Returns the path of a brand's editor. */
export function brandPath({ _id }: Pick<Brand, '_id'>): string {
  return `/admin/brands/${_id}`
}

/** `GET /admin/brands`: the brands with their hosts, what is published, and how many people joined. */
export async function index(_request: Request, response: Response): Promise<void> {
  await showList(response)
}

const newBrand = z.object({
  academyName: lineField('admin:errors.brand.name', 60),
  hosts: hostList.refine(hosts => hosts.length > 0, { error: 'admin:errors.noHost' }),
})

/** `POST /admin/brands`: adds a brand, and opens its editor. Nobody sees it before it is published. */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(newBrand, request, response)
  if (form) return showList(response, form)
  const taken = new Set((await Brands.find({}, { _id: 1 })).map(({ _id }) => _id).concat(defaultBrandId))
  const id = freeSlug(data.academyName, 'brand', slug => taken.has(slug))
  try {
    await addBrand({ id, ...data }, person._id)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const errors = { hosts: response.locals.t(error.key, error.values) }
    return showList(response, { values: request.body, errors })
  }
  setFlash(response, { kind: 'done', bold: response.locals.t('admin:flash.brandAdded') })
  response.redirect(303, brandPath({ _id: id }))
}

async function showList(response: Response, form?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const [first, others] = await Promise.all([
    findBrand(defaultBrandId),
    Brands.find({ _id: { $ne: defaultBrandId } }).sort({ _id: 1 }),
  ])
  const brands = [first!, ...others.map(brand => ({ ...brand, hosts: brand.hosts ?? [] }))]
  const rows = await Promise.all(brands.map(brand => rowOf(brand, texts)))
  response.status(form ? 422 : 200).render(view, {
    layout: 'workspace',
    nav: 'brands',
    head: { title: t('admin:brands.title') },
    sentence: t('admin:brands.sentence', { count: rows.length }),
    brands: rows,
    fields: newFields(texts),
    ...(form && { form }),
  })
}

async function rowOf(brand: Brand, { t, number }: Texts) {
  const [version, people] = await Promise.all([
    brand.version === null ? null : BrandVersions.findById(brand.version),
    People.count({ brand: await peopleAt(brand._id), erasedAt: null }),
  ])
  const url = baseUrlOf(brand._id, brand.hosts)
  const removal = `${brandPath(brand)}/removal/new`
  const name = brand.draft.academyName || brand._id
  return {
    href: brand.closed ? removal : brandPath(brand),
    name,
    url,
    hosts: [...new Set([new URL(url).hostname, ...brand.hosts])],
    hostsHref: `${brandPath(brand)}/hosts`,
    hostsLabel: t('admin:brands.hostsOf', { name }),
    removal: {
      href: removal,
      label: t(`admin:brands.${brand.closed ? 'closedLink' : 'removeOf'}`, { name }),
    },
    isDefault: brand._id === defaultBrandId,
    state: stateOf(brand, version, t),
    people: number(people),
  }
}

function stateOf({ draftNumber, closed }: Brand, version: BrandVersion | null, t: Texts['t']) {
  if (closed) return { class: '', text: t('admin:brands.closed'), hasDraft: false }
  if (!version) return { class: 'tag-ochre', text: t('admin:brands.notPublished'), hasDraft: false }
  const text = t('admin:brand.version', { version: version.number })
  return { class: 'tag-pine', text, hasDraft: version.draftNumber !== draftNumber }
}

function newFields({ t }: Texts): FormField[] {
  return [
    {
      name: 'academyName',
      label: t('admin:brand.fields.academyName'),
      hint: t('admin:brand.hints.academyName'),
      maxlength: 60,
      autocomplete: 'off',
      required: true,
    },
    {
      name: 'hosts',
      label: t('admin:brands.host'),
      hint: t('admin:brands.hostHint'),
      maxlength: 253,
      autocomplete: 'off',
      spellcheck: 'false',
      required: true,
    },
  ]
}
