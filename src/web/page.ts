import type { RequestHandler } from 'express'
import { config } from '../config'
import { csrfToken } from './csrf'
import { drawings } from './drawings/drawings'
import { mayOpen } from './guard'
import { directionOf, htmlTranslator, languages, translator, type Language } from './i18n'
import { icon } from './icon'
import { wordsFor } from './words'

const words = Object.fromEntries(languages.map(language => [language, wordsFor(language)])) as Record<
  Language,
  ReturnType<typeof wordsFor>
>
const texts = Object.fromEntries(
  languages.map(language => [language, { t: translator(language), html: htmlTranslator(language) }]),
) as Record<Language, { t: ReturnType<typeof translator>; html: ReturnType<typeof htmlTranslator> }>

/** What every view may use, beside the values its handler gives it. See the README, "A view". */
export const preparePage: RequestHandler = (request, response, next) => {
  const language = (request.acceptsLanguages([...languages]) || 'en') as Language
  const theme = /(?:^|; )theme=(light|dark)/.exec(request.headers.cookie ?? '')?.[1]
  Object.assign(response.locals, texts[language], words[language], {
    lang: language,
    dir: directionOf(language),
    theme,
    draw: drawings,
    icon,
    person: request.user ?? null,
    may: mayOpen(request.user),
    path: request.path,
    url: request.originalUrl,
    baseUrl: config.baseUrl,
    demo: config.demo,
    assetVersion,
    form: { values: {}, errors: {} },
    flash: null,
    scripts: [],
    nav: '',
    layout: 'academy',
  })
  // A getter: a page without a form makes no session for a stranger.
  Object.defineProperty(response.locals, 'csrf', {
    enumerable: true,
    configurable: true,
    get: () => csrfToken(request),
  })
  if (request.session?.flash && request.method === 'GET') {
    response.locals.flash = request.session.flash
    delete request.session.flash
  }
  next()
}

/** Changes with each start, so that browsers keep styles and scripts for a year and yet see a new version at once. */
const assetVersion = Date.now().toString(36)
