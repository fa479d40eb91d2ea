/** Letters whose base letter Unicode doesn't know, and what people type instead. */
const bases: Record<string, string> = {
  ...{
    ß: 'ss',
    æ: 'ae',
    œ: 'oe',
    þ: 'th',
    ø: 'o',
    ł: 'l',
    đ: 'd',
    ð: 'd',
    ħ: 'h',
    ı: 'i',
    ŋ: 'n',
    ŧ: 't',
    ĸ: 'k',
  },
  // Greek: sigma at the end of a word.
  ς: 'σ',
  // Arabic: yeh without dots, and teh marbuta.
  ...{ ى: 'ي', ة: 'ه' },
}

/** Accents, Hebrew points, Arabic vowel signs and the Arabic stretching line. Vowel signs of other scripts stay. */
const marks = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]/g

/**
 * Returns text as it is searched: in lower case, without accents, composed or not, `ß` as `ss`, `ł` as `l`, full-width
 * letters as normal ones. What people type without the letters of another keyboard has the same form.
 */
export function fold(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .replace(marks, '')
    .toLowerCase()
    .replace(marks, '')
    .replace(/[^\0-\x7f]/g, letter => (Object.hasOwn(bases, letter) ? bases[letter]! : letter))
    .normalize('NFC')
}

/** Splits folded text at everything that is neither a letter nor a digit. */
function foldedWords(text: string): string[] {
  return fold(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

/** Scripts without spaces between words, where a name is found by any of its characters. */
const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+$/u

/**
 * Returns the words to find these texts by, folded: each word, words joined by a hyphen or an apostrophe also as one
 * (`O'Brien` by `obrien`), Chinese, Japanese and Korean names from each of their characters on, and Arabic ones also
 * without their article. A search for the beginning of a word is a range scan of an index.
 */
export function wordsToFind(...texts: string[]): string[] {
  const words = texts.flatMap(text =>
    text.split(/\s+/u).flatMap(part => {
      const parts = foldedWords(part)
      return [...parts, parts.join('')].flatMap(beginnings)
    }),
  )
  return [...new Set(words)].filter(Boolean)
}

function beginnings(word: string): string[] {
  if (unspaced.test(word)) return Array.from(word, (_, n) => Array.from(word).slice(n).join(''))
  return word.startsWith('ال') && word.length > 4 ? [word, word.slice(2)] : [word]
}

const maxWords = 8

type Search = { $and: { search: RegExp }[] } | { $and?: never; search?: string }

/**
 * Returns the filter of a typed search in records whose `search` has the words of `wordsToFind`: each of its first
 * eight words must begin one of them. An empty text finds everything, and one without a letter or a digit nothing:
 * everyone would be what a list then exports, or answers together.
 */
export function searchFilter(text: string): Search {
  const words = foldedWords(text).slice(0, maxWords)
  if (words.length) return { $and: words.map(word => ({ search: new RegExp(`^${word}`) })) }
  return text.trim() ? { search: '' } : {}
}
