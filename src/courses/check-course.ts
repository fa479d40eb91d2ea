import { assetNamed, assetPath } from './asset'
import type { CourseContent, Lesson } from './course'
import { countWords, referencesIn } from './markdown'
import { readQuestions, type PlacedQuestion } from './quiz'

/** One finding about a course. An error blocks publishing; a warning is advice. */
export type Finding = {
  level: 'error' | 'warning'
  /** Slug of the lesson; null for the course as a whole. */
  lesson: string | null
  /** Line of the lesson's text, counted from 1; null when the finding isn't about a line. */
  line: number | null
  /** A translation key, such as `studio:checks.noAlt`. */
  key: string
  values: Record<string, string | number>
}

/** Words per minute of someone who reads on a screen in order to learn. */
const wordsPerMinute = 200
/** A subject expert should review a course again after this many days. */
const reviewIntervalDays = 180

/**
 * Returns the findings about a course: errors first, each group in outline order. Pure.
 *
 * @param today the day (UTC) that the date of the last review is compared with.
 */
export function checkCourse(content: CourseContent, today: Date): Finding[] {
  const lessons = content.modules.flatMap(module => module.lessons)
  const findings = [
    ...checkCourseFields(content, lessons, today),
    ...lessons.flatMap(lesson => checkLesson(content, lesson)),
  ]
  return [...findings.filter(isError), ...findings.filter(finding => !isError(finding))]
}

export const isError = (finding: Finding) => finding.level === 'error'

/** Returns the minutes it takes to read the text, half a minute per question included; at least 1. */
export function readingMinutes(lesson: Pick<Lesson, 'body'>): number {
  const questions = readQuestions(lesson.body).questions.length
  return Math.max(1, Math.round(countWords(lesson.body) / wordsPerMinute + questions / 2))
}

type Report = (
  level: Finding['level'],
  rule: string,
  values?: Finding['values'],
  line?: number | null,
) => void

function checkCourseFields(content: CourseContent, lessons: Lesson[], today: Date): Finding[] {
  const findings: Finding[] = []
  const report = reporterFor(findings, null)
  if (!content.summary) report('error', 'noSummary')
  if (!lessons.length) report('error', 'noLessons')
  for (const module of content.modules) {
    if (!module.lessons.length) report('error', 'emptyModule', { module: module.title })
  }
  if (!content.outcomes.length) report('warning', 'noOutcomes')
  if (!content.authors.length) report('warning', 'noAuthors')
  if (lessons.length && !lessons.some(lesson => lesson.preview)) report('warning', 'noPreview')
  checkDate(content, today, report)
  checkText(content, content.description, report)
  return findings
}

function checkDate(content: CourseContent, today: Date, report: Report): void {
  if (!content.reviewedOn) return report('warning', 'neverChecked')
  const age = Math.floor((today.getTime() - Date.parse(content.reviewedOn)) / 86_400_000)
  if (age > reviewIntervalDays)
    report('warning', 'checkedLongAgo', { days: age, maximum: reviewIntervalDays })
}

/** Returns the findings about one lesson, in the order of its lines. */
function checkLesson(content: CourseContent, lesson: Lesson): Finding[] {
  const findings: Finding[] = []
  const report = reporterFor(findings, lesson.slug)
  const { questions, faults } = readQuestions(lesson.body)
  for (const fault of faults) {
    findings.push({
      level: 'error',
      lesson: lesson.slug,
      line: fault.line,
      key: fault.key,
      values: fault.values,
    })
  }
  for (const question of questions) checkQuestion(question, report)
  if (lesson.completion === 'pass' && !questions.length) report('error', 'noQuestions')
  checkText(content, lesson.body, report)
  checkVideo(content, lesson, report)
  for (const { file } of lesson.downloads) {
    if (!assetNamed(content.assets, file)) report('error', 'missingFile', { file })
  }
  if (!lesson.body.trim() && !lesson.video) report('error', 'emptyLesson')
  checkMinutes(lesson, report)
  return findings.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity))
}

/** Returns what the check examined in a lesson and found right, as translation keys with their counts. */
export function confirmLesson(lesson: Lesson, findings: Finding[]): Pick<Finding, 'key' | 'values'>[] {
  const has = (...rules: string[]) =>
    findings.some(({ key }) => rules.includes(key.replace('studio:checks.', '')))
  const references = referencesIn(lesson.body)
  const images = references.filter(({ kind }) => kind === 'image').length
  const links = references.length - images + lesson.downloads.length
  const { questions, faults } = readQuestions(lesson.body)
  const explained =
    !faults.length && !has('noRightChoice', 'severalRight', 'rightUnexplained', 'wrongUnexplained')
  return [
    ...(images && !has('noAlt', 'missingFile', 'foreignImage') ? [confirmed('images', images)] : []),
    ...(links && !has('missingFile', 'deadLink') ? [confirmed('links', links)] : []),
    ...(questions.length && explained ? [confirmed('questions', questions.length)] : []),
    ...(lesson.video && lesson.captions && !has('missingFile') ? [confirmed('captions', 1)] : []),
    ...(lesson.kind === 'text' && !has('minutesFar') ? [confirmed('minutes', lesson.minutes)] : []),
  ]
}

const confirmed = (what: string, count: number) => ({ key: `studio:passedChecks.${what}`, values: { count } })

function checkQuestion({ kind, prompt, choices, line }: PlacedQuestion, report: Report): void {
  const values = { question: prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt }
  const right = choices.filter(choice => choice.isCorrect)
  if (!right.length) report('error', 'noRightChoice', values, line)
  if (kind !== 'multiple' && right.length > 1) report('error', 'severalRight', values, line)
  if (kind === 'true-false' && choices.length !== 2) report('error', 'notTwoChoices', values, line)
  if (right.some(choice => !choice.explanation)) report('error', 'rightUnexplained', values, line)
  if (choices.some(choice => !choice.isCorrect && !choice.explanation)) {
    report('warning', 'wrongUnexplained', values, line)
  }
}

function checkText(content: CourseContent, text: string, report: Report): void {
  const slugs = new Set(content.modules.flatMap(module => module.lessons.map(lesson => lesson.slug)))
  for (const { kind, target, alt, line } of referencesIn(text)) {
    const path = assetPath(target)
    const lesson = /^(?:\.{1,2}\/[^/]*\/)?\d*-?([a-z0-9-]+)\.md$/.exec(target)?.[1]
    if (kind === 'image' && !alt) report('error', 'noAlt', { file: target }, line)
    if (path !== null && !assetNamed(content.assets, target))
      report('error', 'missingFile', { file: path }, line)
    else if (kind === 'image' && path === null) report('error', 'foreignImage', { file: target }, line)
    else if (lesson && !slugs.has(lesson)) report('error', 'deadLink', { target }, line)
    else if (kind === 'link' && !target) report('error', 'deadLink', { target }, line)
  }
}

function checkVideo(content: CourseContent, lesson: Lesson, report: Report): void {
  if (lesson.kind === 'video' && !lesson.video) report('error', 'noVideo')
  if (lesson.completion === 'watch' && !lesson.video) report('error', 'nothingToWatch')
  if (!lesson.video) return
  if (!assetNamed(content.assets, lesson.video)) report('error', 'missingFile', { file: lesson.video })
  else if (!lesson.videoSeconds) report('error', 'unknownLength', { file: lesson.video })
  if (!lesson.captions) report('error', 'noCaptions')
  else if (!assetNamed(content.assets, lesson.captions))
    report('error', 'missingFile', { file: lesson.captions })
}

/** Only for text lessons: the length of a video or a quiz doesn't show in its words. */
function checkMinutes(lesson: Lesson, report: Report): void {
  if (lesson.kind !== 'text') return
  const minutes = readingMinutes(lesson)
  const isFar = Math.abs(minutes - lesson.minutes) > Math.max(3, lesson.minutes / 2)
  if (isFar) report('warning', 'minutesFar', { minutes, stated: lesson.minutes })
}

function reporterFor(findings: Finding[], lesson: string | null): Report {
  return (level, rule, values = {}, line = null) =>
    findings.push({ level, lesson, line, key: `studio:checks.${rule}`, values })
}
