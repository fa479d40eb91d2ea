import { assetNamed, assetPath } from './asset'
import type { CourseContent, Lesson } from './course'
import { filesInFields, kindOf } from './kinds/kinds'
import { markdownFacts } from './markdown'

/** Returns the paths of the course files that a lesson shows, plays, offers or would use if they existed. */
export function filesOf(lesson: Lesson): string[] {
  const named = [
    ...markdownFacts(lesson.body).references.map(({ target }) => target),
    ...lesson.downloads.map(({ file }) => file),
    ...filesInFields(lesson).map(({ file }) => file),
    ...(kindOf(lesson).filesBeside?.(lesson) ?? []),
  ]
  return [...new Set(named.flatMap(name => assetPath(name) ?? []))]
}

/** Returns the paths of a lesson's files whose bytes differ between `before` and `after`. */
export function replacedFiles(before: CourseContent, after: CourseContent, lesson: Lesson): string[] {
  return filesOf(lesson).filter(path => {
    const [old, current] = [assetNamed(before.assets, path), assetNamed(after.assets, path)]
    return old && current && old.hash !== current.hash
  })
}
