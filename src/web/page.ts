import type { Request, RequestHandler, Response } from 'express'
import { config } from '../platform/config'
import { csrfToken } from './csrf'
import { charts } from './charts/charts'
import { takeFlash, type Flash } from './flash'
import { permissionsOf } from './guard'
import { directionOf, htmlTranslator, languages, translator, type Language, type Translate } from './i18n'
import { icon } from './icon'
import { formattersFor } from './formatters'

const formatters = Object.fromEntries(
  languages.map(language => [language, formattersFor(language)]),
) as Record<Language, ReturnType<typeof formattersFor>>
const texts = Object.fromEntries(
  languages.map(language => [
    language,
    { t: translator(language), html: htmlTranslator(language), lang: language, dir: directionOf(language) },
  ]),
) as Record<Language, { t: Translate; html: Translate; lang: Language; dir: 'ltr' | 'rtl' }>

/** What every view may use, beside the values its handler gives it. See the README, "A view". */
export const preparePage: RequestHandler = (request, response, next) => {
  const language = languageOf(request)
  Object.assign(response.locals, texts[language], formatters[language], {
    theme: themeOf(request),
    chart: charts,
    icon,
    person: request.user ?? null,
    can: permissionsOf(request.user),
    path: request.path,
    url: request.originalUrl,
    baseUrl: config.baseUrl,
    demo: config.demo,
    assetVersion,
    form: { values: {}, errors: {} },
    scripts: [],
    nav: '',
    layout: 'academy',
    response,
  })
  next()
}

/**
 * What is made only when a view asks for it: a page without a form makes no session for a stranger, and what is not shown is still to
 * be said. All pages inherit from this one object.
 */
export const onDemand = {
  get csrf(): string {
    return csrfToken(responseOf(this).req)
  },
  get flash(): Flash | null {
    const { req, locals } = responseOf(this)
    return (locals.told ??= takeFlash(req, responseOf(this))) as Flash | null
  },
  /** For a page that says something of its own, as a refused form does. */
  set flash(said: Flash | null) {
    responseOf(this).locals.told = said
  },
}

const responseOf = (page: object) => (page as { response: Response }).response

/** The language of ours that the reader likes best. */
export function languageOf(request: Request): Language {
  return (request.acceptsLanguages([...languages]) || languages[0]) as Language
}

/** Light or dark, if the reader has chosen; else their system says. */
export function themeOf(request: Request): string | undefined {
  return /(?:^|; )theme=(light|dark)/.exec(request.headers.cookie ?? '')?.[1]
}

/** Changes with each start, so that browsers keep styles and scripts for a year and yet see a new version at once. */
const assetVersion = Date.now().toString(36)
