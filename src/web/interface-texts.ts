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

const searcherOf = memoized<Searched, MiniSearch>(
  ({ language, own }) => {
    const searcher = new MiniSearch<{ id: string; text: string }>({ fields: ['text'], processTerm: fold })
    searcher.addAll(
      [...replaceableTexts(language).keys()].map(id => ({ id, text: asSeen(id, language, own) })),
    )
    return searcher
  },
  { max: 4, nameOf: ({ language, own }) => `${language} ${own.key}` },
)

/**
 * A text with the brand's names, without tags and without what is filled in later; the general text after an own one.
 */
function asSeen(key: string, language: Language, own: OwnTexts): string {
  const { t } = translatorsFor(language, own)
  return [own.byLanguage[language]?.[key], textsIn(language).get(key)]
    .filter(text => text !== undefined)
    .join(' ')
    .replace(/\$t\((brand:\w+)\)/g, (_whole, name: string) => t(name))
    .replace(/<[^>]+>|\{\{\w+\}\}/g, ' ')
}

/**
 * Returns the keys of the texts that someone may have seen: first those that contain the words as they stand, then
 * those with most of the words. Numbers and names in a text are filled in on the page, so a word may be missing.
 */
export function searchTexts(seen: string, language: Language, own: OwnTexts, limit: number): string[] {
  const words = fold(seen)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
  if (!words.length) return []
  const needed = Math.ceil(words.length / 2)
  const found = searcherOf({ language, own })
    .search(words.join(' '), { prefix: true, fuzzy: term => (term.length > 4 ? 0.15 : false) })
    .filter(({ queryTerms }) => queryTerms.length >= needed)
    .map(({ id }) => String(id))
  const phrase = words.join(' ')
  const plain = (key: string) =>
    fold(asSeen(key, language, own))
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean)
      .join(' ')
  const exact = found.filter(key => ` ${plain(key)} `.includes(` ${phrase}`))
  const length = (key: string) => asSeen(key, language, own).length
  return [...new Set([...exact.sort((a, b) => length(a) - length(b)), ...found])].slice(0, limit)
}
