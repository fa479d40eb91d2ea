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

export function translator(language: Language): Translate {
  const t = i18next.getFixedT(language) as TFunction
  const plain = new Map<string, string>()
  return (key, values) => {
    if (values) return t(key, values as never) as unknown as string
    const known = plain.get(key)
    if (known !== undefined) return known
    const text = t(key) as unknown as string
    // A key with a part of the address in it would fill the memory: only texts that exist are kept.
    if (i18next.exists(key)) plain.set(key, text)
    return text
  }
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
