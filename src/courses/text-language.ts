import { memoized } from '../platform/cached'
import { isLanguageTag } from '../platform/language-tag'
import { hashOf, markdownFacts } from './markdown'

/** The commonest short words of languages in Latin letters; those that several of them share are left out. */
const shortWords: Record<string, string> = {
  en: 'the and of to is that with for this are you your when from',
  de: 'der die das und ist nicht mit ein eine sie auf für wenn sich',
  fr: 'les des est une dans pour vous sur qui avec pas votre sont cette',
  es: 'los las una por con para como está del esta más sus cuando usted',
  it: 'il che di della per una sono con gli più alla nel questo quando',
  pt: 'os uma não com para dos você são mais pelo seu ao quando esta',
  nl: 'het een van niet dat zijn voor met wordt ook naar deze wanneer je',
  sv: 'och att det är som inte för med på den av ett när till',
  da: 'og det at er ikke som med på den af et når til kan',
  pl: 'się nie jest na że do oraz dla jak przez po lub gdy tym',
}

const wordLists = Object.entries(shortWords).map(([language, words]) => ({
  language,
  words: new Set(words.split(' ')),
}))

/** A shorter text is a caption or an example, and could be in any language. */
const minWords = 60
/** How many of a text's words are among the commonest of its language, at least. */
const minShare = 0.08

/**
 * Returns the language that a lesson's sentences are in, when that surely isn't the one of its course: its letters are
 * of another script, or its short words are those of another language. Null otherwise, and for a short text.
 *
 * @returns a language such as `en`, or a script such as `Latn`.
 */
export function otherLanguage(body: string, language: string): string | null {
  const base = language.split('-')[0]!
  const { words, script, shares } = foundIn(body)
  if (words < minWords || script === null) return null
  const expected = scriptOf(language)
  if (expected !== null && expected !== script) return shares[0]?.language ?? script
  const [first] = shares
  if (!first || first.language === base || !(base in shortWords)) return null
  const own = shares.find(each => each.language === base)?.share ?? 0
  return own < first.share / 3 ? first.language : null
}

/** Scripts that people write sentences in, and their letters. Chinese, Japanese and Korean mix theirs. */
const scripts = {
  Latn: /\p{Script=Latin}/gu,
  Cyrl: /\p{Script=Cyrillic}/gu,
  Grek: /\p{Script=Greek}/gu,
  Arab: /\p{Script=Arabic}/gu,
  Hebr: /\p{Script=Hebrew}/gu,
  Deva: /\p{Script=Devanagari}/gu,
  Thai: /\p{Script=Thai}/gu,
  Hani: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu,
}
const eastAsian = ['Hans', 'Hant', 'Jpan', 'Kore']

function scriptOf(language: string): string | null {
  if (!isLanguageTag(language)) return null
  const script = new Intl.Locale(language).maximize().script ?? ''
  if (eastAsian.includes(script)) return 'Hani'
  return script in scripts ? script : null
}

const foundIn = memoized(
  (body: string) => {
    const text = markdownFacts(body).prose.join(' ')
    const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []
    const letters = Object.entries(scripts).map(([script, pattern]) => ({
      script,
      count: text.match(pattern)?.length ?? 0,
    }))
    const all = letters.reduce((sum, { count }) => sum + count, 0)
    // A text about software has product names in Latin letters, so another script needs four fifths.
    const [most] = letters.filter(({ count }) => count > 0.8 * all)
    const shares = wordLists
      .map(list => ({
        language: list.language,
        share: words.filter(word => list.words.has(word)).length / Math.max(1, words.length),
      }))
      .filter(({ share }) => share >= minShare)
      .sort((a, b) => b.share - a.share)
    return { words: words.length, script: most?.script ?? null, shares }
  },
  { max: 5000, nameOf: hashOf, sizeOf: text => text.length },
)
