import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { brandContent, courseCovers, type BrandContent } from '../brand/content'
import { typePairingNames } from '../brand/type-pairings'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { done, partKeyOf, saveDraftPart, tabFrameOf } from './brand-parts'
import { lookSlots, slotNamed, slotView } from './brand-slots'
import { brandPath, brandRecordOf } from './brands'

/** `GET /admin/brands/:id/look`: the logo, the icon and the social image of the draft, its typefaces and covers. */
export function edit(_request: Request, response: Response): void {
  showLook(response, brandRecordOf(response))
}

const lookForm = z.object({
  typePairing: brandContent.shape.typePairing,
  covers: brandContent.shape.covers,
  basis: z.string({ error: 'web:errors.badRequest' }),
})

const partOf = ({ typePairing, covers }: BrandContent) => ({ typePairing, covers })

/** `POST /admin/brands/:id/look`: saves the typefaces and covers; with 409 when a colleague has changed them. */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { data, form } = readForm(lookForm, request, response)
  if (form) return showLook(response.status(422), brand, { form })
  const { basis, ...look } = data
  const isSaved = await saveDraftPart(brand, partOf, draft => ({ ...draft, ...look }), basis)
  if (!isSaved) {
    const values = { ...look, basis: partKeyOf(partOf(brand.draft)) }
    const errors = { form: textsOf(response).t('admin:errors.draftConflict') }
    return showLook(response.status(409), brand, { form: { values, errors } })
  }
  done(response, `${brandPath(brand)}/look`, 'brandSaved')
}

/** Shows the page, with the errors of its form or of one of its files. */
export function showLook(
  response: Response,
  brand: Brand,
  refused: { form?: Form; files?: Form } = {},
): void {
  const texts = textsOf(response)
  const { t } = texts
  const { draft } = brand
  response.render('admin/brand-look', {
    ...tabFrameOf(brand, texts, 'look'),
    basis: partKeyOf(partOf(draft)),
    form: refused.form ?? emptyForm(partOf(draft)),
    fields: fieldsOf(texts),
    files: lookSlots.map(name =>
      slotView(
        brand,
        slotNamed(name, draft)!,
        draft[name],
        {
          label: t(`admin:brand.fields.${name}`),
          hint: t(`admin:look.hints.${name}`),
          onDark: name === 'logoDark',
          remove: t('admin:files.removeLabel', { name: t(`admin:brand.fields.${name}`) }),
        },
        refused.files,
        texts,
      ),
    ),
  })
}

function fieldsOf({ t }: Texts): FormField[] {
  return [
    {
      kind: 'radios',
      name: 'typePairing',
      label: t('admin:brand.fields.typePairing'),
      options: typePairingNames.map(value => ({
        value,
        text: t(`admin:look.pairings.${value}.name`),
        hint: t(`admin:look.pairings.${value}.hint`),
      })),
    },
    {
      kind: 'radios',
      name: 'covers',
      label: t('admin:brand.fields.covers'),
      options: courseCovers.map(value => ({ value, text: t(`admin:look.covers.${value}`) })),
    },
  ]
}
