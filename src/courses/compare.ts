import { isDeepStrictEqual } from 'node:util'
import { diffArrays } from 'diff'
import { lessonsOf } from './content'
import type { CourseContent } from './course'
import { replacedFiles } from './lesson-files'

/** A lesson that differs between two versions of a course. */
export type Difference = { slug: string; title: string; change: 'added' | 'changed' | 'removed' }

/**
 * Returns the lessons that differ or whose files were replaced, in the outline order of `after`; removed lessons come
 * last.
 */
export function compareLessons(before: CourseContent, after: CourseContent): Difference[] {
  const old = new Map(lessonsOf(before).map(lesson => [lesson.slug, lesson]))
  const differences: Difference[] = []
  for (const lesson of lessonsOf(after)) {
    const previous = old.get(lesson.slug)
    old.delete(lesson.slug)
    if (!previous) differences.push({ slug: lesson.slug, title: lesson.title, change: 'added' })
    else if (isLessonChanged(before, after, lesson.slug)) {
      differences.push({ slug: lesson.slug, title: lesson.title, change: 'changed' })
    }
  }
  for (const { slug, title } of old.values()) differences.push({ slug, title, change: 'removed' })
  return differences
}

/** Whether a lesson that both versions have differs, or one of its files was replaced. */
export function isLessonChanged(before: CourseContent, after: CourseContent, lesson: string): boolean {
  const [old, current] = [before, after].map(content =>
    lessonsOf(content).find(({ slug }) => slug === lesson),
  )
  if (!old || !current) return false
  return !isDeepStrictEqual(old, current) || replacedFiles(before, after, current).length > 0
}

/** Whether anything other than the lessons' own fields differs: course settings, files, modules or lesson order. */
export function isRestChanged(before: CourseContent, after: CourseContent): boolean {
  const rest = ({ modules, ...fields }: CourseContent) => ({
    ...fields,
    modules: modules.map(({ lessons, ...module }) => ({
      ...module,
      lessons: lessons.map(lesson => lesson.slug),
    })),
  })
  const plain = (content: CourseContent) => JSON.parse(JSON.stringify(rest(content))) as unknown
  return !isDeepStrictEqual(plain(before), plain(after))
}

export type LineChange = { kind: 'same' | 'added' | 'removed'; text: string }

/** Texts with more changed lines than this are not compared, because the time grows with the square of the number. */
const maxChangedLines = 1000

/**
 * Compares two texts line by line. Beyond `maxChangedLines`, all old lines count as removed and all new ones as added.
 */
export function compareLines(before: string, after: string): LineChange[] {
  const [old, current] = [before.split('\n'), after.split('\n')]
  const changes = diffArrays(old, current, { maxEditLength: maxChangedLines })
  if (!changes) return [...old.map(lineOf('removed')), ...current.map(lineOf('added'))]
  return changes.flatMap(({ added, removed, value }) =>
    value.map(lineOf(added ? 'added' : removed ? 'removed' : 'same')),
  )
}

const lineOf = (kind: LineChange['kind']) => (text: string) => ({ kind, text })
