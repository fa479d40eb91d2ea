import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { readBrand, type Brand } from '../brand/brand'
import { saveBrandDraft } from '../brand/change-brand'
import type { BrandContent } from '../brand/content'
import { HttpError } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { Texts } from '../web/texts'
import { brandPath } from './brands'

const attempts = 5

/**
 * Changes one part of a brand's draft, such as one legal page. Whatever colleagues save in other parts meanwhile stays.
 *
 * @param basis `partKeyOf` this part when its form was opened.
 * @returns false when a colleague has changed this part since; nothing is saved then.
 */
export async function saveDraftPart<Part>(
  brand: Brand,
  partOf: (draft: BrandContent) => Part,
  change: (draft: BrandContent) => BrandContent,
  basis: string,
): Promise<boolean> {
  let current = brand
  for (let attempt = 1; ; attempt++) {
    if (partKeyOf(partOf(current.draft)) !== basis) return false
    try {
      await saveBrandDraft(brand._id, change(current.draft), current.draftNumber)
      return true
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 409) || attempt === attempts) throw error
      current = await readBrand(brand._id)
    }
  }
}

/** Tells two states of a part of the draft apart. */
export function partKeyOf(part: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(part ?? null))
    .digest('base64url')
    .slice(0, 12)
}

/** What every page of the editor has: its layout, its place in the menu, its title, and the way back. */
export const frameOf = (brand: Brand, title: string, { t }: Texts) => ({
  layout: 'workspace',
  nav: 'brands',
  head: { title },
  title,
  brandPath: brandPath(brand),
  brandName: brand.draft.academyName || t('brand:academyName'),
})

/** Goes to a page and says there what was done. */
export function done(
  response: Response,
  to: string,
  key: string,
  values: Record<string, unknown> = {},
): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, values) })
  response.redirect(303, to)
}
