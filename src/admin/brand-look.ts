import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { failingPairs, hexColour, measure, nearestPassing, type Pair } from '../brand/colour'
import { brandContent, courseCovers, type BrandContent } from '../brand/content'
import { typePairingNames, typePairings } from '../brand/type-pairings'
import { HttpError } from '../platform/errors'
import type { FormField } from '../web/field'
import { emptyForm, readForm, type Form } from '../web/form'
import { standardAccent } from '../web/shown-brand'
import { textsOf, type Texts } from '../web/texts'
import { done, partKeyOf, saveDraftPart } from './brand-parts'
import { lookSlots, slotNamed, slotView } from './brand-slots'
import { brandTabOf } from './brand-tab'
import { brandPath, brandRecordOf } from './brands'

/** `GET /admin/brands/:id/look`: the pictures of the draft, its accent colour, its typefaces and covers. */
export async function edit(_request: Request, response: Response): Promise<void> {
  await showLook(response, brandRecordOf(response))
}

const { accent, typePairing, covers } = brandContent.shape
const lookForm = z.object({
  ...{ accent, typePairing, covers },
  basis: z.string({ error: 'web:errors.badRequest' }),
  /** The button that takes the nearest colour which can be read. */
  nearest: z.string().optional(),
})

const partOf = ({ accent, typePairing, covers }: BrandContent) => ({ accent, typePairing, covers })

/**
 * `POST /admin/brands/:id/look`: saves the colour, the typefaces and covers. Shows the form again with 422 for a colour
 * that can't be read, whose pairs it names, and with 409 when a colleague has changed them.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const { data, form } = readForm(lookForm, request, response)
  if (form) return showLook(response.status(422), brand, { form })
  const { basis, nearest, ...typed } = data
  const look = { ...typed, accent: typed.accent && nearest ? nearestPassing(typed.accent) : typed.accent }
  if (look.accent && failingPairs(look.accent).length) {
    const errors = { accent: contrastError(look.accent, texts) }
    return showLook(response.status(422), brand, { form: { values: { ...look, basis }, errors } })
  }
  const isSaved = await saveDraftPart(brand, partOf, draft => ({ ...draft, ...look }), basis)
  if (!isSaved) {
    const values = { ...look, basis: partKeyOf(partOf(brand.draft)) }
    const errors = { form: texts.t('admin:errors.draftConflict') }
    return showLook(response.status(409), brand, { form: { values, errors } })
  }
  done(response, `${brandPath(brand)}/look`, 'brandSaved')
}

/**
 * `GET /admin/brands/:id/contrast?accent=`: the contrast of an accent colour as HTML, while it is chosen. Throws 422
 * for what isn't a colour.
 */
export function contrast(request: Request, response: Response): void {
  const { data } = hexColour.safeParse(request.query.accent)
  if (!data) throw new HttpError(422, 'admin:errors.brand.colour')
  response.render('admin/brand-colours', { layout: '', ...coloursView(data, textsOf(response)) })
}

/** Shows the page, with the errors of its form or of one of its files. */
export async function showLook(
  response: Response,
  brand: Brand,
  refused: { form?: Form; files?: Form } = {},
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { draft } = brand
  const form = refused.form ?? emptyForm(partOf(draft))
  const { data: shownAccent = null } = hexColour.safeParse(form.values.accent)
  const files = lookSlots.map(name =>
    slotView(
      brand,
      slotNamed(name, draft)!,
      draft[name],
      {
        label: t(`admin:brand.fields.${name}`),
        hint: t(`admin:look.hints.${name}`),
        ...(name === 'logoDark' && {
          onDark: true,
          instead: draft.logoLight && { file: draft.logoLight, text: t('admin:look.firstLogo') },
        }),
        remove: t('admin:files.removeLabel', { name: t(`admin:brand.fields.${name}`) }),
      },
      refused.files,
      texts,
    ),
  )
  const tab = await brandTabOf(brand, texts, 'look', refused.form)
  response.render('admin/brand-look', {
    ...tab,
    scripts: [...tab.scripts, 'accent.js'],
    basis: partKeyOf(partOf(draft)),
    form,
    contrastUrl: `${brandPath(brand)}/contrast`,
    accentField: {
      name: 'accent',
      label: t('admin:brand.fields.accent'),
      hint: t('admin:brand.hints.accent'),
      maxlength: 7,
      autocomplete: 'off',
      spellcheck: 'false',
    } satisfies FormField,
    pickerValue: shownAccent ?? standardAccent,
    ...coloursView(shownAccent, texts),
    pairings: typePairingNames.map(name => ({ name, ...typePairings[name] })),
    pairingField: {
      kind: 'radios',
      name: 'typePairing',
      label: t('admin:brand.fields.typePairing'),
      options: typePairingNames.map(value => ({
        value,
        text: t(`admin:look.pairings.${value}.name`),
        hint: t(`admin:look.pairings.${value}.hint`),
      })),
    } satisfies FormField,
    coversField: {
      kind: 'radios',
      name: 'covers',
      label: t('admin:brand.fields.covers'),
      options: courseCovers.map(value => ({ value, text: t(`admin:look.covers.${value}`) })),
    } satisfies FormField,
    logos: files.slice(0, 2),
    pictures: files.slice(2),
  })
}

/** The pairs of colours that an accent is used in, and the nearest colour that passes when one of them doesn't. */
function coloursView(accent: string | null, texts: Texts) {
  return {
    pairs: accent ? measure(accent).map(pair => pairView(pair, texts)) : [],
    nearest: accent && failingPairs(accent).length ? nearestView(accent, texts) : null,
  }
}

function pairView({ name, colour, on, contrast, needs, passes }: Pair, { t, number }: Texts) {
  return {
    name: t(`admin:brand.pairs.${name}`),
    sample: { colour, on },
    contrast: number(contrast),
    needs: number(needs),
    passes,
    result: t(passes ? 'admin:brand.passes' : 'admin:brand.tooLow'),
  }
}

const nearestView = (accent: string, { t }: Texts) => {
  const colour = nearestPassing(accent)
  return { colour, text: t('admin:brand.use', { colour }), note: t('admin:brand.nearest', { colour }) }
}

function contrastError(accent: string, { t, number }: Texts): string {
  const pairs = failingPairs(accent).map(({ name, contrast, needs }) =>
    t('admin:errors.brand.pair', {
      name: t(`admin:brand.pairs.${name}`),
      contrast: number(contrast),
      needs: number(needs),
    }),
  )
  return t('admin:errors.brand.contrast', { accent, pairs: pairs.join('; ') })
}
