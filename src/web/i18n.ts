import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { escapeXML } from 'ejs'
import { LRUCache } from 'lru-cache'
import { legalPageNames, type LegalPageName } from '../brand/content'
import { memoized } from '../platform/cached'
import { root } from '../platform/root'
import { withMarkupOf } from './own-text'
import i18next, { type i18n, type ResourceLanguage } from 'i18next'

export const languages = ['en'] as const
export type Language = (typeof languages)[number]

const translations: Record<Language, ResourceLanguage> = { en: {} }
const generalTexts: Record<Language, Map<string, string>> = { en: new Map() }
const starters: Record<Language, Map<LegalPageName, string>> = { en: new Map() }

function collectTexts(prefix: string, texts: ResourceLanguage[string], found: Map<string, string>): void {
  if (typeof texts === 'string') found.set(prefix.slice(0, -1), texts)
  else for (const [name, inner] of Object.entries(texts)) collectTexts(`${prefix}${name}.`, inner, found)
}

/** Returns every general text of a language as it was written, by its key, such as `account:boxes.profiling.text`. */
export const textsIn = (language: Language): ReadonlyMap<string, string> => generalTexts[language]

/** Returns the Markdown that a legal page starts with: a title, a sentence, and the text with blanks in brackets. */
export const starterIn = (language: Language, name: LegalPageName): string => starters[language].get(name)!

export type Translate = (key: string, values?: Record<string, unknown>) => string

/** Texts of one brand that take the place of the general ones, by key, such as `brand:academyName`. */
export type OwnTexts = {
  /** Changes with the texts. */
  key: string
  /** Its names, which are the same in all languages. */
  names: Record<string, string>
  byLanguage: Partial<Record<string, Record<string, string>>>
}

/**
 * A language's texts: `t` for pages, whose views escape, and `html` for texts with markup, which escapes the values.
 */
export type Translators = { t: Translate; html: Translate }

const maxCachedTexts = 10_000
/** Each has its own copy of all texts. */
const maxBrands = 10
const translators = new LRUCache<string, Translators>({ max: maxBrands * languages.length })

/** Returns the texts of a language, with a brand's own ones. */
export function translatorsFor(language: Language, own?: OwnTexts): Translators {
  const key = `${language} ${own?.key ?? ''}`
  const known = translators.get(key)
  if (known) return known
  const texts = { ...own?.names, ...own?.byLanguage[language] }
  const made = {
    t: cachedTranslate(instanceWith(language, texts), language),
    html: htmlTranslate(instanceWith(language, withMarkup(texts, language)), language),
  }
  translators.set(key, made)
  return made
}

function instanceWith(language: Language, texts: Record<string, string>): i18n {
  if (!Object.keys(texts).length) return i18next
  const instance = i18next.cloneInstance({ forkResourceStore: true })
  for (const [key, text] of Object.entries(texts)) {
    const [namespace = '', ...path] = key.split(':')
    instance.addResource(language, namespace, path.join(':'), text)
  }
  return instance
}

/** What a brand has typed is text: of markup, only what the general text has counts. */
function withMarkup(texts: Record<string, string>, language: Language): Record<string, string> {
  const general = generalTexts[language]
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, withMarkupOf(text, general.get(key) ?? '')]),
  )
}

/**
 * Translates into one language and caches the results: i18next takes 15 to 20 µs to fill in a number, whereas a look-up
 * takes a quarter of a microsecond.
 */
function cachedTranslate(
  instance: i18n,
  language: Language,
  options?: { interpolation: { escapeValue: true } },
): Translate {
  const t = instance.getFixedT(language)
  const cachedTexts = new LRUCache<string, string>({ max: maxCachedTexts })
  return (key, values) => {
    const cacheKey = values ? cacheKeyOf(key, values) : key
    const known = cacheKey === null ? undefined : cachedTexts.get(cacheKey)
    if (known !== undefined) return known
    const isolated = isolate(values, language)
    const text = t(key, options ? { ...isolated, ...options } : isolated)
    // Only texts that exist are cached: keys built from parts of a URL would fill the memory.
    if (cacheKey !== null && instance.exists(key, values)) cachedTexts.set(cacheKey, text)
    return text
  }
}

/** The longest value of a text that is cached, in characters: what someone wrote is at most quoted in part. */
const maxValue = 300

/** The cache key for a translation and its values; null when a value is long or neither a string nor a number. */
function cacheKeyOf(key: string, values: Record<string, unknown>): string | null {
  let cacheKey = key
  for (const each in values) {
    const value = values[each]
    if (typeof value !== 'number' && (typeof value !== 'string' || value.length > maxValue)) return null
    cacheKey += `\0${each}\0${value}`
  }
  return cacheKey
}

/** Translates texts that contain markup: the text is trusted, and the values are escaped. */
function htmlTranslate(instance: i18n, language: Language): Translate {
  return cachedTranslate(instance, language, { interpolation: { escapeValue: true } })
}

const rightToLeft = /[\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}]/u

/**
 * Sets values that run from right to left, such as an Arabic name, apart from the sentence around them (Unicode's
 * first strong isolate): otherwise the punctuation and numbers next to them would change places.
 */
function isolate(values: Record<string, unknown> | undefined, language: Language): typeof values {
  if (!values || directionOf(language) === 'rtl') return values
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' && rightToLeft.test(value) ? `\u2068${value}\u2069` : value,
    ]),
  )
}

/** The direction in which text of this language runs. */
export const directionOf: (language: string) => 'ltr' | 'rtl' = memoized(language => i18next.dir(language), {
  max: 200,
})

/**
 * Loads all interface texts, views/locales/<language>/<namespace>.json, and the starters of the legal pages,
 * views/legal-pages/<language>/<name>.md.
 */
function loadTranslations(): void {
  const folder = join(root, 'views/locales')
  for (const language of languages) {
    const files = readdirSync(join(folder, language)).filter(file => file.endsWith('.json'))
    for (const file of files) {
      translations[language][basename(file, '.json')] = JSON.parse(
        readFileSync(join(folder, language, file), 'utf8'),
      )
    }
    for (const [namespace, texts] of Object.entries(translations[language]))
      collectTexts(`${namespace}:`, texts, generalTexts[language])
    for (const name of legalPageNames)
      starters[language].set(
        name,
        readFileSync(join(folder, '../legal-pages', language, `${name}.md`), 'utf8'),
      )
  }
  void i18next.init({
    lng: 'en',
    fallbackLng: 'en',
    supportedLngs: languages,
    initAsync: false,
    resources: translations,
    ns: Object.keys(translations.en),
    defaultNS: 'web',
    // Views escape what they print (`<%= %>`); `html` escapes its values as views do. i18next itself would escape the
    // slashes of links as well, and what looks for links in a page wouldn't find them.
    interpolation: { escapeValue: false, escape: escapeXML },
    returnNull: false,
  })
}

loadTranslations()
