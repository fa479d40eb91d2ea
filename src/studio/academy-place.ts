import type { Response } from 'express'
import { brandThatShows } from '../courses/shown-courses'
import { textsOf } from '../web/texts'

/** Where the academy shows what was published: a link, or why there is none. */
export type AcademyPlace = { href: string | null; text: string }

/**
 * Returns where a page about these courses can be seen: at the brand of the reader's host, or else at another one,
 * which the link names.
 */
export async function placeOf(
  slugs: readonly string[],
  path: string,
  response: Response,
): Promise<AcademyPlace> {
  const { t } = textsOf(response)
  const here = response.locals.brand
  const brand = await brandThatShows(slugs, here)
  if (!brand) return { href: null, text: t('studio:place.nowhere') }
  if (brand.id === here.id) return { href: path, text: t('studio:place.here') }
  return {
    href: brand.baseUrl + path,
    text: t('studio:place.elsewhere', { brand: brand.content.academyName }),
  }
}
