import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Request, RequestHandler, Response } from 'express'
import { otherBrands, type ShownBrand } from '../brand/brand'
import { PricingPages } from '../brand/plans'
import { catalogueLists, nameIn, type CatalogueLists } from '../courses/catalogue-lists'
import type { Person } from '../people/person'
import { sessionsOf } from '../sessions/shown-sessions'
import { NeedsAssessments } from '../signals/needs-content'
import { config } from '../platform/config'
import { root } from '../platform/root'
import { memoized } from '../platform/cached'
import { theme } from './appearance'
import { components } from './components'
import { csrfToken } from './csrf'
import { charts } from './charts/charts'
import { takeFlash, type Flash } from './flash'
import { permissionsOf } from './guard'
import { languagesOf, textsOfBrand } from './shown-brand'
import { directionOf, languages, type Language, type Translators } from './i18n'
import type { Form } from './form'
import { occasionFor } from './occasion'
import { icon } from './icon'
import { fragmentsOf, readerSlots, type Fragments } from './views'
import { readerHeader, readerKey } from './reader-key'
import { formattersFor } from './formatters'
import type { Texts } from './texts'

const formatters = Object.fromEntries(
  languages.map(language => [language, formattersFor(language)]),
) as Record<Language, ReturnType<typeof formattersFor>>

/** What every page has besides the values of its handler. See "A view" in the README. */
type PageLocals = SharedLocals & OwnLocals

/** The same for all pages of a brand in one language. */
type SharedLocals = Translators &
  (typeof formatters)[Language] & {
    lang: Language
    dir: 'ltr' | 'rtl'
    chart: typeof charts
    icon: typeof icon
    components: typeof components
    demo: boolean
    assetVersion: string
    scripts: readonly string[]
    fragments: Fragments
    readerSlots: typeof readerSlots
    nav: string
    layout: string
  }

type OwnLocals = {
  /** The brand of the host; `chooseBrand` sets it first. */
  brand: ShownBrand
  lists: CatalogueLists
  /** The pages that the brand has switched on. */
  offers: { needsAssessment: boolean; pricing: boolean; sessions: boolean }
  listName: Texts['listName']
  theme: string | undefined
  person: Person | null
  can: ReturnType<typeof permissionsOf>
  path: string
  url: string
  /** The primary address of the brand. */
  baseUrl: string
  /** The other academies of the demo, for its strip. */
  demoBrands: { name: string; href: string }[]
  form: Form
  response: Response
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    interface Locals extends PageLocals {}
  }
}

export const preparePage: RequestHandler = async (request, response, next) => {
  const { brand } = response.locals
  const language = languageOf(request, brand)
  const [lists, needsAssessment, pricing, sessions, others] = await Promise.all([
    catalogueLists(),
    NeedsAssessments.isOn(brand),
    PricingPages.isOn(brand),
    sessionsOf(brand, request.user ?? null),
    config.demo ? otherBrands(brand) : [],
  ])
  const own: OwnLocals = {
    brand,
    lists,
    offers: { needsAssessment, pricing, sessions: sessions.length > 0 },
    listName: (list, value) => nameIn(lists[list], value, language),
    theme: theme.of(request),
    person: request.user ?? null,
    can: permissionsOf(request.user),
    path: request.path,
    url: request.originalUrl,
    baseUrl: brand.baseUrl,
    demoBrands: others.map(({ content, baseUrl }) => ({ name: content.academyName, href: baseUrl })),
    form: { values: {}, errors: {} },
    response,
  }
  response.setHeader(readerHeader, readerKey(request.user))
  const shared = sharedLocals({ brand, language })
  response.locals = Object.assign(Object.create(shared) as typeof response.locals, response.locals, own)
  next()
}

/**
 * Computed only when a view uses it: a page without a form sets no cookie, and a flash message that isn't shown
 * waits for the next page.
 */
const onDemand = {
  get csrf(): string {
    const response = responseOf(this)
    return csrfToken(response.req, response)
  },
  get occasion(): string {
    const { form } = this as { form?: Form }
    return occasionFor(form?.values.occasion)
  },
  /** What identifies a form, so that pressing its button twice does one thing. */
  get formKey(): string {
    return randomUUID()
  },
  get flash(): Flash | null {
    const response = responseOf(this)
    const { locals } = response
    return (locals.shownFlash ??= takeFlash(response.req, response)) as Flash | null
  },
  /** For a page with its own message, such as an invalid form. */
  set flash(flash: Flash | null) {
    responseOf(this).locals.shownFlash = flash
  },
}

/** The prototype of the locals of every page, so that no page copies them. */
const sharedLocals = memoized<{ brand: ShownBrand; language: Language }, SharedLocals>(
  ({ brand, language }) => {
    const shared: Omit<SharedLocals, 'fragments'> = {
      ...textsOfBrand(brand, language),
      ...formatters[language],
      lang: language,
      dir: directionOf(language),
      chart: charts,
      icon,
      components,
      demo: config.demo,
      assetVersion,
      scripts: [],
      readerSlots,
      nav: '',
      layout: 'academy',
    }
    const locals = Object.assign(Object.create(onDemand) as object, shared)
    const forFragments = Object.assign(Object.create(locals) as object, { brand })
    return Object.assign(locals, { fragments: fragmentsOf(forFragments) })
  },
  { max: 40, nameOf: ({ brand, language }) => `${language} ${brand.key}` },
)

const responseOf = (page: object) => (page as { response: Response }).response

/** Returns the language of the brand that the reader prefers. */
export function languageOf(request: Request, brand: ShownBrand): Language {
  return wantedLanguage({ request, brand })
}

/** By what a browser says that it prefers: thousands of readers send the same few headers. */
const wantedLanguage = memoized<{ request: Request; brand: ShownBrand }, Language>(
  ({ request, brand }) => {
    const offered = languagesOf(brand)
    return (request.acceptsLanguages([...offered]) || offered[0]) as Language
  },
  {
    nameOf: ({ request, brand }) =>
      `${brand.key} ${(request.headers['accept-language'] ?? '').slice(0, 500)}`,
  },
)

/**
 * A hash of the files in `public` and of those that the build adds: browsers cache them for a year, and all processes
 * of one build must use the same URLs.
 */
const assetVersion = hashOfFiles(
  ['public', 'dist/public', 'dist/assets'].map(folder => join(root, folder)).filter(existsSync),
)

function hashOfFiles(folders: string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      /\.(css|js|svg)$/.test(name),
    )
    for (const name of names.sort()) hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('base64url').slice(0, 10)
}
