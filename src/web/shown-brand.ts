import { extname } from 'node:path'
import type { Request, RequestHandler, Response } from 'express'
import { brandAt, defaultBrandId, draftOf, shownDraft, type Brand, type ShownBrand } from '../brand/brand'
import { columnShadesOf, shadesOf } from '../brand/colour'
import { brandTexts } from '../brand/content'
import { standardPairing, typePairings, type TypePairingName } from '../brand/type-pairings'
import { memoized } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { isSecretPath, secretRoutes, secretUrl } from '../platform/secret-routes'
import { languages, translatorsFor, type Language, type OwnTexts, type Translators } from './i18n'
import { signedCookie } from './signed-cookie'

const validity = days(7)

/**
 * Lets a browser see the draft of a brand: its text is the brand's id, a dot, and the moment, in milliseconds since
 * 1970, when that ends.
 */
const preview = signedCookie('brand-preview', validity)

export const isPreviewing = preview.isSent
export const endPreview = preview.clear

/**
 * Returns the URL that shows the drafts of a brand, at its own address, for seven days to anyone who opens it.
 *
 * @param page where the preview begins, such as `/pricing`.
 */
export function previewUrl({ id, baseUrl }: Pick<ShownBrand, 'id' | 'baseUrl'>, page = '/'): string {
  const shown = `${id}.${later(now(), validity).getTime()}`
  const url = secretUrl(baseUrl, secretRoutes.brandPreview, `${shown}.${hmacOf('brand-preview-link', shown)}`)
  return page === '/' ? url : `${url}?${new URLSearchParams({ page })}`
}

/**
 * Starts the preview in the reader's browser, until the link ends.
 *
 * @throws 404 for a link that has ended, that this academy didn't make, or that is for a brand on another host.
 */
export function startPreview(token: string, response: Response): void {
  const [id = '', until = '', signature = ''] = token.split('.')
  const isOurs = isHmacOf('brand-preview-link', `${id}.${until}`, signature)
  if (!isOurs || id !== response.locals.brand.id || Number(until) < now().getTime()) throw notFound()
  preview.set(response, `${id}.${until}`)
}

/**
 * Chooses the brand of the host that a request came to, once, for everything that answers it: the published version,
 * or the draft for someone who previews it.
 */
export const chooseBrand: RequestHandler = async (request, response, next) => {
  response.locals.brand = await brandFor(request)
  next()
}

/** Returns the brand that this reader sees. */
export async function brandFor(request: Request): Promise<ShownBrand> {
  // From a proxy that isn't trusted, Express ignores X-Forwarded-Host.
  const brand = await brandAt(request.hostname ?? '')
  if (brand.closed) return brand
  const [id, until] = (preview.isSent(request) && preview.read(request)?.split('.')) || []
  return id === brand.id && Number(until) >= now().getTime() ? draftOf(brand) : brand
}

/**
 * Answers on the hosts of a closed brand: links in emails, certificates and files lead to the brand that has its
 * people; pages do too, or say that the brand has closed. What programs call goes on working.
 */
export const leaveClosedBrand: RequestHandler = (request, response, next) => {
  const { closed } = response.locals.brand
  if (!closed || isForPrograms.test(request.path)) return next()
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  // Mail programs unsubscribe with a POST and don't follow redirects.
  if (!isRead && isSecretPath(request.path)) return next()
  const isKept =
    isSecretPath(request.path) || request.path.startsWith('/certificates') || extname(request.path)
  if (closed.hosts === 'page' && !(isRead && isKept))
    return next(new HttpError(410, 'web:errors.brandClosed'))
  response.redirect(303, closed.into.baseUrl + (isRead ? request.originalUrl : '/'))
}

const isForPrograms = /^\/(?:api|stripe)\//

/**
 * Keeps a brand that has never been published from everyone who doesn't preview it. Of the first brand, where the team
 * signs in and works, it keeps nothing: see `requirePublished`.
 */
export const requireOpen: RequestHandler = (request, response, next) => {
  const isOpen = isShown(response) || response.locals.brand.id === defaultBrandId
  next(isOpen || request.path.startsWith(previewPrefix) ? undefined : notOpenYet())
}

/** Keeps the pages of visitors from everyone who isn't signed in, until the brand has been published. */
export const requirePublished: RequestHandler = (request, response, next) => {
  next(isShown(response) || request.user ? undefined : notOpenYet())
}

/** What is left of a closed brand has come through `leaveClosedBrand`. */
const isShown = ({ locals: { brand } }: Response) =>
  brand.isPublished || brand.isDraft || brand.closed !== undefined
const notOpenYet = () => new HttpError(404, 'web:errors.notOpen')

const previewPrefix = secretRoutes.brandPreview.replace(':token', '')

/** Returns the languages of a brand's pages: its own, or all that are installed. */
export function languagesOf({ content }: ShownBrand): readonly Language[] {
  const own = languages.filter(language => content.languages.includes(language))
  return own.length ? own : languages
}

/** Returns the texts of a brand; a blank one keeps the general text. */
const ownTextsOf = memoized<ShownBrand, OwnTexts>(
  ({ key, content }) => ({
    key,
    names: Object.fromEntries(
      brandTexts.filter(name => content[name]).map(name => [`brand:${name}`, content[name]]),
    ),
    byLanguage: content.texts,
  }),
  { max: 100, nameOf: brand => brand.key },
)

/** Returns the texts of a brand in a language; in its first one by default. */
export function textsOfBrand(brand: ShownBrand, language: Language = languagesOf(brand)[0]!): Translators {
  return translatorsFor(language, ownTextsOf(brand))
}

/** Returns the texts of a brand's draft, as they will be once it is published. */
export function textsOfDraft(brand: DraftOfBrand, language: Language): Translators {
  return translatorsFor(language, ownTextsOfDraft(brand))
}

/** Returns the texts of a brand's draft that take the place of the general ones. */
export function ownTextsOfDraft(brand: DraftOfBrand): OwnTexts {
  return ownTextsOf(shownDraft(brand))
}

type DraftOfBrand = Pick<Brand, '_id' | 'hosts' | 'draft'>

/** Returns the CSS of a brand's typefaces and colours, which stands over the tokens; empty for Lyceum's own. */
export function stylesOf({ content: { accent, typePairing } }: ShownBrand): string {
  return typefaceStyles(typePairing) + (accent ? colourStyles(accent) : '')
}

/** Arabic, Persian and Urdu keep their own typefaces. Chromium drops a rule with a list of languages in `:lang()`. */
function typefaceStyles(pairing: TypePairingName): string {
  if (pairing === standardPairing) return ''
  const { serif, sans } = typePairings[pairing]
  return `:root:not(:lang(ar)):not(:lang(fa)):not(:lang(ur)) {
  --serif: ${serif};
  --sans: ${sans};
}
`
}

function colourStyles(accent: string): string {
  const { light, dark } = shadesOf(accent)
  const column = columnShadesOf(accent)
  const value = (name: keyof typeof light) => `light-dark(${light[name]}, ${dark[name]})`
  return `:root {
  --pencil: ${value('pencil')};
  --pencil-deep: ${value('pencilDeep')};
  --on-pencil: ${value('onPencil')};
  --pencil-wash: ${value('pencilWash')};
  --open: light-dark(${column.light.open}, ${column.dark.open});
  --open-shade: light-dark(${column.light.openShade}, ${column.dark.openShade});
}
`
}

/** The colour of links of a brand without its own, as in tokens.css; emails need it as a number. */
export const standardAccent = '#2B3FCB'

/** Returns the colour of links and buttons in emails, and of words on them. */
export function emailColours({ content }: ShownBrand): { accent: string; onAccent: string } {
  const accent = content.accent ?? standardAccent
  return { accent, onAccent: shadesOf(accent).light.onPencil }
}
