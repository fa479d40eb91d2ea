import MiniSearch from 'minisearch'
import { fold } from '../platform/fold'
import { memoized } from '../platform/cached'
import { purposes } from '../people/consent'
import type { OwnTexts } from './i18n'
import { textsIn, translatorsFor, type Language } from './i18n'
import { asTyped } from './own-text'

/** An interface text that a brand may replace. */
export type InterfaceText = {
  key: string
  /** As administrators read it, with `{{name}}` for what is filled in. */
  general: string
}

/** The names of a brand have their own fields; the demo's pages are not the brand's. */
const notOwn = ['brand:', 'demo:']

/** Returns every text of a language that a brand may replace, by key. */
export const replaceableTexts = memoized((language: Language): Map<string, InterfaceText> => {
  const texts = [...textsIn(language)].filter(([key]) => !notOwn.some(start => key.startsWith(start)))
  return new Map(texts.map(([key, text]) => [key, { key, general: asTyped(text) }]))
})

/** The keys of the texts next to the boxes that ask for a consent. */
export const consentKeys = purposes.flatMap(purpose => [
  `account:boxes.${purpose}.text`,
  `account:boxes.${purpose}.hint`,
])

type Searched = { language: Language; own: OwnTexts }

/** What finds texts by their words, and by the words around what is filled in. */
type Searcher = { searcher: MiniSearch; patterns: Pattern[] }
/** The words before, between and after what is filled in. */
type Pattern = { key: string; parts: string[] }

const searcherOf = memoized<Searched, Searcher>(
  ({ language, own }) => {
    const searcher = new MiniSearch<{ id: string; text: string }>({ fields: ['text'], processTerm: fold })
    searcher.addAll(
      [...replaceableTexts(language).keys()].map(id => ({ id, text: asSeen(id, language, own) })),
    )
    const keys = [...replaceableTexts(language).keys()]
    return { searcher, patterns: keys.flatMap(key => patternOf(key, language, own)) }
  },
  { max: 4, nameOf: ({ language, own }) => `${language} ${own.key}` },
)

/**
 * A text with the brand's names, without tags and without what is filled in later; the general text after an own one.
 */
function asSeen(key: string, language: Language, own: OwnTexts): string {
  return [own.byLanguage[language]?.[key], textsIn(language).get(key)]
    .filter(text => text !== undefined)
    .map(text => withNames(text, language, own))
    .join(' ')
    .replace(placeholder, ' ')
}

const placeholder = /\{\{\w+\}\}/g

function withNames(text: string, language: Language, own: OwnTexts): string {
  const { t } = translatorsFor(language, own)
  return text.replace(/\$t\((brand:\w+)\)/g, (_whole, name: string) => t(name)).replace(/<[^>]+>/g, ' ')
}

/** Folded words, with a space between them. */
function wordsIn(text: string): string {
  return (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')
}

/**
 * A text with something filled in fits what was seen: `12 lessons, 1 h 10 min` is `{{count}} lessons, {{time}}`. There
 * is none for a text of which nothing but what is filled in can be read.
 */
function patternOf(key: string, language: Language, own: OwnTexts): Pattern | [] {
  const text = own.byLanguage[language]?.[key] ?? textsIn(language).get(key)!
  const parts = withNames(text, language, own).split(placeholder).map(wordsIn)
  if (parts.length < 2 || !parts.some(part => part.length > 1)) return []
  return { key, parts }
}

/** Whether a phrase has these parts in their order, the first at its beginning and the last at its end. */
function fits(parts: string[], phrase: string): boolean {
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (!phrase.startsWith(first) || !phrase.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = phrase.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= phrase.length - last.length
}

/**
 * Returns the keys of the texts that someone may have seen: first those that contain the words as they stand, then
 * those that read like this with numbers and names filled in, those of which most can be read first, then those with
 * most of the words.
 */
export function searchTexts(seen: string, language: Language, own: OwnTexts, limit: number): string[] {
  const phrase = wordsIn(seen)
  if (!phrase) return []
  const words = phrase.split(' ')
  const needed = Math.ceil(words.length / 2)
  const { searcher, patterns } = searcherOf({ language, own })
  const found = searcher
    .search(phrase, { prefix: true, fuzzy: term => (term.length > 4 ? 0.15 : false) })
    .filter(({ queryTerms }) => queryTerms.length >= needed)
    .map(({ id }) => String(id))
  const exact = found.filter(key => ` ${wordsIn(asSeen(key, language, own))} `.includes(` ${phrase}`))
  const length = (key: string) => asSeen(key, language, own).length
  const readable = ({ parts }: Pattern) => parts.join('').length
  const filledIn = patterns
    .filter(({ parts }) => fits(parts, phrase))
    .sort((a, b) => readable(b) - readable(a))
    .map(({ key }) => key)
  const ranked = [...exact.sort((a, b) => length(a) - length(b)), ...filledIn, ...found]
  return [...new Set(ranked)].slice(0, limit)
}
