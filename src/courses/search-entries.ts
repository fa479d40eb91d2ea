import { setImmediate as nextTurn } from 'node:timers/promises'
import { compile } from 'html-to-text'
import { fold } from '../platform/fold'
import { entryOf, type CatalogueLists, type ListName } from './catalogue-lists'
import type { Lesson } from './course'
import { kindOf } from './kinds/kinds'
import type { Published } from './published'
import { renderMarkdown } from './render'

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
export type Text = {
  shown: string
  folded: string
  /** Where in `shown` each place that a link can lead to begins, in order. */
  places: (TextPlace & { start: number })[]
}

/** A heading of the lesson by its id, or a second of its recording. */
export type TextPlace = { anchor?: string; second?: number }
type PassageText = TextPlace & { text: string }

/** Returns the entry of a course. */
export function courseEntry(course: Published, names: readonly string[]): Entry {
  const { title, summary, description, outcomes } = course.content
  const about = passagesOf(course, description).map(({ text }) => ({ text }))
  const text = textOf([{ text: summary }, ...about, ...outcomes.map(each => ({ text: each }))])
  return {
    course,
    lesson: null,
    number: 0,
    title: title.normalize(),
    texts: [text],
    searched: {
      title: fold(title.normalize()),
      outcomes: fold(outcomes.join(' ')),
      topics: fold(names.join(' ')),
      text: text.folded,
    },
  }
}

/** Returns the entries of a course's lessons. For a paid course, only preview lessons are read in full. */
export async function lessonEntries(course: Published): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const lesson of course.lessons) {
    // Rendering a whole catalogue at once would keep other requests waiting.
    await nextTurn()
    const isOpen = !course.content.price || lesson.preview
    const text = textOf(isOpen ? passagesOf(course, lesson.body) : [])
    const spoken = isOpen ? await kindOf(lesson).searchText?.(lesson, course.content.assets) : undefined
    const transcript = textOf(spoken ?? [])
    entries.push({
      course,
      lesson,
      number: entries.length + 1,
      title: lesson.title.normalize(),
      texts: [text, transcript],
      searched: {
        lessonTitle: fold(lesson.title.normalize()),
        topics: fold(lesson.topics.join(' ')),
        text: text.folded,
        transcript: transcript.folded,
      },
    })
  }
  return entries
}

/** Returns the names of a course's topic and audiences in every language, and their ids. */
export function listedNames({ content }: Published, lists: CatalogueLists): string[] {
  const namesOf = (list: ListName, value: string) => [
    value,
    ...Object.values(entryOf(lists[list], value)?.names ?? {}),
  ]
  return [
    ...namesOf('topics', content.topic),
    ...content.audiences.flatMap(value => namesOf('audiences', value)),
  ]
}

/** Returns Markdown as plain text from heading to heading, without code, quizzes and URLs. */
function passagesOf({ content }: Published, markdown: string): PassageText[] {
  const html = renderMarkdown(markdown, content.assets, content.language)
  return html.split(/(?=<h[2-6][ >])/).map(part => {
    const anchor = /^<h[2-6] id="([^"]+)"/.exec(part)?.[1]
    return { text: readHtml(part), ...(anchor !== undefined && { anchor }) }
  })
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

function textOf(passages: readonly PassageText[]): Text {
  let shown = ''
  const places: Text['places'] = []
  for (const { text, ...place } of passages) {
    const line = text.normalize().replace(/\s+/g, ' ').trim()
    if (!line) continue
    if (shown) shown += ' '
    places.push({ ...place, start: shown.length })
    shown += line
  }
  return { shown, folded: fold(shown), places }
}
