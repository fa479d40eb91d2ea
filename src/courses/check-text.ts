import { assetNamed } from './asset'
import type { Asset } from './asset'
import type { Lesson } from './course'
import { hasChoices, type Question } from './question'
import { markdownFacts } from './markdown'
import { readingFormulas, readingLevel } from './reading-level'
import { captionsOf } from './recording-in-text'
import { otherLanguage } from './text-language'
import { clock } from './transcript'

/** A finding about the text of a lesson or its questions; `rule` is a key below `studio:checks.`. */
type TextFinding = {
  level: 'warning' | 'look'
  rule: string
  values?: Record<string, string | number>
  line: number | null
}

/** Returns advice about a lesson's text: its headings, how it reads, its language, and what only people can check. */
export function adviceAbout(lesson: Lesson, language: string, assets: readonly Asset[]): TextFinding[] {
  return [
    ...skippedHeadings(lesson.body),
    ...hardToRead(lesson.body, language),
    ...untranslated(lesson.body, language),
    ...captionsInOtherLanguage(lesson, language, assets),
    ...shortCaptions(lesson, assets),
    ...picturesToLookAt(lesson.body, assets),
  ]
}

/** Returns the headings that are more than one level below the heading before them: screen readers jump by level. */
function skippedHeadings(body: string): TextFinding[] {
  const { outline } = markdownFacts(body)
  const highest = Math.min(...outline.map(({ level }) => level))
  return outline.flatMap(({ level, text, line }, n): TextFinding[] => {
    const before = outline[n - 1]?.level ?? highest - 1
    if (level <= before + 1) return []
    const heading = text.length > 60 ? `${text.slice(0, 60)}…` : text
    return [
      { level: 'warning', rule: 'headingSkipped', values: { heading, marks: '#'.repeat(before + 1) }, line },
    ]
  })
}

function hardToRead(body: string, language: string): TextFinding[] {
  const reading = readingLevel(body, language)
  if (!reading?.isHard) return []
  const { formula, score } = reading
  const values = { score, limit: readingFormulas[formula].hardFrom }
  return [{ level: 'warning', rule: `hardToRead.${formula}`, values, line: null }]
}

function untranslated(body: string, language: string): TextFinding[] {
  const found = otherLanguage(body, language)
  return found === null
    ? []
    : [{ level: 'warning', rule: 'untranslated', values: { found, language }, line: null }]
}

/** Returns captions whose name says another language than the course's: `tour.de.vtt` in a course in English. */
function captionsInOtherLanguage(lesson: Lesson, language: string, assets: readonly Asset[]): TextFinding[] {
  const own = 'captions' in lesson ? [{ path: lesson.captions, line: null }] : []
  const inText = markdownFacts(lesson.body).references.flatMap(({ kind, target, line }) => {
    const recording = kind === 'image' ? assetNamed(assets, target) : undefined
    const path = recording && captionsOf(recording, assets)?.path
    return path ? [{ path, line }] : []
  })
  return [...own, ...inText].flatMap(({ path, line }): TextFinding[] => {
    const [, found] = /\.([a-z]{2,3})(?:-[a-z0-9]+)*\.(?:vtt|srt)$/i.exec(path ?? '') ?? []
    if (found === undefined || found.toLowerCase() === language.split('-')[0]) return []
    return [{ level: 'warning', rule: 'captionsLanguage', values: { file: path!, found, language }, line }]
  })
}

/** Captions that end before this share of the video were cut off, or made for another one. */
const minCaptioned = 0.5

function shortCaptions(lesson: Lesson, assets: readonly Asset[]): TextFinding[] {
  if (!('captions' in lesson) || !lesson.mediaSeconds) return []
  const file = assetNamed(assets, lesson.captions)
  if (!file?.seconds || file.seconds >= minCaptioned * lesson.mediaSeconds) return []
  const values = { file: file.path, end: clock(file.seconds), length: clock(lesson.mediaSeconds) }
  return [{ level: 'warning', rule: 'captionsShort', values, line: null }]
}

/** No program here can tell whether the words in a picture stand out, so a person is asked to look, once per lesson. */
function picturesToLookAt(body: string, assets: readonly Asset[]): TextFinding[] {
  const pictures = markdownFacts(body).references.filter(
    ({ kind, target }) => kind === 'image' && assetNamed(assets, target)?.type.startsWith('image/'),
  )
  if (!pictures.length) return []
  const count = pictures.length
  return [{ level: 'look', rule: 'pictureContrast', values: { count }, line: pictures[0]!.line }]
}

/** Fewer questions say nothing about an author's habits. */
const minQuestions = 5

/** Whether the only right choice of a question is longer than every other one, of three or more. */
export function isLongestRight(question: Question): boolean {
  if (!hasChoices(question) || question.choices.length < 3) return false
  const right = question.choices.filter(({ isCorrect }) => isCorrect)
  const wrong = question.choices.filter(({ isCorrect }) => !isCorrect)
  return right.length === 1 && wrong.every(({ content }) => content.length < right[0]!.content.length)
}

/**
 * Returns how many of a quiz's questions give the right choice away by its length, when that is at least half of those
 * that could. Null otherwise: of four choices, each is the longest in a quarter of the questions.
 */
export function longestRight(questions: readonly Question[]): { count: number; total: number } | null {
  const total = questions.filter(
    question =>
      hasChoices(question) &&
      question.choices.length > 2 &&
      question.choices.filter(({ isCorrect }) => isCorrect).length === 1,
  ).length
  const count = questions.filter(isLongestRight).length
  return total >= minQuestions && count >= total / 2 ? { count, total } : null
}
