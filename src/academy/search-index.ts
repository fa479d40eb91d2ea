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
  /** The text, cut before each word, with the words of each part as they are compared. */
  parts: { text: string; words: string[] }[]
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
  const ranked = entries
    .map(entry => ({ entry, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
  return ranked.slice(0, most).map(({ entry, score }) => ({
    course: entry.course,
    lesson: entry.lesson,
    number: entry.number,
    title: marked(entry.title, wanted),
    excerpt: marked(around(entry.parts, wanted), wanted),
    score,
  }))
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

/** What all the words weigh together; 0 where one is missing. */
function scoreOf(entry: Entry, wanted: string[]): number {
  let sum = 0
  for (const word of wanted) {
    const score = weightOf(entry, word)
    if (score === 0) return 0
    sum += score
  }
  return sum
}

/** A whole word counts in full, a beginning half. */
function weightOf({ weights }: Entry, word: string): number {
  let most = weights.get(word) ?? 0
  if (word.length < 2) return most
  for (const [known, whole] of weights) {
    if (whole / 2 > most && known.startsWith(word)) most = whole / 2
  }
  return most
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
function around(parts: Entry['parts'], wanted: string[]): string {
  const at = parts.findIndex(({ words }) => words.some(word => wanted.some(each => word.startsWith(each))))
  let start = Math.max(0, at - 8)
  let cut = ''
  while (start < parts.length && cut.length < excerptLength) cut += parts[start++]!.text
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
