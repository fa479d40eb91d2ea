import { assetNamed, assetPath } from './asset'
import type { CourseContent, Lesson } from './course'
import { countWords, referencesIn } from './markdown'
import { readQuestions, type PlacedQuestion } from './quiz'

/** What the check says about a course. An error keeps it from being published; a warning is advice. */
export type Finding = {
  level: 'error' | 'warning'
  /** Slug of the lesson; null for the course as a whole. */
  lesson: string | null
  /** Line of the lesson's text, counted from 1, where one can be named. */
  line: number | null
  /** A key of the translations, such as `studio:checks.noAlt`. */
  key: string
  values: Record<string, string | number>
}

/** Words that a person reads in a minute, on a screen, in order to learn. */
const wordsPerMinute = 200
/** A course should be looked at again by somebody who knows after this many days. */
const checkedDays = 180

/**
 * Everything that is not yet right about a course: errors first, then in the order of the outline. Pure: `today` is the day
 * (UTC) that the date of the last check is held against.
 */
export function checkCourse(content: CourseContent, today: Date): Finding[] {
  const lessons = content.modules.flatMap(module => module.lessons)
  const findings = [
    ...checkWhole(content, lessons, today),
    ...lessons.flatMap(lesson => checkLesson(content, lesson)),
  ]
  return [...findings.filter(isError), ...findings.filter(finding => !isError(finding))]
}

export const isError = (finding: Finding) => finding.level === 'error'

/** Minutes that reading the text takes, at least one, and half a minute for each question. */
export function readingMinutes(lesson: Pick<Lesson, 'body'>): number {
  const questions = readQuestions(lesson.body).questions.length
  return Math.max(1, Math.round(countWords(lesson.body) / wordsPerMinute + questions / 2))
}

type Say = (level: Finding['level'], rule: string, values?: Finding['values'], line?: number | null) => void

function checkWhole(content: CourseContent, lessons: Lesson[], today: Date): Finding[] {
  const findings: Finding[] = []
  const say = sayInto(findings, null)
  if (!content.summary) say('error', 'noSummary')
  if (!lessons.length) say('error', 'noLessons')
  for (const module of content.modules) {
    if (!module.lessons.length) say('error', 'emptyModule', { module: module.title })
  }
  if (!content.outcomes.length) say('warning', 'noOutcomes')
  if (!content.authors.length) say('warning', 'noAuthors')
  if (lessons.length && !lessons.some(lesson => lesson.preview)) say('warning', 'noPreview')
  checkDate(content, today, say)
  checkText(content, content.description, say)
  return findings
}

function checkDate(content: CourseContent, today: Date, say: Say): void {
  if (!content.reviewedOn) return say('warning', 'neverChecked')
  const age = Math.floor((today.getTime() - Date.parse(content.reviewedOn)) / 86_400_000)
  if (age > checkedDays) say('warning', 'checkedLongAgo', { days: age, maximum: checkedDays })
}

/** What is not right about one lesson, for the column beside its editor. */
function checkLesson(content: CourseContent, lesson: Lesson): Finding[] {
  const findings: Finding[] = []
  const say = sayInto(findings, lesson.slug)
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
  for (const question of questions) checkQuestion(question, say)
  if (lesson.completion === 'pass' && !questions.length) say('error', 'noQuestions')
  checkText(content, lesson.body, say)
  checkVideo(content, lesson, say)
  for (const { file } of lesson.downloads) {
    if (!assetNamed(content.assets, file)) say('error', 'missingFile', { file })
  }
  if (!lesson.body.trim() && !lesson.video) say('error', 'emptyLesson')
  checkMinutes(lesson, say)
  return findings.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity))
}

/** What the check looked at in a lesson and found right, as keys of translations with their counts. */
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
    ...(lesson.captions && !has('missingFile') ? [confirmed('captions', 1)] : []),
    ...(lesson.kind === 'text' && !has('minutesFar') ? [confirmed('minutes', lesson.minutes)] : []),
  ]
}

const confirmed = (what: string, count: number) => ({ key: `studio:passedChecks.${what}`, values: { count } })

function checkQuestion({ kind, prompt, choices, line }: PlacedQuestion, say: Say): void {
  const values = { question: prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt }
  const right = choices.filter(choice => choice.isCorrect)
  if (!right.length) say('error', 'noRightChoice', values, line)
  if (kind !== 'multiple' && right.length > 1) say('error', 'severalRight', values, line)
  if (kind === 'true-false' && choices.length !== 2) say('error', 'notTwoChoices', values, line)
  if (right.some(choice => !choice.explanation)) say('error', 'rightUnexplained', values, line)
  if (choices.some(choice => !choice.isCorrect && !choice.explanation)) {
    say('warning', 'wrongUnexplained', values, line)
  }
}

function checkText(content: CourseContent, text: string, say: Say): void {
  const slugs = new Set(content.modules.flatMap(module => module.lessons.map(lesson => lesson.slug)))
  for (const { kind, target, alt, line } of referencesIn(text)) {
    const path = assetPath(target)
    const lesson = /^(?:\.{1,2}\/[^/]*\/)?\d*-?([a-z0-9-]+)\.md$/.exec(target)?.[1]
    if (kind === 'image' && !alt) say('error', 'noAlt', { file: target }, line)
    if (path !== null && !assetNamed(content.assets, target))
      say('error', 'missingFile', { file: path }, line)
    else if (kind === 'image' && path === null) say('error', 'foreignImage', { file: target }, line)
    else if (lesson && !slugs.has(lesson)) say('error', 'deadLink', { target }, line)
    else if (kind === 'link' && !target) say('error', 'deadLink', { target }, line)
  }
}

function checkVideo(content: CourseContent, lesson: Lesson, say: Say): void {
  if (lesson.kind === 'video' && !lesson.video) say('error', 'noVideo')
  if (lesson.completion === 'watch' && !lesson.video) say('error', 'nothingToWatch')
  if (!lesson.video) return
  if (!assetNamed(content.assets, lesson.video)) say('error', 'missingFile', { file: lesson.video })
  else if (!lesson.videoSeconds) say('error', 'unknownLength', { file: lesson.video })
  if (!lesson.captions) say('error', 'noCaptions')
  else if (!assetNamed(content.assets, lesson.captions))
    say('error', 'missingFile', { file: lesson.captions })
}

/** Texts only: how long a video or a quiz takes is not in its words. */
function checkMinutes(lesson: Lesson, say: Say): void {
  if (lesson.kind !== 'text') return
  const minutes = readingMinutes(lesson)
  const far = Math.abs(minutes - lesson.minutes) > Math.max(3, lesson.minutes / 2)
  if (far) say('warning', 'minutesFar', { minutes, said: lesson.minutes })
}

function sayInto(findings: Finding[], lesson: string | null): Say {
  return (level, rule, values = {}, line = null) =>
    findings.push({ level, lesson, line, key: `studio:checks.${rule}`, values })
}
