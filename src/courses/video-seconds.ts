import { assetNamed } from './asset'
import type { CourseContent } from './course'

/**
 * Sets the length of each lesson's video in whole seconds, rounded up: from the video itself, or from the end of its
 * captions; null when neither gives a length.
 */
export function withVideoLengths(content: CourseContent): CourseContent {
  const secondsOf = (file: string | null) => (file && assetNamed(content.assets, file)?.seconds) || null
  return {
    ...content,
    modules: content.modules.map(module => ({
      ...module,
      lessons: module.lessons.map(lesson => {
        const seconds = lesson.video ? (secondsOf(lesson.video) ?? secondsOf(lesson.captions)) : null
        return { ...lesson, videoSeconds: seconds === null ? null : Math.ceil(seconds) }
      }),
    })),
  }
}
