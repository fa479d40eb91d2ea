import { isDeepStrictEqual } from 'node:util'
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
    else if (!isDeepStrictEqual(previous, lesson) || replacedFiles(before, after, lesson).length) {
      differences.push({ slug: lesson.slug, title: lesson.title, change: 'changed' })
    }
  }
  for (const { slug, title } of old.values()) differences.push({ slug, title, change: 'removed' })
  return differences
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

/** Above this many cells the texts aren't compared: all old lines count as removed and all new ones as added. */
const maxCells = 4_000_000

/**
 * Compares two texts line by line. The lines of a longest common subsequence are `same`; the others are `removed` or
 * `added`.
 */
export function compareLines(before: string, after: string): LineChange[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  return [
    ...a.slice(0, head).map(same),
    ...compareMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ]
}

const same = (text: string): LineChange => ({ kind: 'same', text })
const added = (text: string): LineChange => ({ kind: 'added', text })
const removed = (text: string): LineChange => ({ kind: 'removed', text })

function compareMiddle(a: string[], b: string[]): LineChange[] {
  if (a.length * b.length > maxCells) return [...a.map(removed), ...b.map(added)]
  const width = b.length + 1
  const longest = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!)
    }
  }
  const changes: LineChange[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      changes.push(same(a[i++]!))
      j++
    } else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) changes.push(removed(a[i++]!))
    else changes.push(added(b[j++]!))
  }
  return [...changes, ...a.slice(i).map(removed), ...b.slice(j).map(added)]
}
