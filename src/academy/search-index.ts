import { LRUCache } from 'lru-cache'
import MiniSearch, { type Query } from 'minisearch'
import { catalogueLists, type CatalogueLists } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'
import { fold } from '../platform/fold'
import { entriesOf, type Entry, type SearchField } from './search-entries'

/** A course, or one of its lessons, that matches a search. `terms` are its folded words that matched. */
export type Hit = { entry: Entry; terms: string[] }

/**
 * What a search found, best first, and the words it used, which differ from the query when none of its words matched.
 */
export type Found = { hits: Hit[]; words: string[]; isCorrected: boolean }

type Index = {
  entries: Entry[]
  searcher: MiniSearch
  /**
   * The results of recent queries, by their words: many people search for the same things and type the same beginnings.
   */
  recent: LRUCache<string, Found>
}

/** Longer queries are cut, in characters and in words. */
const maxQueryLength = 100
const maxWords = 8
const maxRecentQueries = 500

/** A match in the title of a course counts most, and one in the words of a recording least. */
const boost: Record<SearchField, number> = {
  title: 10,
  outcomes: 6,
  lessonTitle: 4,
  topics: 3,
  text: 1.5,
  transcript: 1,
}
const fields = Object.keys(boost)

/** Words up to three letters long must be spelled right; one letter may differ in the others, or two from 8 letters. */
const fuzzy = (word: string) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2)

/** One letter would be the start of too many words. */
const prefix = (word: string) => word.length > 1

const indexes = new WeakMap<CatalogueLists, WeakMap<Published[], Promise<Index>>>()

/** Returns the search text: the value of `?q=`, trimmed and cut; empty unless there is exactly one value. */
export function queryText(q: unknown): string {
  return typeof q === 'string' ? q.trim().slice(0, maxQueryLength).trim() : ''
}

/**
 * Returns the courses and lessons that contain all words of a query, whole or as the start of a word. A word that isn't
 * found is replaced by the most likely word that is (`pmup` by `pump`), or left out. Accents and case don't matter. For
 * a paid course, only preview lessons are searched in full.
 *
 * The index is built once per set of published courses, and again when the academy's topics or audiences change.
 */
export async function search(courses: Published[], query: string): Promise<Found> {
  const asked = [...new Set(wordsOf(queryText(query)))].slice(0, maxWords)
  if (!asked.length) return { hits: [], words: [], isCorrected: false }
  const index = await indexOf(courses, await catalogueLists())
  const key = asked.join(' ')
  const found = index.recent.get(key) ?? findOrCorrect(index, asked)
  index.recent.set(key, found)
  return found
}

function findOrCorrect(index: Index, asked: string[]): Found {
  const hits = find(index, asked)
  if (hits.length) return { hits, words: asked, isCorrected: false }
  const words = [...new Set(asked.flatMap(word => correct(index, word)))]
  return { hits: find(index, words), words, isCorrected: true }
}

function find({ entries, searcher }: Index, queries: string[]): Hit[] {
  if (!queries.length) return []
  const query: Query = { combineWith: 'AND', queries }
  return searcher.search(query, { prefix }).map(({ id, terms }) => ({ entry: entries[id as number]!, terms }))
}

/** Returns the word itself if it is in the index, otherwise the most likely word that is, or nothing. */
function correct({ searcher }: Index, word: string): string[] {
  if (searcher.search(word, { prefix }).length) return [word]
  const query: Query = {
    combineWith: 'OR',
    queries: [
      { queries: [word], fuzzy: fuzzy(word) },
      { queries: swaps(word), prefix: word.length > 3 },
    ],
  }
  const scores = new Map<string, number>()
  for (const { terms, score } of searcher.search(query)) {
    for (const term of terms) scores.set(term, (scores.get(term) ?? 0) + score)
  }
  const [best] = [...scores].sort(([, a], [, b]) => b - a)
  return best ? [best[0]] : []
}

/**
 * Returns the word with each pair of neighbouring letters swapped, the most common typing error after a wrong letter.
 */
function swaps(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, n) => {
    return word.slice(0, n) + word.charAt(n + 1) + word.charAt(n) + word.slice(n + 2)
  })
}

function indexOf(courses: Published[], lists: CatalogueLists): Promise<Index> {
  const ofLists = indexes.get(lists) ?? new WeakMap<Published[], Promise<Index>>()
  indexes.set(lists, ofLists)
  const known = ofLists.get(courses)
  if (known) return known
  const index = buildIndex(courses, lists)
  ofLists.set(courses, index)
  index.catch(() => ofLists.delete(courses))
  return index
}

async function buildIndex(courses: Published[], lists: CatalogueLists): Promise<Index> {
  const entries: Entry[] = []
  for (const course of courses) entries.push(...(await entriesOf({ course, lists })))
  const searcher = new MiniSearch({ fields, processTerm: fold, searchOptions: { boost } })
  await searcher.addAllAsync(entries.map(({ searched }, id) => ({ id, ...searched })))
  return { entries, searcher, recent: new LRUCache({ max: maxRecentQueries }) }
}

/** Splits like MiniSearch does: at spaces and punctuation. */
function wordsOf(text: string): string[] {
  return fold(text).match(/[^\n\r\p{Z}\p{P}]+/gu) ?? []
}
