const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
const letters = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n))

/** A code that is an old one for another, such as `iw` for `he`, isn't a language of its own. */
const isLanguage = (code: string) =>
  Intl.getCanonicalLocales(code)[0] === code && names.of(code) !== undefined

/** Languages of a region, or in a script, that are often told apart. */
const variants = ['en-GB', 'en-US', 'es-419', 'fr-CA', 'pt-BR', 'pt-PT', 'zh-Hans', 'zh-Hant']

/** The languages of ISO 639-1 that this computer knows by name, and some variants, as tags of BCP 47. */
export const languageCodes: readonly string[] = [
  ...letters.flatMap(first => letters.map(second => first + second)).filter(isLanguage),
  ...variants,
]
