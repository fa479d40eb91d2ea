import type { Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import {
  defaultViewOf,
  removeView,
  restoreView,
  saveView,
  setDefaultView,
  updateView,
  viewFor,
  viewPages,
  viewsOf,
  type SavedView,
  type ViewPage,
} from '../leads/saved-view'
import { leadFacetNames } from '../leads/lead-facets'
import type { Person } from '../people/person'
import { forbidden, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, lineField, readForm, refuseForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { MemberHandler, RouteRequest } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { namesOfStaff } from './lead-list'
import { salesTextsOf } from './sales-texts'

const pathOf = (page: ViewPage) => `/sales/${page}`
/** What a view keeps of an address: not the page of the list, nor the lead that is open. */
const kept = new Set<string>([...'tab sort view order q age late brand'.split(' '), ...leadFacetNames])
const [maxValue, maxAddress] = [100, 2000]

/** Returns the part of an address that a view keeps. */
function addressIn(search: string): string {
  const given = [...new URLSearchParams(search)]
    .filter(([name, value]) => kept.has(name) && value)
    .map(([name, value]): [string, string] => [name, value.slice(0, maxValue)])
  // Half a parameter would be another one.
  while (String(new URLSearchParams(given)).length > maxAddress) given.pop()
  return String(new URLSearchParams(given))
}

/** Returns what the menu of saved views shows on a page with this address. */
export async function viewsMenu(request: RouteRequest, reader: Person, page: ViewPage) {
  const address = addressIn(new URL(request.originalUrl, 'http://here.invalid').search)
  const [views, own] = await Promise.all([viewsOf(reader._id, page), defaultViewOf(reader._id, page)])
  /** A tab alone has its own link. */
  const isChosen = [...new URLSearchParams(address).keys()].some(name => name !== 'tab' && name !== 'view')
  return {
    views: views.map(view => ({
      href: `${pathOf(page)}?${view.address}`,
      name: view.name,
      isShared: view.isShared,
      isCurrent: view.address === address,
      isDefault: own !== null && view._id.equals(own._id),
    })),
    newHref: isChosen || views.length ? `/sales/views?${new URLSearchParams({ page, address })}` : null,
    newText: isChosen && !views.some(view => view.address === address) ? 'new' : 'open',
  }
}

/** Returns where a teammate begins who opens a page without anything in its address; null for the page itself. */
export async function beginning(
  request: RouteRequest,
  reader: Person,
  page: ViewPage,
): Promise<string | null> {
  if (Object.keys(request.query).length) return null
  const view = await defaultViewOf(reader._id, page)
  return view && view.address ? `${pathOf(page)}?${view.address}` : null
}

/** `GET /sales/views?page=&address=`: keeps a list under a name, and changes those that are kept. */
export const index: MemberHandler = async (request, response, reader) => {
  const { page, address } = parametersOf(request)
  const chosen = { page: viewPages.find(each => each === page) ?? 'leads', address: addressIn(address ?? '') }
  response.render('sales/views', { ...(await viewsPage(response, reader, chosen)), form: emptyForm() })
}

async function viewsPage(
  response: Response,
  reader: Person,
  { page, address }: { page: ViewPage; address: string },
) {
  const { t } = salesTextsOf(response)
  const [views, own, names] = await Promise.all([
    viewsOf(reader._id, page),
    defaultViewOf(reader._id, page),
    namesOfStaff(),
  ])
  return {
    layout: 'workspace',
    nav: page,
    head: { title: t('sales:views.title') },
    page: undefined,
    views: {
      page,
      address,
      back: `${pathOf(page)}${address ? `?${address}` : ''}`,
      nameField: { name: 'name', label: t('sales:views.name'), maxlength: maxName, required: true },
      rows: views.map(view => ({
        id: String(view._id),
        action: `/sales/views/${view._id}`,
        href: `${pathOf(page)}?${view.address}`,
        name: view.name,
        isShared: view.isShared,
        isDefault: own !== null && own._id.equals(view._id),
        mayChange: mayChange(view, reader),
        owner: view.owner.equals(reader._id)
          ? null
          : (names.get(String(view.owner)) ?? t('sales:lead.formerTeammate')),
      })),
      maxName,
    },
  }
}

const maxName = 60
const nameOfView = z.object({
  name: lineField('sales:views.errors.name', maxName),
  isShared: z.literal('1').optional(),
})
const newView = nameOfView.extend({ page: z.enum(viewPages), address: z.string().max(2000) })

/** Whoever made a view changes it; a shared one also who leads the team. */
function mayChange({ owner, isShared }: SavedView, reader: Person): boolean {
  return owner.equals(reader._id) || (isShared && permissionsOf(reader).endpoints)
}

/** `POST /sales/views`: keeps the filters and order in `address` under a name. */
export const create: MemberHandler = async (request, response, reader) => {
  const { data, form } = readForm(newView, request, response)
  if (!data) return refuse(request, response, reader, form)
  const { page, name } = data
  const address = addressIn(data.address)
  const _id = recordIdOf(submissionOf(request, reader))
  await saveView({ _id, owner: reader._id, name, isShared: data.isShared === '1', page, address })
  setFlash(response, { kind: 'done', bold: salesTextsOf(response).t('sales:views.saved', { name }) })
  response.redirect(303, `${pathOf(page)}${address ? `?${address}` : ''}`)
}

async function refuse(request: RouteRequest, response: Response, reader: Person, form: Form): Promise<void> {
  const { page, address } = (request.body ?? {}) as Record<string, unknown>
  const chosen = {
    page: viewPages.find(each => each === page) ?? 'leads',
    address: typeof address === 'string' ? addressIn(address) : '',
  }
  refuseForm(response, 'sales/views', form, await viewsPage(response, reader, chosen))
}

/** Puts the view in the URL into `response.locals.savedView`. Throws 404 for one that the reader can't see. */
export const load: MemberHandler = async (request, response, reader) => {
  const { id } = request.params
  const view = Types.ObjectId.isValid(id) ? await viewFor(reader._id, id) : null
  if (!view) throw notFound()
  response.locals.savedView = view
}

const loaded = (response: Response) => response.locals.savedView as SavedView

/** The view in the URL, for someone who may change it (403). */
export const requireOwn: MemberHandler = (_request, response, reader) => {
  if (!mayChange(loaded(response), reader)) throw forbidden()
}

/** `POST /sales/views/:id`: another name, shared or not. */
export const update: MemberHandler = async (request, response, reader) => {
  const view = loaded(response)
  const { data, form } = readForm(nameOfView, request, response)
  if (!data) return refuseForm(response, 'sales/views', form, await viewsPage(response, reader, view))
  await updateView(view, { name: data.name, isShared: data.isShared === '1' })
  setFlash(response, {
    kind: 'done',
    bold: salesTextsOf(response).t('sales:views.saved', { name: data.name }),
  })
  response.redirect(303, `/sales/views?page=${view.page}`)
}

/** `POST /sales/views/:id/removal`: for 10 minutes it can be restored. */
export const removeSaved: MemberHandler = async (_request, response) => {
  const view = loaded(response)
  await removeView(view)
  const { t } = salesTextsOf(response)
  setFlash(response, {
    kind: 'done',
    bold: t('sales:views.removed', { name: view.name }),
    undo: { action: `/sales/views/${view._id}/restoration`, text: t('sales:lead.undoShort') },
  })
  response.redirect(303, `/sales/views?page=${view.page}`)
}

/** `POST /sales/views/:id/restoration`. */
export const restoreSaved: MemberHandler = async (_request, response) => {
  const view = loaded(response)
  await restoreView(view)
  setFlash(response, {
    kind: 'done',
    bold: salesTextsOf(response).t('sales:views.saved', { name: view.name }),
  })
  response.redirect(303, `/sales/views?page=${view.page}`)
}

/** `POST /sales/views/:id/default`: the reader begins with it; again, with the page as it is. */
export const makeDefault: MemberHandler = async (_request, response, reader) => {
  const view = loaded(response)
  if (view.removedAt) throw notFound()
  const isDefault = view.defaultFor.some(id => id.equals(reader._id))
  await setDefaultView(reader._id, view.page, isDefault ? null : view)
  response.redirect(303, `/sales/views?page=${view.page}`)
}
