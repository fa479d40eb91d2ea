import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import i18next, { type TFunction } from 'i18next'

export const languages = ['en'] as const
export type Language = (typeof languages)[number]

const translations: Record<Language, Record<string, unknown>> = { en: {} }

/** Reads every interface text: views/locales/<language>/<namespace>.json. */
export function loadTranslations(folder: string): void {
  for (const language of languages) {
    const files = readdirSync(join(folder, language)).filter(file => file.endsWith('.json'))
    for (const file of files) {
      translations[language][basename(file, '.json')] = JSON.parse(
        readFileSync(join(folder, language, file), 'utf8'),
      )
    }
  }
  void i18next.init({
    lng: 'en',
    fallbackLng: 'en',
    supportedLngs: languages,
    initAsync: false,
    resources: translations as never,
    ns: Object.keys(translations.en),
    defaultNS: 'web',
    // Views escape what they print (`<%= %>`); `html` escapes the values itself.
    interpolation: { escapeValue: false },
    returnNull: false,
  })
}

export type Translate = (key: string, values?: Record<string, unknown>) => string

const mostTexts = 20_000

/** Keeps the texts that it made: i18next takes 15 to 20 us to put a number into one, to find it again takes a quarter of a microsecond. */
export function translator(language: Language): Translate {
  const t = i18next.getFixedT(language) as TFunction
  const made = new Map<string, string>()
  return (key, values) => {
    const name = values ? nameOf(key, values) : key
    const known = name === null ? undefined : made.get(name)
    if (known !== undefined) return known
    const text = t(key, values as never) as unknown as string
    // A key with a part of the address in it would fill the memory: only texts that exist are kept.
    if (name !== null && i18next.exists(key, values as never)) {
      if (made.size >= mostTexts) made.clear()
      made.set(name, text)
    }
    return text
  }
}

/** What a text with its values is kept under; null where a value is no plain one, or is long. */
function nameOf(key: string, values: Record<string, unknown>): string | null {
  let name = key
  for (const each in values) {
    const value = values[each]
    if (typeof value !== 'number' && (typeof value !== 'string' || value.length > 100)) return null
    name += `\0${each}\0${value}`
  }
  return name
}

/** A translation with markup in it: the text is ours, the values are escaped. */
export function htmlTranslator(language: Language): Translate {
  const t = i18next.getFixedT(language) as TFunction
  return (key, values) =>
    t(key, { ...values, interpolation: { escapeValue: true } } as never) as unknown as string
}

export function directionOf(language: string): 'ltr' | 'rtl' {
  return i18next.dir(language)
}
