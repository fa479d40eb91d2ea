import type { Request, Response } from 'express'
import { z } from 'zod'
import {
  listNames,
  readLists,
  type CatalogueLists,
  type ListEntry,
  type ListName,
} from '../courses/catalogue-lists'
import {
  addEntry,
  moveEntry,
  removeEntry,
  renameEntry,
  usersOf,
  usesOfLists,
} from '../courses/change-catalogue-lists'
import { maxSlugLength } from '../courses/slug'
import type { Person } from '../people/person'
import { conflict, HttpError, notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { lineField, optionalField, readForm, type Form } from '../web/form'
import { languages, type Language } from '../web/i18n'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { brandUsesOf } from './list-uses'

const path = '/admin/catalogue-lists'
type Parameters = { list: string; entry: string }

/** `GET /admin/catalogue-lists`: all lists. `?list=topics&add=Pumps` fills in the form that adds an entry. */
export async function index(request: Request, response: Response): Promise<void> {
  const { list = '', add = '' } = parametersOf(request)
  const values = { [`name-${languages[0]}`]: add, alias: add }
  await renderLists(response, add && isListName(list) ? { list, form: { values, errors: {} } } : null)
}

/** `POST /admin/catalogue-lists/:list`: adds an entry. */
export async function create(
  request: Request<Parameters>,
  response: Response,
  person: Person,
): Promise<void> {
  const list = listOf(request)
  const { data, form } = readForm(schema, request as Request, response)
  if (form) return renderLists(response.status(422), { list, form })
  const { number, id, alias } = data
  await attempt(
    request,
    response,
    form => renderLists(response, { list, form }),
    async () => {
      await addEntry(
        { list, number, by: person._id },
        { id: id ?? '', names: namesIn(data), alias: alias ?? '' },
      )
      done(response, 'listAdded', { name: data[`name-${languages[0]}`] })
    },
  )
}

/** `GET /admin/catalogue-lists/:list/:entry`: its names, the courses that use it, and how to remove it. */
export async function show(request: Request<Parameters>, response: Response): Promise<void> {
  await renderEntry(request, response)
}

/** `POST /admin/catalogue-lists/:list/:entry`: renames it. */
export async function update(
  request: Request<Parameters>,
  response: Response,
  person: Person,
): Promise<void> {
  const list = listOf(request)
  const { data, form } = readForm(schema, request as Request, response)
  if (form) return renderEntry(request, response.status(422), form)
  await attempt(
    request,
    response,
    form => renderEntry(request, response, form),
    async () => {
      await renameEntry({ list, number: data.number, by: person._id }, request.params.entry, namesIn(data))
      done(response, 'listRenamed', { name: data[`name-${languages[0]}`] })
    },
  )
}

/** `POST /admin/catalogue-lists/:list/:entry/position`: `to` is `up` or `down`. */
export async function move(request: Request<Parameters>, response: Response, person: Person): Promise<void> {
  const list = listOf(request)
  const { to } = request.body as { to?: string }
  if (to !== 'up' && to !== 'down') throw notFound()
  await moveEntry({ list, number: numberIn(request), by: person._id }, request.params.entry, to)
  response.redirect(303, `${path}#${list}`)
}

/** `POST /admin/catalogue-lists/:list/:entry/removal`: removes it; `into` says where its courses go. */
export async function destroy(
  request: Request<Parameters>,
  response: Response,
  person: Person,
): Promise<void> {
  const list = listOf(request)
  const { into = '' } = request.body as { into?: string }
  const change = { list, number: numberIn(request), by: person._id }
  await attempt(
    request,
    response,
    form => renderEntry(request, response, form),
    async () => {
      const target = typeof into === 'string' && into ? into : null
      if (!target) await requireUnusedByBrands(list, request.params.entry, textsOf(response))
      await removeEntry(change, request.params.entry, target)
      done(response, 'listRemoved')
    },
  )
}

/** Throws 409 while only brands use an entry; for courses, `removeEntry` does. */
async function requireUnusedByBrands(list: ListName, id: string, texts: Texts): Promise<void> {
  const [users, uses] = await Promise.all([usersOf(list, id), brandUsesOf(list, id, texts)])
  if (!users.length && uses.length)
    throw conflict('admin:errors.lists.usedByBrands', { uses: uses.join(', ') })
}

const number = z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' })
const nameOfLanguage = (language: Language) => `name-${language}` as const
const [firstLanguage, ...otherLanguages] = languages
const schema = z.object({
  number,
  [nameOfLanguage(firstLanguage)]: lineField('admin:errors.lists.name', 60),
  ...Object.fromEntries(otherLanguages.map(language => [nameOfLanguage(language), optionalField(60)])),
  id: optionalField(maxSlugLength),
  alias: optionalField(80),
})

function namesIn(data: Record<string, unknown>): Record<string, string> {
  const named = languages.map(language => [language, data[nameOfLanguage(language)]] as const)
  return Object.fromEntries(named.filter((each): each is readonly [Language, string] => !!each[1]))
}

function isListName(name: string): name is ListName {
  return listNames.some(each => each === name)
}

function listOf(request: Request<Parameters>): ListName {
  const { list } = request.params
  if (!isListName(list)) throw notFound()
  return list
}

function numberIn(request: Request<Parameters>): number {
  const { data } = number.safeParse((request.body as { number?: unknown }).number)
  if (data === undefined) throw new HttpError(422, 'web:errors.badRequest')
  return data
}

/** Does it, or shows the form again with what was typed, the reason, and the number of the lists as they are now. */
async function attempt(
  request: Request<Parameters>,
  response: Response,
  refuse: (form: Form) => Promise<void>,
  change: () => Promise<void>,
): Promise<void> {
  try {
    await change()
  } catch (error) {
    if (!(error instanceof HttpError && [409, 422].includes(error.status))) throw error
    const { number } = await readLists()
    response.status(error.status)
    const errors = { [fieldOfError[error.key] ?? 'form']: response.locals.t(error.key, error.values) }
    await refuse({ values: { ...(request.body as Record<string, unknown>), number }, errors })
  }
}

const fieldOfError: Record<string, string | undefined> = {
  'admin:errors.lists.id': 'id',
  'admin:errors.lists.taken': 'id',
  'admin:errors.lists.used': 'into',
  'admin:errors.lists.usedByBrands': 'into',
}

function done(response: Response, key: string, values: Record<string, unknown> = {}): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, values) })
  response.redirect(303, path)
}

const frame = ({ t }: Texts) => ({
  layout: 'workspace',
  nav: 'lists',
  head: { title: t('admin:lists.title') },
})

async function renderLists(response: Response, sent: { list: ListName; form: Form } | null): Promise<void> {
  const texts = textsOf(response)
  const [lists, uses] = await Promise.all([readLists(), usesOfLists()])
  response.render('admin/catalogue-lists', {
    ...frame(texts),
    number: lists.number,
    // The summary of errors is that of the form that was sent.
    ...(sent && { form: sent.form }),
    lists: listNames.map(list => ({
      id: list,
      title: texts.t(`admin:lists.names.${list}`),
      text: texts.t(`admin:lists.texts.${list}`),
      action: `${path}/${list}`,
      rows: lists[list].map((entry, n) => rowOf(list, entry, { texts, lists, n, uses: uses[list] })),
      form: sent?.list === list ? sent.form : { values: {}, errors: {} },
      alias: sent?.list === list ? sent.form.values.alias : '',
      fields: [...nameFields(texts, `${list}-`), idField(texts, `${list}-`)],
      button: texts.t(`admin:lists.add.${list}`),
    })),
  })
}

function rowOf(list: ListName, { id }: ListEntry, { texts, lists, n, uses }: RowData) {
  const { t } = texts
  const name = nameOf(texts, lists[list][n]!)
  const move = (to: 'up' | 'down') => ({
    to,
    icon: to === 'up' ? 'arrow-up' : 'arrow-down',
    label: t(`admin:lists.${to}`, { name }),
  })
  return {
    href: `${path}/${list}/${id}`,
    name,
    id,
    courses: t('admin:lists.courses', { count: uses.get(id)?.length ?? 0 }),
    position: `${path}/${list}/${id}/position`,
    moves: [...(n > 0 ? [move('up')] : []), ...(n < lists[list].length - 1 ? [move('down')] : [])],
  }
}

type RowData = { texts: Texts; lists: CatalogueLists; n: number; uses: ReadonlyMap<string, unknown[]> }

async function renderEntry(request: Request<Parameters>, response: Response, form?: Form): Promise<void> {
  const list = listOf(request)
  const lists = await readLists()
  const entry = lists[list].find(({ id }) => id === request.params.entry)
  if (!entry) throw notFound()
  const texts = textsOf(response)
  const { t } = texts
  const name = nameOf(texts, entry)
  const [users, uses] = await Promise.all([usersOf(list, entry.id), brandUsesOf(list, entry.id, texts)])
  const others = lists[list].filter(({ id }) => id !== entry.id)
  const action = `${path}/${list}/${entry.id}`
  const names = Object.fromEntries(
    Object.entries(entry.names).map(([language, text]) => [`name-${language}`, text]),
  )
  response.render('admin/catalogue-list-entry', {
    ...frame(texts),
    head: { title: name },
    title: name,
    listTitle: t(`admin:lists.names.${list}`),
    listHref: `${path}#${list}`,
    sentence: t('admin:lists.idSentence', { id: entry.id }),
    number: lists.number,
    action,
    form: form ?? { values: names, errors: {} },
    fields: nameFields(texts),
    users: users.map(({ slug, title }) => ({ href: `/studio/courses/${slug}`, title })),
    usersTitle: t('admin:lists.usedBy', { count: users.length }),
    removal: {
      action: `${action}/removal`,
      text: removalText(users.length > 0, uses, t),
      field: {
        kind: 'select',
        name: 'into',
        label: t('admin:lists.into'),
        options: [
          { value: '', text: t('admin:lists.intoNone') },
          ...others.map(each => ({ value: each.id, text: nameOf(texts, each) })),
        ],
      } satisfies FormField,
    },
  })
}

function removalText(isUsed: boolean, uses: string[], t: Texts['t']): string {
  if (isUsed) return t('admin:lists.removeUsed')
  return uses.length
    ? t('admin:lists.removeUsedByBrands', { uses: uses.join(', ') })
    : t('admin:lists.removeUnused')
}

/** The name in the reader's language, as it is stored now: the page's own lists may be two seconds old. */
function nameOf({ lang }: Texts, { id, names }: ListEntry): string {
  return names[lang] ?? Object.values(names)[0] ?? id
}

function nameFields({ t, languageName }: Texts, idPrefix = ''): FormField[] {
  return languages.map((language, n) => ({
    name: nameOfLanguage(language),
    id: `${idPrefix}${nameOfLanguage(language)}`,
    label:
      languages.length > 1
        ? t('admin:lists.nameIn', { language: languageName(language) })
        : t('admin:lists.name'),
    required: n === 0,
    optional: n > 0,
    maxlength: 60,
    autocomplete: 'off',
  }))
}

function idField({ t }: Texts, idPrefix: string): FormField {
  return {
    name: 'id',
    id: `${idPrefix}id`,
    label: t('admin:lists.id'),
    hint: t('admin:lists.idHint'),
    optional: true,
    maxlength: maxSlugLength,
    autocomplete: 'off',
    spellcheck: 'false',
  }
}
