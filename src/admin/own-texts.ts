import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import type { BrandContent } from '../brand/content'
import { normaliseText } from '../platform/text'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { readForm, type Form } from '../web/form'
import { textsIn, type Language } from '../web/i18n'
import { consentKeys, replaceableTexts, searchTexts } from '../web/interface-texts'
import { asStored, asTyped, faultOf } from '../web/own-text'
import { ownTextsOfDraft } from '../web/shown-brand'
import { textsOf, type Texts } from '../web/texts'
import { partKeyOf, done, saveDraftPart } from './brand-parts'
import { brandTabOf } from './brand-tab'
import { exampleEmail } from './draft-frame'
import { brandPath, brandRecordOf } from './brands'

const view = 'admin/texts'
const maxFound = 30

/** What the page lists: what a search finds, a group of texts, or the brand's own ones. */
const groups = ['own', 'consents', 'emails'] as const
type Query = { q: string; group: (typeof groups)[number] }

/** `GET /admin/brands/:id/texts?q=&group=`: interface texts by the words that are seen, each with a form. */
export async function index(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  response.render(view, await pageOf(brand, queryOf(request.query), textsOf(response)))
}

const textForm = z.object({
  key: z.string({ error: 'web:errors.badRequest' }).max(300, { error: 'web:errors.badRequest' }),
  text: z
    .string({ error: 'web:errors.unreadable' })
    .overwrite(normaliseText)
    .max(5_000, { error: 'web:errors.tooLong' }),
  basis: z.string({ error: 'web:errors.badRequest' }),
})

/**
 * `POST /admin/brands/:id/texts`: saves a text in the draft; an empty one, and one like the general text, brings the
 * general one back. Shows the form again with 422 for a text that could not be filled in, and with 409 when a colleague
 * has changed it.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const { t, lang } = texts
  const query = queryOf((request.body ?? {}) as Record<string, unknown>)
  const { data, form } = readForm(textForm, request, response)
  const key = data?.key ?? String((request.body as { key?: unknown } | undefined)?.key)
  const general = textsIn(lang).get(key)
  if (general === undefined || !replaceableTexts(lang).has(key)) throw notFound()
  const refuse = async (refused: Form, status: number): Promise<void> =>
    response
      .status(status)
      .render(view, { ...(await pageOf(brand, query, texts, { key, form: refused })), form: refused })
  if (form) return refuse(form, 422)
  const stored = asStored(data.text)
  const fault = stored ? faultOf(stored, general) : null
  if (fault) return refuse({ values: request.body, errors: { text: t(fault.key, fault) } }, 422)
  const isOwn = stored !== '' && stored !== general
  const isSaved = await saveDraftPart(
    brand,
    draft => draft.texts[lang]?.[key],
    draft => withText(draft, lang, key, isOwn ? stored : null),
    data.basis,
  )
  if (!isSaved) {
    const basis = partKeyOf(brand.draft.texts[lang]?.[key])
    const errors = { text: t('admin:errors.textConflict') }
    return refuse({ values: { ...request.body, basis }, errors }, 409)
  }
  done(
    response,
    `${brandPath(brand)}/texts?${addressOf(query)}#${idOf(key)}`,
    isOwn ? 'textSaved' : 'textGeneral',
  )
}

function withText(draft: BrandContent, language: Language, key: string, text: string | null): BrandContent {
  const { [key]: _before, ...others } = draft.texts[language] ?? {}
  return {
    ...draft,
    texts: { ...draft.texts, [language]: text === null ? others : { ...others, [key]: text } },
  }
}

function queryOf({ q, group }: Record<string, unknown>): Query {
  return {
    q: typeof q === 'string' ? q.trim().slice(0, 200) : '',
    group: groups.find(each => each === group) ?? 'own',
  }
}

const addressOf = ({ q, group }: Query) => String(new URLSearchParams({ q, group }))

/** The id of a text's form on the page. */
const idOf = (key: string) => key.replace(/[^a-z0-9]/gi, '-')

function keysFor({ q, group }: Query, brand: Brand, language: Language): string[] {
  if (q) return searchTexts(q, language, ownTextsOfDraft(brand), maxFound)
  switch (group) {
    case 'consents':
      return consentKeys
    case 'emails':
      return [...replaceableTexts(language).keys()].filter(key => key.startsWith('mail:'))
    case 'own':
      return Object.keys(brand.draft.texts[language] ?? {}).sort()
  }
}

async function pageOf(brand: Brand, query: Query, texts: Texts, refused?: { key: string; form: Form }) {
  const { t, lang } = texts
  const found = keysFor(query, brand, lang).filter(key => replaceableTexts(lang).has(key))
  const keys = refused && !found.includes(refused.key) ? [refused.key, ...found] : found
  return {
    ...(await brandTabOf(brand, texts, 'texts', refused?.form, {
      title: t('admin:texts.title'),
      first: query.group === 'emails' ? exampleEmail : '/',
    })),
    action: `${brandPath(brand)}/texts`,
    q: query.q,
    group: query.group,
    groups: groups.map(group => ({
      href: `${brandPath(brand)}/texts?group=${group}`,
      text: t(`admin:texts.groups.${group}`),
      isHere: !query.q && group === query.group,
    })),
    found: query.q ? t('admin:texts.found', { count: found.length, q: query.q }) : '',
    none: query.q ? t('admin:texts.noneFound') : t('admin:texts.noneOwn'),
    texts: keys.map(key => textView(key, brand, texts, refused?.key === key ? refused.form : undefined)),
  }
}

function textView(key: string, brand: Brand, { t, lang }: Texts, form: Form | undefined) {
  const own = brand.draft.texts[lang]?.[key]
  const { general } = replaceableTexts(lang).get(key)!
  const id = idOf(key)
  const [namespace = '', path = ''] = key.split(':')
  const where = whereOf(path, t)
  const field: FormField = {
    name: 'text',
    id: `text-${id}`,
    kind: 'textarea',
    label: t('admin:texts.yourText'),
    rows: Math.min(8, 1 + Math.ceil(general.length / 80)),
    maxlength: 5_000,
    value: asTyped(own ?? general),
    form: form ?? { values: {}, errors: {} },
  }
  return {
    id,
    key,
    general,
    isOwn: own !== undefined,
    place: t(`admin:texts.places.${namespace}`),
    where,
    basis: form?.values.basis ?? partKeyOf(own),
    field,
    saveLabel: t('admin:texts.saveThis', { text: general, where }),
  }
}

/**
 * Where a text is, in the words of its key, so that two that read the same can be told apart: `signUp.title` is
 * "Sign up › Title", and `found_one` is "Found › for one".
 */
function whereOf(path: string, t: Texts['t']): string {
  const [, name = path, plural] = /^(.+?)(?:_(zero|one|two|few|many|other))?$/.exec(path) ?? []
  const words = name
    .split('.')
    .map(part =>
      part
        .replace(/([a-z\d])([A-Z])|[-_]+/g, '$1 $2')
        .trim()
        .toLowerCase(),
    )
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
  return [...words, ...(plural ? [t(`admin:texts.plurals.${plural}`)] : [])].join(' › ')
}
