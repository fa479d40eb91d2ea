import type { Request, Response } from 'express'
import { publishedBrand, readBrand, shownBrand, type Brand, type ShownBrand } from '../brand/brand'
import { shadesOf } from '../brand/colour'
import { brandTexts } from '../brand/content'
import { memoized } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import { languages, translatorsFor, type Language, type OwnTexts, type Translators } from './i18n'
import { signedCookie } from './signed-cookie'

const validity = days(7)

/** Lets a browser see the draft: its text is the moment, in milliseconds since 1970, when that ends. */
const preview = signedCookie('brand-preview', validity)

export const isPreviewing = preview.isSent
export const endPreview = preview.clear

/** Returns the path of a link that shows the draft for seven days to anyone who opens it. */
export function previewPath(): string {
  const until = String(later(now(), validity).getTime())
  return secretPath(secretRoutes.brandPreview, `${until}.${hmacOf('brand-preview-link', until)}`)
}

/**
 * Starts the preview in the reader's browser, until the link ends.
 *
 * @throws 404 for a link that has ended, or that this academy didn't make.
 */
export function startPreview(token: string, response: Response): void {
  const [until = '', signature = ''] = token.split('.')
  if (!isHmacOf('brand-preview-link', until, signature) || Number(until) < now().getTime()) throw notFound()
  preview.set(response, until)
}

/** Returns the brand that this reader sees: the published one, or the draft for someone who previews it. */
export async function brandFor(request: Request): Promise<ShownBrand> {
  const until = preview.isSent(request) ? preview.read(request) : null
  if (!until || Number(until) < now().getTime()) return publishedBrand()
  return shownBrand((await readBrand()).draft, true)
}

/** Returns the texts of a brand; a blank one keeps the general text. */
export const ownTextsOf = memoized<ShownBrand, OwnTexts>(
  ({ key, content }) => ({
    key,
    names: Object.fromEntries(
      brandTexts.filter(name => content[name]).map(name => [`brand:${name}`, content[name]]),
    ),
    byLanguage: content.texts,
  }),
  { max: 100, nameOf: brand => brand.key },
)

/** Returns the texts of the published brand in a language. */
export async function publishedTexts(language: Language = languages[0]): Promise<Translators> {
  return translatorsFor(language, ownTextsOf(await publishedBrand()))
}

/** Returns the texts of a brand's draft, as they will be once it is published. */
export function textsOfDraft(brand: Pick<Brand, 'draft'>, language: Language): Translators {
  return translatorsFor(language, ownTextsOfDraft(brand))
}

/** Returns the texts of a brand's draft that take the place of the general ones. */
export function ownTextsOfDraft({ draft }: Pick<Brand, 'draft'>): OwnTexts {
  return ownTextsOf(shownBrand(draft, true))
}

/** Returns the CSS of a brand's colours, which stands over the tokens; empty for Lyceum's own. */
export function stylesOf({ content: { accent } }: ShownBrand): string {
  if (!accent) return ''
  const { light, dark } = shadesOf(accent)
  const value = (name: keyof typeof light) => `light-dark(${light[name]}, ${dark[name]})`
  return `:root {
  --pencil: ${value('pencil')};
  --pencil-deep: ${value('pencilDeep')};
  --on-pencil: ${value('onPencil')};
  --pencil-wash: ${value('pencilWash')};
}
`
}

/** The colour of links in emails of a brand without its own. */
const defaultAccent = '#2B3FCB'

/** Returns the colour of links and buttons in emails, and of words on them. */
export function emailColours({ content }: ShownBrand): { accent: string; onAccent: string } {
  const accent = content.accent ?? defaultAccent
  return { accent, onAccent: shadesOf(accent).light.onPencil }
}
