import { decodeHTML } from 'entities'
import { noEmbeds, type EmbedList } from './embed-list'
import { lessonPath } from './lesson-path'
import { memoized } from '../platform/cached'
import type { Published } from './published'
import type { Question } from './question'
import { questionsOf } from './quiz'
import { renderMarkdown } from './render'

export type Heading = { id: string; text: string }

/** A lesson as its page shows it: the text as safe HTML without quiz blocks, and the questions. */
export type LessonPage = {
  html: string
  questions: Question[]
  /** Its highest headings, with their ids in the text, in order. */
  headings: Heading[]
  /** The sites whose pages the text can show in a frame, such as `https://player.vimeo.com`. */
  frames: string[]
}

/**
 * Returns the page of a lesson, rendered once per revision and list of sites.
 *
 * @param embeds the sites whose pages it may show in a frame.
 * @throws Error when the revision has no such lesson.
 */
export function lessonPage(
  published: Published,
  lessonSlug: string,
  embeds: EmbedList = noEmbeds,
): LessonPage {
  return pageOf({ published, lessonSlug, embeds })
}

type LessonKey = { published: Published; lessonSlug: string; embeds: EmbedList }

const pageOf = memoized(renderLesson, {
  nameOf: ({ published, lessonSlug, embeds }: LessonKey) =>
    `${published.revision}:${published.part ?? ''}:${lessonSlug}:${embeds.number}`,
})

function renderLesson({ published, lessonSlug, embeds }: LessonKey): LessonPage {
  const lesson = published.lessons.find(({ slug }) => slug === lessonSlug)
  if (!lesson) throw new Error(`Revision ${published.revision} has no lesson ${lessonSlug}`)
  const html = renderMarkdown(lesson.body, published.content.assets, published.content.language, 2, {
    lessons: published.lessons,
    hrefOf: slug => lessonPath(published, { slug }),
    embeds,
  })
  return { html, questions: questionsOf(lesson.body), headings: headingsIn(html), frames: framesIn(html) }
}

/** Returns the sites whose pages rendered Markdown can show in a frame. */
export function framesIn(html: string): string[] {
  return [...new Set([...html.matchAll(/ data-embed="(https:\/\/[^/"]+)/g)].map(([, site]) => site!))]
}

/** Returns the headings of rendered Markdown on its highest level, which is `h2`. */
function headingsIn(html: string): Heading[] {
  return [...html.matchAll(/<h2 id="([^"]+)"[^>]*>(.*?)<\/h2>/gs)].map(([, id, inner]) => ({
    id: decodeHTML(id!),
    text: decodeHTML(inner!.replace(/<[^>]*>/g, '')).trim(),
  }))
}
