import type { CourseContent, Lesson } from './course'
import { kindOf } from './kinds/kinds'
import { plausibleLength } from './recording-length'

/** Sets the length of each lesson's recording in whole seconds, rounded up; null without one, or when it is unknown. */
export function withMediaSeconds(content: CourseContent): CourseContent {
  const mediaSeconds = (lesson: Lesson) => {
    const seconds = plausibleLength(kindOf(lesson).mediaSeconds?.(lesson, content.assets) ?? null)
    return seconds === null ? null : Math.ceil(seconds)
  }
  return {
    ...content,
    modules: content.modules.map(module => ({
      ...module,
      lessons: module.lessons.map(lesson => ({ ...lesson, mediaSeconds: mediaSeconds(lesson) })),
    })),
  }
}
