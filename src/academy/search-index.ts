import type { Lesson } from '../courses/course'
import { kindOf } from '../courses/kinds/kinds'
import type { Published } from '../courses/published'

/** A course, or one of its lessons, that matches a search. */
export type SearchResult = {
  course: Published
  lesson: Lesson | null
  /** 1 for the first lesson; 0 for a course. */
  number: number
  title: Piece[]
  /** The part of the text around the first match. */
  excerpt: Piece[]
  score: number
}

/** A piece of text; a match is a word that starts with a search word. */
export type Piece = { text: string; isMatch: boolean }

type Entry = {
  course: Published
  lesson: Lesson | null
  number: number
  title: string
  /** The text, split before each word, with the normalised words of each part. */
  parts: { text: string; words: string[] }[]
  /** The weight of each word in this entry. */
  weights: Map<string, number>
}

const weightIn = { title: 10, topic: 6, summary: 4, text: 1 }
/** A word that repeats in a text counts at most this many times. */
const maxRepeats = 4
/** In characters. */
const excerptLength = 180

const entries = new WeakMap<Published, Promise<Entry[]>>()

/**
 * Returns the courses and lessons that contain all words of the query, as whole words or prefixes, best first. Each
 * revision is indexed once. Of a paid course, only preview lessons are searched in full.
 */
export async function search(courses: Published[], query: string, limit = 40): Promise<SearchResult[]> {
  const words = [...new Set(wordsOf(query))].slice(0, 8)
  if (!words.length) return []
  const ranked = (await Promise.all(courses.map(entriesOf)))
    .flat()
    .map(entry => ({ entry, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
  return ranked.slice(0, limit).map(({ entry, score }) => ({
    course: entry.course,
    lesson: entry.lesson,
    number: entry.number,
    title: highlight(entry.title, words),
    excerpt: highlight(excerptOf(entry.parts, words), words),
    score,
  }))
}

function entriesOf(course: Published): Promise<Entry[]> {
  const known = entries.get(course)
  if (known) return known
  const indexing = indexCourse(course)
  entries.set(course, indexing)
  indexing.catch(() => entries.delete(course))
  return indexing
}

async function indexCourse(course: Published): Promise<Entry[]> {
  const { title, summary, description, topic, audience, outcomes, price, assets } = course.content
  const whole = entryOf({
    course,
    lesson: null,
    number: 0,
    title,
    summary,
    topics: [topic, audience],
    text: plainText(description),
    outcomes,
  })
  const lessons = course.lessons.map(async (lesson, n) => {
    const text = async () =>
      `${plainText(lesson.body)} ${(await kindOf(lesson).searchText?.(lesson, assets)) ?? ''}`
    const { title, topics } = lesson
    const searched = price && !lesson.preview ? '' : (await text()).trim()
    return entryOf({
      course,
      lesson,
      number: n + 1,
      title,
      summary: '',
      topics,
      text: searched,
      outcomes: [],
    })
  })
  return [whole, ...(await Promise.all(lessons))]
}

type Source = Pick<Entry, 'course' | 'lesson' | 'number' | 'title'> & {
  summary: string
  topics: string[]
  text: string
  outcomes: string[]
}

function entryOf({ course, lesson, number, title, summary, topics, text, outcomes }: Source): Entry {
  const weights = new Map<string, number>()
  const add = (words: string, weight: number, max = Infinity) => {
    for (const word of wordsOf(words)) weights.set(word, Math.min((weights.get(word) ?? 0) + weight, max))
  }
  add(text, weightIn.text, weightIn.text * maxRepeats)
  add(outcomes.join(' '), weightIn.text)
  add(summary, weightIn.summary)
  add(topics.join(' '), weightIn.topic)
  add(title, weightIn.title)
  const parts = [summary, text]
    .filter(Boolean)
    .join(' ')
    .split(/(?<=\s)/)
  return {
    course,
    lesson,
    number,
    title,
    parts: parts.map(part => ({ text: part, words: wordsOf(part) })),
    weights,
  }
}

/** Returns the summed weight of all words, or 0 when one of them is missing. */
function scoreOf(entry: Entry, words: string[]): number {
  let sum = 0
  for (const word of words) {
    const score = weightOf(entry, word)
    if (score === 0) return 0
    sum += score
  }
  return sum
}

/** Returns the weight of a word in an entry: in full for a whole word, half for a prefix. */
function weightOf({ weights }: Entry, word: string): number {
  let best = weights.get(word) ?? 0
  if (word.length < 2) return best
  for (const [indexed, weight] of weights) {
    if (weight / 2 > best && indexed.startsWith(word)) best = weight / 2
  }
  return best
}

/** Returns lower-case words without accents, so that `Resume` finds `résumé`. */
function wordsOf(text: string): string[] {
  return withoutAccents(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Returns Markdown as plain text, without code, quizzes and URLs. */
function plainText(text: string): string {
  return text
    .replace(/^```[\s\S]*?^```/gm, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^[#>\-*+|\d.\s]+/gm, ' ')
    .replace(/:?-{2,}:?|[*`|]|\B_|_\B/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Returns the part of a text around the first match. */
function excerptOf(parts: Entry['parts'], words: string[]): string {
  const at = parts.findIndex(part => part.words.some(each => words.some(word => each.startsWith(word))))
  let start = Math.max(0, at - 8)
  let excerpt = ''
  while (start < parts.length && excerpt.length < excerptLength) excerpt += parts[start++]!.text
  const before = at > 8 ? '… ' : ''
  return before + excerpt.trim() + (start < parts.length ? ' …' : '')
}

function highlight(text: string, words: string[]): Piece[] {
  return text
    .split(/([\p{L}\p{N}\p{M}]+)/u)
    .filter(Boolean)
    .map(part => ({
      text: part,
      isMatch: words.some(word => word.length > 1 && withoutAccents(part).startsWith(word)),
    }))
}
