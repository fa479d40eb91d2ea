import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import {
  brandTexts,
  legalPageContent,
  legalPageNames,
  type BrandContent,
  type LegalPageName,
} from '../brand/content'
import { notFound } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { blanksIn, legalPageOf, renderLegalPage } from '../web/legal-page'
import { textsOfDraft } from '../web/shown-brand'
import { textsOf, type Texts } from '../web/texts'
import { partKeyOf, done, saveDraftPart } from './brand-parts'
import { blanksOfPage } from './brand-state'
import { brandTabOf } from './brand-tab'
import { brandPath, brandRecordOf } from './brands'

/** `GET /admin/brands/:id/legal-pages`: the legal pages of the draft, and what is left to write in each. */
export async function index(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const { t, lang } = texts
  response.render('admin/legal-pages', {
    ...(await brandTabOf(brand, texts, 'legal-pages', undefined, { title: t('admin:legal.title') })),
    pages: legalPageNames.map(name => {
      const page = legalPageOf({ content: brand.draft }, name, lang)
      const blanks = blanksOfPage(brand, name, texts).length
      return {
        title: page.title,
        href: hrefOf(brand, name),
        label: t('admin:legal.edit', { title: page.title }),
        address: `/${name}`,
        state: t(page.isStarter ? 'admin:legal.starter' : 'admin:legal.own'),
        blanks: blanks ? t('admin:legal.blanks', { count: blanks }) : '',
      }
    }),
  })
}

/** `GET /admin/brands/:id/legal-pages/:name`: a legal page of the draft as Markdown, and how it looks. */
export async function edit(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const name = nameIn(request)
  const { title, lede, body } = legalPageOf({ content: brand.draft }, name, textsOf(response).lang)
  const page = { title, lede, body }
  response.render('admin/legal-page', await pageView(brand, name, page, emptyForm(page), textsOf(response)))
}

const legalForm = z.object({
  ...legalPageContent.shape,
  basis: z.string({ error: 'web:errors.badRequest' }),
  /** The button that shows the text without saving it. */
  look: z.string().optional(),
})

/**
 * `POST /admin/brands/:id/legal-pages/:name`: saves the page in the draft, or shows how it would look. Shows the form
 * again with 422 for an empty page, and with 409 when a colleague has changed the same page; saving once more replaces
 * theirs.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const name = nameIn(request)
  const texts = textsOf(response)
  const { data, form } = readForm(legalForm, request, response)
  const show = async (shown: Form, status: number, page = typedPage(request)): Promise<void> =>
    response.status(status).render('admin/legal-page', await pageView(brand, name, page, shown, texts))
  if (form) return show(form, 422)
  const { basis, look, ...page } = data
  const typed = emptyForm(request.body as Record<string, unknown>)
  if (look !== undefined) return show(typed, 200, page)
  const change = (draft: BrandContent) => ({ ...draft, legalPages: { ...draft.legalPages, [name]: page } })
  const isSaved = await saveDraftPart(brand, draft => draft.legalPages[name], change, basis)
  if (!isSaved) return show(conflictOn(brand, name, request, texts), 409, page)
  done(response, hrefOf(brand, name), 'brandSaved')
}

/** `POST /admin/brands/:id/legal-pages/:name/removal`: goes back to the starter. */
export async function destroy(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const name = nameIn(request)
  const change = (draft: BrandContent) => {
    const { [name]: _own, ...others } = draft.legalPages
    return { ...draft, legalPages: others }
  }
  await saveDraftPart(brand, draft => draft.legalPages[name], change, partKeyOf(brand.draft.legalPages[name]))
  done(response, hrefOf(brand, name), 'legalStarter')
}

function conflictOn(brand: Brand, name: LegalPageName, request: Request, { t }: Texts): Form {
  const basis = partKeyOf(brand.draft.legalPages[name])
  return { values: { ...request.body, basis }, errors: { form: t('admin:errors.legalConflict') } }
}

function nameIn(request: Request): LegalPageName {
  const name = legalPageNames.find(each => each === request.params.name)
  if (!name) throw notFound()
  return name
}

const hrefOf = (brand: Brand, name: LegalPageName) => `${brandPath(brand)}/legal-pages/${name}`

function typedPage(request: Request) {
  const { title, lede, body } = (request.body ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { title: text(title), lede: text(lede), body: text(body) }
}

async function pageView(
  brand: Brand,
  name: LegalPageName,
  page: { title: string; lede: string; body: string },
  form: Form,
  texts: Texts,
) {
  const { t, lang } = texts
  const own = brand.draft.legalPages[name]
  const heading = legalPageOf({ content: brand.draft }, name, lang).title
  const names = brandTexts.map(each => `{{${each}}}`).join(', ')
  const field = (of: 'title' | 'lede' | 'body', more: Partial<FormField>): FormField => ({
    name: of,
    label: t(`admin:legal.fields.${of}`),
    autocomplete: 'off',
    ...more,
  })
  return {
    ...(await brandTabOf(brand, texts, 'legal-pages', form, {
      title: heading,
      own: { text: heading, path: `/${name}` },
    })),
    form,
    allHref: `${brandPath(brand)}/legal-pages`,
    action: hrefOf(brand, name),
    basis: partKeyOf(own),
    address: `/${name}`,
    isOwn: own !== undefined,
    state: t(own ? 'admin:legal.ownText' : 'admin:legal.starterText'),
    fields: [
      field('title', { maxlength: 80 }),
      field('lede', { maxlength: 300 }),
      field('body', {
        kind: 'textarea',
        rows: 24,
        maxlength: 60_000,
        hint: t('admin:legal.hint', { names }),
      }),
    ],
    look: renderLegalPage(page, textsOfDraft(brand, lang).t, lang),
    blanks: blanksIn([page.title, page.lede, page.body].join('\n')),
  }
}
