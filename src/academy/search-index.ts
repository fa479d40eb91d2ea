import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'

/** Something that was found: a course, or a lesson of one. */
export type Hit = {
  course: Published
  lesson: Lesson | null
  /** 1 for the first lesson. */
  number: number
  title: Piece[]
  /** The part of the text around the words. */
  excerpt: Piece[]
  score: number
}

/** A piece of text, marked where it begins with a word that was looked for. */
type Piece = { text: string; marked: boolean }

type Entry = {
  course: Published
  lesson: Lesson | null
  number: number
  title: string
  text: string
  /** How much a word weighs here, by the word. */
  weights: Map<string, number>
}

const weight = { title: 10, topic: 6, summary: 4, text: 1 }
/** Said often in one lesson, a word weighs at most as much as so many times. */
const mostRepeats = 4
const excerptLength = 180

const indexes = new WeakMap<Published[], Entry[]>()

/**
 * Finds courses and lessons that hold all the words, as whole words or their beginnings; best first. Built once per list of
 * published courses. The text of a paid course is searched only where it is open to all.
 */
export function search(courses: Published[], words: string, most = 40): Hit[] {
  const wanted = [...new Set(wordsOf(words))].slice(0, 8)
  if (!wanted.length) return []
  const entries = indexes.get(courses) ?? build(courses)
  indexes.set(courses, entries)
  const hits: Hit[] = []
  for (const entry of entries) {
    const scores = wanted.map(word => scoreOf(entry, word))
    if (scores.some(score => score === 0)) continue
    hits.push({
      course: entry.course,
      lesson: entry.lesson,
      number: entry.number,
      title: marked(entry.title, wanted),
      excerpt: marked(around(entry.text, wanted), wanted),
      score: scores.reduce((sum, score) => sum + score, 0),
    })
  }
  return hits.sort((a, b) => b.score - a.score).slice(0, most)
}

function build(courses: Published[]): Entry[] {
  return courses.flatMap(course => {
    const { title, summary, description, topic, audience, outcomes, price } = course.content
    const whole = entry(course, null, 0, title, summary, [topic, audience], plain(description), outcomes)
    const lessons = course.lessons.map((lesson, n) => {
      const text = price && !lesson.preview ? '' : plain(lesson.body)
      return entry(course, lesson, n + 1, lesson.title, '', lesson.topics, text, [])
    })
    return [whole, ...lessons]
  })
}

function entry(
  course: Published,
  lesson: Lesson | null,
  number: number,
  title: string,
  summary: string,
  topics: string[],
  text: string,
  more: string[],
): Entry {
  const weights = new Map<string, number>()
  const add = (words: string, each: number, most = Infinity) => {
    for (const word of wordsOf(words)) weights.set(word, Math.min((weights.get(word) ?? 0) + each, most))
  }
  add(text, weight.text, weight.text * mostRepeats)
  add(more.join(' '), weight.text)
  add(summary, weight.summary)
  add(topics.join(' '), weight.topic)
  add(title, weight.title)
  return { course, lesson, number, title, text: [summary, text].filter(Boolean).join(' '), weights }
}

/** A whole word counts in full, a beginning half. */
function scoreOf(entry: Entry, word: string): number {
  let score = entry.weights.get(word) ?? 0
  if (word.length < 2) return score
  for (const [known, itsWeight] of entry.weights) {
    if (known !== word && known.startsWith(word)) score = Math.max(score, itsWeight / 2)
  }
  return score
}

/** Words in small letters without accents, so that `Resume` finds `résumé`. */
function wordsOf(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Markdown as running text: no code, no quiz, no addresses. */
function plain(text: string): string {
  return text
    .replace(/^```[\s\S]*?^```/gm, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^[#>\-*+|\d.\s]+/gm, ' ')
    .replace(/:?-{2,}:?|[*`|]|\B_|_\B/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The stretch of a text in which the first of the words stands. */
function around(text: string, wanted: string[]): string {
  const parts = text.split(/(?<=\s)/)
  const at = parts.findIndex(part => wordsOf(part).some(word => wanted.some(each => word.startsWith(each))))
  let start = Math.max(0, at - 8)
  let cut = ''
  while (start < parts.length && cut.length < excerptLength) cut += parts[start++]
  const before = at > 8 ? '… ' : ''
  return before + cut.trim() + (start < parts.length ? ' …' : '')
}

function marked(text: string, wanted: string[]): Piece[] {
  return text
    .split(/([\p{L}\p{N}\p{M}]+)/u)
    .filter(Boolean)
    .map(part => ({
      text: part,
      marked: wanted.some(word => word.length > 1 && folded(part).startsWith(word)),
    }))
}
