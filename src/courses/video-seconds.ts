import { assetNamed } from './asset'
import type { CourseContent } from './course'

/**
 * The content with each video's length in whole seconds, rounded up: from the video itself, else from the end of its
 * captions; null without either.
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
