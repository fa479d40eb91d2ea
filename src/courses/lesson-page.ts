import { lessonPath } from './lesson-path'
import { memoized } from '../platform/cached'
import type { Published } from './published'
import type { Question } from './question'
import { questionsOf } from './quiz'
import { renderMarkdown } from './render'

/** A lesson as its page shows it: the text as safe HTML without quiz blocks, and the questions. */
export type LessonPage = { html: string; questions: Question[] }

/**
 * Returns the page of a lesson, rendered once per revision.
 *
 * @throws Error when the revision has no such lesson.
 */
export function lessonPage(published: Published, lessonSlug: string): LessonPage {
  return pageOf({ published, lessonSlug })
}

type LessonKey = { published: Published; lessonSlug: string }

const pageOf = memoized(renderLesson, {
  nameOf: ({ published, lessonSlug }: LessonKey) => `${published.revision}:${lessonSlug}`,
})

function renderLesson({ published, lessonSlug }: LessonKey): LessonPage {
  const lesson = published.lessons.find(({ slug }) => slug === lessonSlug)
  if (!lesson) throw new Error(`Revision ${published.revision} has no lesson ${lessonSlug}`)
  return {
    html: renderMarkdown(lesson.body, published.content.assets, published.content.language, 2, {
      lessons: published.lessons,
      hrefOf: slug => lessonPath(published, { slug }),
    }),
    questions: questionsOf(lesson.body),
  }
}
