import { setImmediate as nextTurn } from 'node:timers/promises'
import { compile } from 'html-to-text'
import MiniSearch, { type Query } from 'minisearch'
import { kindOf } from '../courses/kinds/kinds'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { renderMarkdown } from '../courses/render'

/** A course, or one of its lessons, that matches a search. `terms` are the folded words of it that matched. */
export type Hit = { entry: Entry; terms: string[] }

/** What a search found, best first, and the words it used: other ones than asked when none of those matched. */
export type Found = { hits: Hit[]; words: string[]; isCorrected: boolean }

/** A course or a lesson as results show it. */
type Entry = {
  course: Published
  lesson: Lesson | null
  /** 1 for the first lesson; 0 for a course. */
  number: number
  title: string
  /** What an excerpt may come from, the best first. */
  texts: { text: string; folded: string }[]
}

type Index = { entries: Entry[]; searcher: MiniSearch }

/** Longer queries are cut, in characters and in words. */
const maxQueryLength = 100
const maxWords = 8

/** A match in the title of a course counts most, and one in what is said in a video least. */
const boost = { title: 10, outcomes: 6, lessonTitle: 4, topics: 3, text: 1.5, transcript: 1 }
const fields = Object.keys(boost)

type Document = { id: number } & Partial<Record<keyof typeof boost, string>>

/** Words up to three letters long must be spelled right; one letter may differ in the others, or two from 8 letters. */
const fuzzy = (word: string) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2)

/** One letter would be the start of too many words. */
const prefix = (word: string) => word.length > 1

const indexes = new WeakMap<Published[], Promise<Index>>()

/** Returns the text of a search as it is used: the value of `?q=`, trimmed and cut; empty unless it is one text. */
export function queryText(q: unknown): string {
  return typeof q === 'string' ? q.trim().slice(0, maxQueryLength).trim() : ''
}

/**
 * Returns the courses and lessons that contain all words of a query, whole or as the start of a word. A word that is
 * nowhere is replaced by the most likely one that is (`pmup` by `pump`), or left out. Accents and case don't matter. Of
 * a paid course, only preview lessons are searched in full.
 *
 * The index is built once per set of published courses.
 */
export async function search(courses: Published[], query: string): Promise<Found> {
  const asked = [...new Set(wordsOf(queryText(query)))].slice(0, maxWords)
  if (!asked.length) return { hits: [], words: [], isCorrected: false }
  const index = await indexOf(courses)
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

/** Returns the word itself if it is in the index, else the most likely word that is, or nothing. */
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

/** Returns the word with each two neighbouring letters swapped, the most common typing error after a wrong letter. */
function swaps(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, n) => {
    return word.slice(0, n) + word.charAt(n + 1) + word.charAt(n) + word.slice(n + 2)
  })
}

function indexOf(courses: Published[]): Promise<Index> {
  const known = indexes.get(courses)
  if (known) return known
  const index = buildIndex(courses)
  indexes.set(courses, index)
  index.catch(() => indexes.delete(courses))
  return index
}

async function buildIndex(courses: Published[]): Promise<Index> {
  const entries: Entry[] = []
  const documents: Document[] = []
  const add = (entry: Entry, document: Omit<Document, 'id'>) => {
    documents.push({ ...document, id: entries.length })
    entries.push(entry)
  }
  for (const course of courses) {
    // A large catalogue must not keep other requests waiting.
    await nextTurn()
    const { title, summary, description, topic, audience, outcomes, price } = course.content
    const text = both([summary, plainText(course, description), ...outcomes].join(' '))
    add(
      { course, lesson: null, number: 0, title: title.normalize(), texts: [text] },
      {
        title: both(title).folded,
        outcomes: both(outcomes.join(' ')).folded,
        topics: both(`${topic} ${audience}`).folded,
        text: text.folded,
      },
    )
    for (const [n, lesson] of course.lessons.entries()) {
      const isOpen = !price || lesson.preview
      const text = both(isOpen ? plainText(course, lesson.body) : '')
      const transcript = both(
        isOpen ? ((await kindOf(lesson).searchText?.(lesson, course.content.assets)) ?? '') : '',
      )
      add(
        { course, lesson, number: n + 1, title: lesson.title.normalize(), texts: [text, transcript] },
        {
          lessonTitle: both(lesson.title).folded,
          topics: both(lesson.topics.join(' ')).folded,
          text: text.folded,
          transcript: transcript.folded,
        },
      )
    }
  }
  const searcher = new MiniSearch<Document>({ fields, processTerm: fold, searchOptions: { boost } })
  await searcher.addAllAsync(documents)
  return { entries, searcher }
}

/** Text as it is shown, and as it is searched. */
function both(text: string): { text: string; folded: string } {
  const shown = text.normalize()
  return { text: shown, folded: fold(shown) }
}

/**
 * Returns lower case without accents, so that `Resume` finds `résumé`. The result is as long as the text, so a match is
 * at the same place in both. Accents are only found in text that is normalized (NFC).
 */
export function fold(text: string): string {
  return text.replace(/[^\0-\x7f]/g, withoutAccent).replace(/[A-Z]+/g, capitals => capitals.toLowerCase())
}

function withoutAccent(letter: string): string {
  const base = letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return base.length === 1 ? base : letter
}

/** Splits like MiniSearch does: at spaces and punctuation. */
function wordsOf(text: string): string[] {
  return fold(text.normalize()).match(/[^\n\r\p{Z}\p{P}]+/gu) ?? []
}

/** Returns Markdown as plain text, without code, quizzes and URLs. */
function plainText({ content }: Published, markdown: string): string {
  return readText(renderMarkdown(markdown, content.assets, content.language)).replace(/\s+/g, ' ')
}

const readText = compile({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    ...['h2', 'h3', 'h4', 'h5', 'h6'].map(selector => ({ selector, options: { uppercase: false } })),
    ...['ul', 'ol', 'blockquote'].map(selector => ({ selector, format: 'block' })),
    ...['pre', 'img', 'hr'].map(selector => ({ selector, format: 'skip' })),
  ],
})
