import { LRUCache } from 'lru-cache'
import MiniSearch, { type Query, type SearchResult } from 'minisearch'
import { catalogueLists, type CatalogueLists } from './catalogue-lists'
import { publishedCourses, type Published } from './published'
import { courseEntry, lessonEntries, listedNames, type Entry, type SearchField } from './search-entries'
import { isPrefix, termsOf, termsToFind } from './search-terms'

/** A course, or one of its lessons, that matches a search. `terms` are its folded words that matched. */
export type Hit = { entry: Entry; terms: string[] }

/**
 * What a search found, best first, and the words it used, which differ from the query when none of its words matched.
 */
export type Found = { hits: Hit[]; words: string[]; isCorrected: boolean }

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

/**
 * One index for all brands: it has the newest revision of each published course, and a search looks only at the courses
 * that it is given.
 */
const searcher = new MiniSearch({
  fields,
  tokenize: termsOf,
  processTerm: term => term,
  searchOptions: { boost, tokenize: term => [term] },
})
const entries = new Map<number, Entry>()

/** What the index has of a revision: the ids of its entries, and the listed names that its course is found by. */
type Indexed = { names: string; course: number; lessons: number[] }
const indexed = new Map<string, Indexed>()
let newestId = 0

/** What the index was brought up to, and the work that is under way. */
let upTo: { courses: Published[]; lists: CatalogueLists } | null = null
let updating = Promise.resolve()

/** What is searched, by revision: each course, without the lessons that the visitor doesn't see. */
type Shown = ReadonlyMap<string, Published>

/** The courses of a search, and the results of recent queries, by their words. */
type Searched = { shown: Shown; recent: LRUCache<string, Found>; upTo: unknown }
const searched = new WeakMap<readonly Published[], Searched>()

/** Returns the search text: the value of `?q=`, trimmed and cut; empty unless there is exactly one value. */
export function queryText(q: unknown): string {
  return typeof q === 'string' ? q.trim().slice(0, maxQueryLength).trim() : ''
}

/**
 * Returns those of the given courses, and of their lessons, that contain all words of a query, whole or as the start of
 * a word. A word that isn't found is replaced by the most likely word that is (`pmup` by `pump`), or left out. Accents
 * and case don't matter, and neither do spaces in scripts that have none. For a paid course, only preview lessons are
 * searched in full.
 *
 * A revision is read into the index once: soon after the start, or in the first search after its publication.
 */
export async function search(courses: readonly Published[], query: string): Promise<Found> {
  const asked = [...new Set(termsToFind(queryText(query)))].slice(0, maxWords)
  if (!asked.length) return { hits: [], words: [], isCorrected: false }
  await update()
  const { shown, recent } = searchedOf(courses)
  const key = asked.join(' ')
  const found = recent.get(key) ?? findOrCorrect(shown, asked)
  recent.set(key, found)
  return found
}

/** Reads what is published into the index, so that nobody's search has to wait for it. */
export const prepareSearch = (): Promise<void> => update()

function searchedOf(courses: readonly Published[]): Searched {
  const known = searched.get(courses)
  if (known?.upTo === upTo) return known
  const shown = known?.shown ?? new Map(courses.map(course => [String(course.revision), course]))
  const made = { shown, recent: new LRUCache<string, Found>({ max: maxRecentQueries }), upTo }
  searched.set(courses, made)
  return made
}

function findOrCorrect(shown: Shown, asked: string[]): Found {
  const hits = find(shown, asked)
  if (hits.length) return { hits, words: asked, isCorrected: false }
  const words = [...new Set(asked.flatMap(word => correct(shown, word)))]
  return { hits: find(shown, words), words, isCorrected: true }
}

function find(shown: Shown, queries: string[]): Hit[] {
  if (!queries.length) return []
  const query: Query = { combineWith: 'AND', queries }
  return searcher
    .search(query, { prefix: isPrefix, filter: isIn(shown) })
    .map(({ id, terms }) => ({ entry: asShown(shown, entries.get(id as number)!), terms }))
}

/** Returns an entry with its course, and its number in it, as the visitor sees them. */
function asShown(shown: Shown, entry: Entry): Entry {
  const course = shown.get(String(entry.course.revision))!
  if (!course.part || !entry.lesson) return { ...entry, course }
  const { slug } = entry.lesson
  return { ...entry, course, number: course.lessons.findIndex(lesson => lesson.slug === slug) + 1 }
}

/** Lets only courses and lessons of this search be found, and only their words be suggested. */
function isIn(shown: Shown) {
  return ({ id }: SearchResult) => {
    const { course, lesson } = entries.get(id as number)!
    const seen = shown.get(String(course.revision))
    return (
      seen !== undefined && (!lesson || !seen.part || seen.lessons.some(each => each.slug === lesson.slug))
    )
  }
}

/** Returns the word itself if it is in the index, otherwise the most likely word that is, or nothing. */
function correct(shown: Shown, word: string): string[] {
  const filter = isIn(shown)
  if (searcher.search(word, { prefix: isPrefix, filter }).length) return [word]
  const query: Query = {
    combineWith: 'OR',
    queries: [
      { queries: [word], fuzzy: fuzzy(word) },
      { queries: swaps(word), prefix: word.length > 3 },
    ],
  }
  const scores = new Map<string, number>()
  for (const { terms, score } of searcher.search(query, { filter })) {
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

/** Brings the index up to what is published now and to the academy's lists, one search after the other. */
async function update(): Promise<void> {
  const [courses, lists] = await Promise.all([publishedCourses(), catalogueLists()])
  if (upTo?.courses === courses && upTo.lists === lists) return
  updating = updating.then(
    () => read(courses, lists),
    () => read(courses, lists),
  )
  return updating
}

async function read(courses: Published[], lists: CatalogueLists): Promise<void> {
  if (upTo?.courses === courses && upTo.lists === lists) return
  for (const course of courses) {
    const key = String(course.revision)
    const known = indexed.get(key)
    const names = listedNames(course, lists)
    if (known?.names === names.join('\n')) continue
    const lessons = known ? [] : await lessonEntries(course)
    if (known) remove(known.course)
    indexed.set(key, {
      names: names.join('\n'),
      course: add(courseEntry(course, names)),
      lessons: known?.lessons ?? lessons.map(add),
    })
  }
  const current = new Set(courses.map(({ revision }) => String(revision)))
  for (const [key, { course, lessons }] of indexed) {
    if (current.has(key)) continue
    for (const id of [course, ...lessons]) remove(id)
    indexed.delete(key)
  }
  upTo = { courses, lists }
}

function add(entry: Entry): number {
  const id = ++newestId
  entries.set(id, entry)
  searcher.add({ id, ...entry.searched })
  return id
}

function remove(id: number): void {
  searcher.discard(id)
  entries.delete(id)
}
