import { setImmediate as nextTurn } from 'node:timers/promises'
import { compile } from 'html-to-text'
import { entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import { kindOf } from '../courses/kinds/kinds'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { renderMarkdown } from '../courses/render'
import { cached } from '../platform/cached'
import { fold } from '../platform/fold'

/** A course or a lesson as it is searched and as results show it. */
export type Entry = {
  course: Published
  lesson: Lesson | null
  /** 1 for the first lesson; 0 for a course. */
  number: number
  title: string
  /** The texts that an excerpt may come from, best first. */
  texts: Text[]
  /** Folded text by field. */
  searched: Partial<Record<SearchField, string>>
}

export type SearchField = 'title' | 'outcomes' | 'lessonTitle' | 'topics' | 'text' | 'transcript'

/** Text as it is shown, and as it is searched. */
type Text = { shown: string; folded: string }

/** Returns the entries of a course and its lessons, read once per revision and state of the academy's lists. */
export const entriesOf = cached(Infinity, readEntries, {
  nameOf: ({ course, lists }: Listed) => `${course.revision} ${course.part ?? ''} ${lists.number}`,
})
type Listed = { course: Published; lists: CatalogueLists }

/** For a paid course, only preview lessons are read in full. */
async function readEntries({ course, lists }: Listed): Promise<Entry[]> {
  const { title, summary, description, outcomes, price } = course.content
  const text = textOf([summary, plainText(course, description), ...outcomes].join(' '))
  const entries: Entry[] = [
    {
      course,
      lesson: null,
      number: 0,
      title: textOf(title).shown,
      texts: [text],
      searched: {
        title: textOf(title).folded,
        outcomes: textOf(outcomes.join(' ')).folded,
        topics: textOf(listedNames(course, lists).join(' ')).folded,
        text: text.folded,
      },
    },
  ]
  for (const lesson of course.lessons) {
    // Rendering a whole catalogue at once would keep other requests waiting.
    await nextTurn()
    const isOpen = !price || lesson.preview
    const text = textOf(isOpen ? plainText(course, lesson.body) : '')
    const transcript = textOf(
      isOpen ? ((await kindOf(lesson).searchText?.(lesson, course.content.assets)) ?? '') : '',
    )
    entries.push({
      course,
      lesson,
      number: entries.length,
      title: textOf(lesson.title).shown,
      texts: [text, transcript],
      searched: {
        lessonTitle: textOf(lesson.title).folded,
        topics: textOf(lesson.topics.join(' ')).folded,
        text: text.folded,
        transcript: transcript.folded,
      },
    })
  }
  return entries
}

/** Returns the names of a course's topic and audiences in every language, and their ids. */
function listedNames({ content }: Published, lists: CatalogueLists): string[] {
  const namesOf = (list: ListName, value: string) => [
    value,
    ...Object.values(entryOf(lists[list], value)?.names ?? {}),
  ]
  return [
    ...namesOf('topics', content.topic),
    ...content.audiences.flatMap(value => namesOf('audiences', value)),
  ]
}

/** Returns Markdown as plain text, without code, quizzes and URLs. */
function plainText({ content }: Published, markdown: string): string {
  return readHtml(renderMarkdown(markdown, content.assets, content.language)).replace(/\s+/g, ' ')
}

const readHtml = compile({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    ...['h2', 'h3', 'h4', 'h5', 'h6'].map(selector => ({ selector, options: { uppercase: false } })),
    ...['ul', 'ol', 'blockquote'].map(selector => ({ selector, format: 'block' })),
    ...['pre', 'img', 'hr'].map(selector => ({ selector, format: 'skip' })),
  ],
})

function textOf(text: string): Text {
  const shown = text.normalize()
  return { shown, folded: fold(shown) }
}
