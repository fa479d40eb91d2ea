import { setImmediate as nextTurn } from 'node:timers/promises'
import { priceProblem } from '../platform/currency'
import { isLanguageTag } from '../platform/language-tag'
import { academyPage, type AcademyPages } from './academy-pages'
import { assetNamed } from './asset'
import { entryOf, type CatalogueLists, type ListName } from './catalogue-lists'
import { isFreeVideo, lessonsOf } from './content'
import type { CourseContent, Lesson } from './course'
import { embedOf, isEmbedAddress } from './embed'
import type { EmbedList } from './embed-list'
import { foreignInPlainText } from './foreign-syntax'
import { filesInFields, isGraded, kindOf } from './kinds/kinds'
import type { KindFinding } from './kinds/lesson-kind'
import { markdownFacts } from './markdown'
import { markdownCaps } from './markdown-caps'
import { readingLevel } from './reading-level'
import { otherLanguage } from './text-language'
import { outsideLinksOf, type OutsideLink } from './outside-link'
import { captionNamesBeside, captionsOf, isRecording } from './recording-in-text'
import { findingsAbout } from './check-question'
import { adviceAbout, longestRight } from './check-text'
import { textsOfQuestion } from './question'
import { resolveReference } from './reference'
import { readQuestions, type PlacedQuestion } from './quiz'

/**
 * One finding about a course. An error blocks publishing; a warning is advice; `look` is what no program can check, for
 * a person to look at.
 */
export type Finding = {
  level: 'error' | 'warning' | 'look'
  /** Slug of the lesson; null for the course as a whole. */
  lesson: string | null
  /** Line of the lesson's text, counted from 1; null when the finding isn't about a line. */
  line: number | null
  /** A translation key, such as `studio:checks.noAlt`. */
  key: string
  values: Record<string, string | number>
  /** The field of the settings of the lesson, or of the course, where to fix it; undefined when there is none. */
  field?: string
  /** The id of the question that it is about; undefined when it is about none. */
  question?: string
}

/**
/**
 * What is around a course: the academy's pages and lists, what is known about the outside links, by URL, and the sites
 * whose pages lessons may show. A folder that is checked on its own has no academy around it.
 */
export type Around = {
  pages: AcademyPages | null
  outside: ReadonlyMap<string, TriedLink>
  lists: CatalogueLists | null
  embeds: EmbedList | null
}
/** What trying an outside link led to. */
export type TriedLink = Pick<OutsideLink, 'outcome' | 'status' | 'reason' | 'checkedAt' | 'movedTo'>

/** A subject expert should review a course again after this many days. */
const reviewIntervalDays = 180

/**
 * Reads the lessons that the next `checkCourse` needs into its cache, a few at a time: to read a whole course at once
 * would keep other requests waiting.
 */
export async function prepareCheck(content: CourseContent): Promise<void> {
  let since = performance.now()
  for (const { body } of content.modules.flatMap(module => module.lessons)) {
    readQuestions(body)
    readingLevel(body, content.language)
    otherLanguage(body, content.language)
    if (performance.now() - since < maxTurnMs) continue
    await nextTurn()
    since = performance.now()
  }
}

const maxTurnMs = 10

/**
 * Returns the findings about a course: errors first, what to look at last, each group in outline order. Pure.
 *
 * @param today the day (UTC) that the date of the last review is compared with.
 * @param around null leaves out the links that lead out of the course.
 */
export function checkCourse(content: CourseContent, today: Date, around: Around | null = null): Finding[] {
  const lessons = lessonsOf(content)
  const outside = deadOutsideLinks(content, around)
  const findings = [
    ...checkCourseFields(content, lessons, today, around),
    ...outside.filter(finding => finding.lesson === null),
    ...lessons.flatMap(lesson =>
      checkLesson(
        content,
        lesson,
        around,
        outside.filter(finding => finding.lesson === lesson.slug),
      ),
    ),
  ]
  const levels = ['error', 'warning', 'look'] as const
  return levels.flatMap(level => findings.filter(finding => finding.level === level))
}

/** Returns how many findings there are of each level. */
export function countLevels(findings: readonly Pick<Finding, 'level'>[]) {
  const count = (level: Finding['level']) => findings.filter(each => each.level === level).length
  return { errors: count('error'), warnings: count('warning'), looks: count('look') }
}

export const isError = (finding: Finding) => finding.level === 'error'

type Report = (
  level: Finding['level'],
  rule: string,
  values?: Finding['values'],
  line?: number | null,
) => void

/** Returns a warning for each outside link that nothing answers: the page may be back tomorrow. */
function deadOutsideLinks(content: CourseContent, around: Around | null): Finding[] {
  if (!around?.outside.size) return []
  return outsideLinksOf(content).flatMap(({ url, lesson, line }): Finding[] => {
    const link = around.outside.get(url)
    if (link?.outcome !== 'dead') return []
    const values = { url: url.slice(0, 200), status: link.status ?? 0, checkedAt: link.checkedAt!.getTime() }
    return [{ level: 'warning', lesson, line, key: `studio:checks.deadOutside.${link.reason}`, values }]
  })
}

function checkCourseFields(
  content: CourseContent,
  lessons: Lesson[],
  today: Date,
  around: Around | null,
): Finding[] {
  const findings: Finding[] = []
  const report = reporterFor(findings, null)
  if (!content.summary) findings.push(aboutField('error', 'noSummary', 'summary'))
  if (!lessons.length) report('error', 'noLessons')
  if (content.cover && !assetNamed(content.assets, content.cover)?.type.startsWith('image/'))
    report('error', 'noCover', { file: content.cover })
  const price = content.price && priceProblem(content.price.amount, content.price.currency)
  if (price) report('error', `price.${price.problem}`, { currency: price.currency, limit: price.limit })
  for (const module of content.modules) {
    if (!module.lessons.length) report('error', 'emptyModule', { module: module.title })
  }
  if (!isLanguageTag(content.language)) findings.push(aboutField('error', 'language', 'language'))
  if (around?.lists) findings.push(...notListed(content, around.lists))
  if (!content.outcomes.length) findings.push(aboutField('warning', 'noOutcomes', 'outcomes'))
  if (!content.authors.length) findings.push(aboutField('warning', 'noAuthors', 'authors'))
  if (lessons.length && !lessons.some(lesson => lesson.preview)) report('warning', 'noPreview')
  const { previewVideo } = content
  if (previewVideo && !lessons.some(each => each.slug === previewVideo && isFreeVideo(each)))
    findings.push({
      ...aboutField('warning', 'noPreviewVideo', 'previewVideo'),
      values: { lesson: previewVideo },
    })
  findings.push(...checkVisibility(content, lessons))
  findings.push(...checkDate(content, today))
  checkText(content, content.description, report, around)
  const { title, summary, outcomes, forYou, notForYou, modules } = content
  const lines = [title, summary, ...outcomes, ...forYou, ...notForYou]
  checkPlain([...lines, ...modules.map(module => module.title)], report)
  return findings
}

type NotListed = Finding & { field: string; values: { list: ListName; value: string } }

/**
 * Returns a finding for each topic, audience or level that the academy's lists don't have. A course needs a topic,
 * under which people find it; an audience or a level stays what its author wrote.
 */
export function notListed({ topic, audiences, level }: CourseContent, lists: CatalogueLists): NotListed[] {
  const named = [
    { list: 'topics', field: 'topic', value: topic },
    ...audiences.map(value => ({ list: 'audiences', field: 'audiences', value }) as const),
    { list: 'levels', field: 'level', value: level },
  ] as const
  return named
    .filter(({ list, value }) => !entryOf(lists[list], value))
    .map(({ list, field, value }) => ({
      ...{
        level: field === 'topic' ? ('error' as const) : ('warning' as const),
        lesson: null,
        line: null,
        field,
      },
      ...{ key: `studio:checks.notListed.${field}`, values: { list, value } },
    }))
}

/** Returns a finding for a rule about who sees something that nobody can meet. */
function checkVisibility({ visibility, companies = [], price }: CourseContent, lessons: Lesson[]): Finding[] {
  const isForListed = [visibility, ...lessons.map(each => each.visibility)].includes('listed-companies')
  const about = (rule: string, lesson: Lesson): Finding => ({
    ...aboutField('error', rule, 'visibility'),
    lesson: lesson.slug,
  })
  return [
    ...(isForListed && !companies.length ? [aboutField('error', 'noCompanies', 'companies')] : []),
    ...lessons.flatMap(each => [
      ...(each.visibility === 'paid' && !price ? [about('paidWithoutPrice', each)] : []),
      ...(each.visibility && each.preview ? [about('previewForSome', each)] : []),
    ]),
  ]
}

function checkDate(content: CourseContent, today: Date): Finding[] {
  if (!content.checkedOn) return [aboutField('warning', 'neverChecked', 'checkedOn')]
  const age = Math.floor((today.getTime() - Date.parse(content.checkedOn)) / 86_400_000)
  if (age <= reviewIntervalDays) return []
  const values = { days: age, maximum: reviewIntervalDays }
  return [{ ...aboutField('warning', 'checkedLongAgo', 'checkedOn'), values }]
}

/** Returns a finding about the course that is fixed in a field of its settings. */
function aboutField(level: 'error' | 'warning', rule: string, field: string): Finding {
  return { level, lesson: null, line: null, key: `studio:checks.${rule}`, values: {}, field }
}

/** Returns the findings about one lesson, in the order of its lines. */
function checkLesson(
  content: CourseContent,
  lesson: Lesson,
  around: Around | null,
  outside: Finding[],
): Finding[] {
  const findings = [...outside]
  const report = reporterFor(findings, lesson.slug)
  const { questions, faults } = readQuestions(lesson.body)
  for (const fault of [...faults, ...(kindOf(lesson).faultsIn?.(lesson.body) ?? [])]) {
    findings.push({
      level: 'error',
      lesson: lesson.slug,
      line: fault.line,
      key: fault.key,
      values: fault.values,
    })
  }
  for (const question of questions) {
    checkQuestion(question, content, reporterFor(findings, lesson.slug, question.id))
  }
  checkDraw(lesson, questions, report)
  const longest = longestRight(questions)
  if (longest) report('warning', 'longestRight', longest)
  checkStepsElsewhere(lesson, report)
  if (isGraded(lesson) && !questions.length) report('error', 'noQuestions')
  checkText(content, lesson.body, report, around)
  for (const { level, rule, values, line } of adviceAbout(lesson, content.language, content.assets)) {
    report(level, rule, values, line)
  }
  checkPlain([lesson.title, ...lesson.downloads.map(download => download.title)], report)
  findings.push(...checkFields(content, lesson))
  for (const { file } of lesson.downloads) {
    if (!assetNamed(content.assets, file)) report('error', 'missingFile', { file })
  }
  if (!lesson.body.trim() && !filesInFields(lesson).length) report('error', 'emptyLesson')
  findings.push(...checkMinutes(lesson))
  return worst(findings).sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity))
}

/** The most findings about one lesson: its author fixes these first, and sees the next ones then. */
const maxFindings = 50

function worst(findings: Finding[]): Finding[] {
  if (findings.length <= maxFindings) return findings
  return [...findings.filter(isError), ...findings.filter(finding => !isError(finding))].slice(0, maxFindings)
}

/** Returns what the check examined in a lesson and found to be right, as translation keys with their counts. */
export function confirmLesson(
  content: CourseContent,
  lesson: Lesson,
  findings: Finding[],
  around: Around | null = null,
): Pick<Finding, 'key' | 'values'>[] {
  const has = (...rules: string[]) =>
    findings.some(({ key }) => rules.includes(key.replace('studio:checks.', '')))
  const { references } = markdownFacts(lesson.body)
  const images = references.filter(({ kind }) => kind === 'image').length
  const surroundings = { assets: content.assets, lessons: lessonsOf(content), text: lesson.body }
  const isInside = ({ target }: { target: string }) => {
    const resolved = resolveReference(target, surroundings)
    if (resolved.kind !== 'page') return ['lesson', 'heading', 'file'].includes(resolved.kind)
    return around?.pages ? academyPage(resolved.path, around.pages) === 'found' : false
  }
  const inside = references.filter(each => each.kind === 'link' && isInside(each)).length
  const links = inside + lesson.downloads.length
  const { questions, faults } = readQuestions(lesson.body)
  const kind = kindOf(lesson)
  const textAlternative = kind.textAlternative?.(lesson)
  const reading = readingLevel(lesson.body, content.language)
  const explained =
    !faults.length &&
    !has('noRightChoice', 'severalRight', 'rightUnexplained', 'unexplained', 'wrongUnexplained')
  return [
    ...(images && !has('noAlt', 'missingFile', 'foreignImage') ? [confirmed('images', images)] : []),
    ...(links && !has('missingFile', 'deadLink') ? [confirmed('links', links)] : []),
    ...(questions.length && explained ? [confirmed('questions', questions.length)] : []),
    ...(textAlternative && !has('missingFile', 'emptyCaptions', 'emptyTranscript')
      ? [confirmed(textAlternative, 1)]
      : []),
    ...(reading && !reading.isHard ? [confirmed(`reading.${reading.formula}`, reading.score)] : []),
    ...(markdownFacts(lesson.body).outline.length > 1 && !has('headingSkipped')
      ? [confirmed('headings', markdownFacts(lesson.body).outline.length)]
      : []),
    ...(kind.minutes(lesson) !== null && !has('minutesFar') ? [confirmed('minutes', lesson.minutes)] : []),
  ]
}

const confirmed = (what: string, count: number) => ({ key: `studio:passedChecks.${what}`, values: { count } })

function checkQuestion(question: PlacedQuestion, content: CourseContent, report: Report): void {
  const { prompt, lesson, image, imageAlt, line } = question
  const values = { question: prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt }
  for (const { level, rule, values: more } of findingsAbout(question)) {
    report(level, rule, { ...values, ...more }, line)
  }
  checkPlain(textsOfQuestion(question), report, line)
  if (image !== undefined) {
    const asset = assetNamed(content.assets, image)
    if (!asset) report('error', 'missingFile', { file: image }, line)
    else if (!asset.type.startsWith('image/')) report('error', 'foreignImage', { file: image }, line)
    if (!imageAlt) report('error', 'noAlt', { file: image }, line)
  }
  if (lesson && !lessonsOf(content).some(({ slug }) => slug === lesson)) {
    report('error', 'unknownLesson', { ...values, lesson }, line)
  }
}

/** Returns the findings about the pools that an attempt draws from. */
function checkDraw(lesson: Lesson, questions: PlacedQuestion[], report: Report): void {
  if (!isGraded(lesson)) return
  for (const { pool, questions: wanted } of lesson.draw) {
    const count = questions.filter(question => question.pool === pool).length
    if (count < wanted) report('error', 'smallPool', { pool, wanted, count })
  }
}

/** Reports steps of a tour in a lesson of another kind, which doesn't show them. */
function checkStepsElsewhere({ kind, body }: Lesson, report: Report): void {
  if (kind === 'tour') return
  const step = markdownFacts(body).fences.find(({ language }) => language === 'tour')
  if (step) report('error', 'stepsElsewhere', {}, step.line)
}

function checkText(content: CourseContent, text: string, report: Report, around: Around | null): void {
  const { references, unsupported, excess } = markdownFacts(text)
  if (excess) return report('error', `markdown.${excess}`, { maximum: markdownCaps[excess] })
  const surroundings = { assets: content.assets, lessons: lessonsOf(content), text }
  for (const { kind, target, alt, line, isDecorative } of references) {
    const resolved = resolveReference(target, surroundings)
    if (kind === 'image' && isEmbedAddress(target)) {
      checkEmbed(target, alt, around, (rule, values) => report('error', rule, values, line))
      continue
    }
    if (kind === 'image' && !alt && !isDecorative) report('error', 'noAlt', { file: target }, line)
    if (kind === 'image' && resolved.kind === 'file' && isRecording(resolved.asset)) {
      const captions = captionsOf(resolved.asset, content.assets)
      if (!captions) {
        report('error', 'noCaptionsBeside', { file: target, captions: captionNamesBeside(target)[0]! }, line)
      } else if (!captions.seconds) report('error', 'emptyCaptions', { file: captions.path }, line)
    }
    if (resolved.kind === 'missingFile') report('error', 'missingFile', { file: resolved.path }, line)
    else if (kind === 'image' && resolved.kind !== 'file') {
      report('error', 'foreignImage', { file: target }, line)
    } else {
      const values = { target: target.slice(0, 200) }
      const page = around?.pages && resolved.kind === 'page' ? academyPage(resolved.path, around.pages) : null
      if (resolved.kind === 'broken' || page === 'dead') report('error', 'deadLink', values, line)
      // Courses may link to each other, and one of them has to be published first.
      if (page === 'unpublished') report('warning', 'unpublishedLink', values, line)
    }
  }
  for (const { what, level, text: found, line } of unsupported) {
    report(level, `unsupported.${what}`, { found }, line)
  }
}

/** Reports a page of another site that is written as an image, and that the lesson can't show in a frame. */
function checkEmbed(
  target: string,
  title: string,
  around: Around | null,
  report: (rule: string, values: Finding['values']) => void,
): void {
  const values = { url: target.slice(0, 200), host: new URL(target).hostname }
  if (!title) report('embed.title', values)
  const embed = around?.embeds && embedOf(target, around.embeds)
  if (typeof embed === 'string') report(`embed.${embed}`, values)
}

/** Reports what a title or another plain text has of other tools: it isn't Markdown, and is shown as it was typed. */
function checkPlain(texts: string[], report: Report, line: number | null = null): void {
  for (const { text: found } of texts.flatMap(foreignInPlainText)) {
    report('warning', 'unsupported.plain', { found }, line)
  }
}

/** Returns the findings about the fields of the lesson's kind. */
function checkFields({ assets }: CourseContent, lesson: Lesson): Finding[] {
  const missing = filesInFields(lesson).filter(({ file }) => !assetNamed(assets, file))
  return [
    ...missing.map(({ field, file }) => ({
      level: 'error' as const,
      rule: 'missingFile',
      field,
      values: { file },
    })),
    ...kindOf(lesson).check(lesson, assets),
  ].map(finding => findingOf(lesson, finding))
}

/** Compares the minutes that the author states with the measured ones. */
function checkMinutes(lesson: Lesson): Finding[] {
  const minutes = kindOf(lesson).minutes(lesson)
  if (minutes === null) return []
  const isFar = Math.abs(minutes - lesson.minutes) > Math.max(3, lesson.minutes / 2)
  const values = { minutes, stated: lesson.minutes }
  return isFar ? [findingOf(lesson, { level: 'warning', rule: 'minutesFar', field: 'minutes', values })] : []
}

function findingOf(lesson: Lesson, finding: KindFinding): Finding {
  const { level, rule, field, values = {}, line = null } = finding
  return { level, lesson: lesson.slug, line, key: `studio:checks.${rule}`, values, field }
}

function reporterFor(findings: Finding[], lesson: string | null, question?: string): Report {
  return (level, rule, values = {}, line = null) =>
    findings.push({
      level,
      lesson,
      line,
      key: `studio:checks.${rule}`,
      values,
      ...(question && { question }),
    })
}
