import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { brandContent, type BrandContent } from '../brand/content'
import type { FormField } from '../web/field'
import { checkbox, errorsOf, type Form } from '../web/form'
import { standardFooter, standardNavigation } from '../web/navigation'
import { textsOf, type Texts } from '../web/texts'
import { done, partKeyOf, saveDraftPart } from './brand-parts'
import { brandTabOf } from './brand-tab'
import { brandPath, brandRecordOf } from './brands'
import { typedRows, rowsView, rowValues, type RowList } from '../web/form-rows'

const maxColumns = 4

/** `GET /admin/brands/:id/navigation`: the links of the header and of the footer, and whom the footer names. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await showNavigation(response, brandRecordOf(response))
}

const partOf = ({ navigation, footer, supportEmail, contactEmail, poweredBy }: BrandContent) => ({
  ...{ navigation, footer, supportEmail, contactEmail, poweredBy },
})
const { navigation, footer, supportEmail, contactEmail } = brandContent.shape
const navigationForm = z.object({ navigation, footer, supportEmail, contactEmail, poweredBy: checkbox })

/**
 * `POST /admin/brands/:id/navigation`: saves the links, or goes back to the standard ones. Shows the form again with
 * 422 for a link that leads nowhere, and with 409 when a colleague has changed them.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const body = (request.body ?? {}) as Record<string, unknown>
  const isStandard = body.change === 'standard'
  const typed = {
    ...{ supportEmail: body.supportEmail, contactEmail: body.contactEmail, poweredBy: body.poweredBy },
    navigation: isStandard ? null : typedRows(body, listOf('navigation', texts)),
    footer: isStandard ? null : typedColumns(body, texts),
  }
  const read = navigationForm.safeParse(typed)
  if (!read.success) {
    const values = { ...valuesOf({ ...brand.draft, ...typed } as BrandContent, texts), basis: body.basis }
    return showNavigation(response.status(422), brand, {
      values,
      errors: errorsOf(read.error, typed, texts.t),
    })
  }
  const change = (draft: BrandContent) => ({ ...draft, ...read.data })
  if (!(await saveDraftPart(brand, partOf, change, String(body.basis)))) {
    const values = { ...valuesOf(change(brand.draft), texts), basis: partKeyOf(partOf(brand.draft)) }
    const errors = { form: texts.t('admin:errors.draftConflict') }
    return showNavigation(response.status(409), brand, { values, errors })
  }
  done(response, `${brandPath(brand)}/navigation`, 'brandSaved')
}

function typedColumns(body: Record<string, unknown>, texts: Texts) {
  return Array.from({ length: maxColumns }, (_, n) => ({
    title: typeof body[`footer.${n}.title`] === 'string' ? String(body[`footer.${n}.title`]).trim() : '',
    links: typedRows(body, listOf(`footer.${n}.links`, texts)),
  })).filter(({ title, links }) => title || links.length)
}

function listOf(list: string, { t }: Pick<Texts, 't'>): RowList {
  const isHeader = list === 'navigation'
  return {
    list,
    legend: t(isHeader ? 'admin:navigation.header' : 'admin:navigation.links'),
    fields: [
      {
        name: 'label',
        label: t('admin:home.fields.label'),
        hint: t('admin:navigation.labelHint'),
        maxlength: 60,
      },
      { name: 'path', label: t('admin:home.fields.path'), hint: t('admin:home.hints.path'), maxlength: 500 },
    ],
    max: isHeader ? 8 : 10,
  }
}

/** Returns the values of the form; the standard links where the brand has none of its own. */
function valuesOf(draft: BrandContent, { t }: Texts): Record<string, unknown> {
  const columns = draft.footer ?? standardFooter.map(({ title, links }) => ({ title: t(title), links }))
  return {
    ...{ supportEmail: draft.supportEmail, contactEmail: draft.contactEmail },
    poweredBy: draft.poweredBy ? 'on' : '',
    ...rowValues('navigation', draft.navigation ?? standardNavigation),
    ...Object.fromEntries(
      columns.flatMap(({ title, links }, n) => [
        [`footer.${n}.title`, title],
        ...Object.entries(rowValues(`footer.${n}.links`, links)),
      ]),
    ),
  }
}

async function showNavigation(response: Response, brand: Brand, refused?: Form): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const form = refused ?? { values: valuesOf(brand.draft, texts), errors: {} }
  const count = Array.from({ length: maxColumns }, (_, n) => n).filter(n =>
    Object.entries(form.values).some(([name, value]) => name.startsWith(`footer.${n}.`) && value),
  ).length
  const email = (name: 'contactEmail' | 'supportEmail'): FormField => ({
    name,
    type: 'email',
    label: t(`admin:brand.fields.${name}`),
    hint: t(`admin:navigation.hints.${name}`),
    maxlength: 254,
    autocomplete: 'off',
  })
  response.render('admin/brand-navigation', {
    ...(await brandTabOf(brand, texts, 'navigation', refused)),
    basis: partKeyOf(partOf(brand.draft)),
    form,
    isOwn: brand.draft.navigation !== null || brand.draft.footer !== null,
    header: rowsView(listOf('navigation', texts), form.values, t),
    columns: Array.from({ length: Math.min(count + 1, maxColumns) }, (_, n) => ({
      legend: t(n < count ? 'admin:navigation.column' : 'admin:navigation.newColumn', { number: n + 1 }),
      title: {
        name: `footer.${n}.title`,
        label: t('admin:navigation.columnTitle'),
        maxlength: 60,
        autocomplete: 'off',
      } satisfies FormField,
      list: rowsView(listOf(`footer.${n}.links`, texts), form.values, t),
    })),
    contact: [email('contactEmail'), email('supportEmail')],
    poweredBy: {
      kind: 'checkbox',
      name: 'poweredBy',
      label: t('admin:navigation.poweredBy'),
    } satisfies FormField,
  })
}
