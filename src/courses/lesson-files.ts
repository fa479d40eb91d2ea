import { assetNamed, assetPath, type Asset } from './asset'
import type { CourseContent, Lesson } from './course'
import { filesInFields, kindOf } from './kinds/kinds'
import { markdownFacts } from './markdown'
import { questionsOf } from './quiz'
import { captionNamesBeside, tracksBeside } from './recording-in-text'

/** Returns a lesson's references to the course files that it shows, plays, offers or would use if they existed. */
export function filesOf(lesson: Lesson, assets: readonly Asset[]): string[] {
  const { references } = markdownFacts(lesson.body)
  const shown = references.filter(({ kind }) => kind === 'image').map(({ target }) => target)
  const named = [
    ...references.map(({ target }) => target),
    ...shown.flatMap(captionNamesBeside),
    ...questionsOf(lesson.body).flatMap(({ image }) => image ?? []),
    ...shown.flatMap(target => tracksBeside(assetNamed(assets, target), assets).map(({ path }) => path)),
    ...lesson.downloads.map(({ file }) => file),
    ...filesInFields(lesson).map(({ file }) => file),
    ...(kindOf(lesson).filesBeside?.(lesson, assets) ?? []),
  ]
  return [...new Set(named.filter(name => assetPath(name) !== null))]
}

/** Returns the references of a lesson to files whose bytes differ between `before` and `after`. */
export function replacedFiles(before: CourseContent, after: CourseContent, lesson: Lesson): string[] {
  return filesOf(lesson, after.assets).filter(reference => {
    const [old, current] = [assetNamed(before.assets, reference), assetNamed(after.assets, reference)]
    return old && current && old.hash !== current.hash
  })
}
