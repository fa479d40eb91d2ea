import type { Asset } from '../courses/asset'
import type { Course, CourseContent, Lesson } from '../courses/course'
import { usesOf } from '../courses/media-uses'
import type { Form } from '../web/form'
import type { Texts } from '../web/texts'
import { recordingField } from './lesson-recording'
import { fileHref, thumbnailOf } from './media-view'

const maxListedFiles = 8

/** The toolbar's buttons: custom element, icon and the key of the label. */
const tools = [
  ['md-header', 'text-h', 'heading'],
  ['md-bold', 'text-b', 'bold'],
  ['md-italic', 'text-italic', 'italic'],
  ['md-quote', 'quotes', 'quote'],
  ['md-unordered-list', 'list-bullets', 'list'],
  ['md-ordered-list', 'list-numbers', 'numbers'],
  ['md-link', 'link', 'link'],
  ['md-code', 'code', 'code'],
] as const

/** The toolbar's buttons that insert a snippet: its name and the icon. */
const snippets = [
  ['image', 'image'],
  ['quiz', 'question'],
] as const

/** Returns a lesson's editor and the facts shown next to it. */
export function editorView(
  { course, lesson, form }: { course: Course; lesson: Lesson; form: Form },
  texts: Texts,
) {
  const { t, date } = texts
  return {
    ...lessonFacts(course, lesson, texts),
    heading: lesson.title,
    savedText: t('studio:write.saved', { time: date(course.changedAt, 'time') }),
    typed: { title: form.values.title, body: form.values.body },
    language: course.draft.language,
    toolbar: {
      tools: tools.map(([tag, icon, key]) => ({ tag, icon, label: t(`studio:write.${key}`) })),
      inserts: snippets.map(([name, icon]) => ({ name, icon, label: t(`studio:write.${name}`) })),
    },
  }
}

/** Returns what the column beside a lesson says of its settings and the course's files. */
export function lessonFacts(course: Course, lesson: Lesson, texts: Texts) {
  const { draft } = course
  return {
    facts: {
      recording: recordingField(lesson, texts),
      settings: settingFacts(lesson, texts),
      files: filesFor(lesson, draft).map(asset => ({
        href: fileHref(course, asset.path),
        name: asset.path.replace(/^assets\//, ''),
        thumbnail: thumbnailOf(asset),
      })),
    },
  }
}

/** Returns sentences about a lesson's settings, as HTML. */
function settingFacts(lesson: Lesson, { html, minutes }: Texts): string[] {
  return [
    html(`studio:write.done.${lesson.completion}`),
    html(lesson.preview ? 'studio:write.openToEveryone' : 'studio:write.openToEnrolled'),
    html('studio:write.length', { minutes: minutes(lesson.minutes) }),
    ...(lesson.topics.length ? [html('studio:write.topics', { topics: lesson.topics.join(', ') })] : []),
  ]
}

/** Returns the files that a lesson uses, followed by others of its course. */
function filesFor(lesson: Lesson, draft: CourseContent): Asset[] {
  const uses = usesOf(draft)
  const isUsedHere = ({ path }: Asset) =>
    uses.get(path)?.some(use => use.lesson?.slug === lesson.slug) ?? false
  const [own, others] = [draft.assets.filter(isUsedHere), draft.assets.filter(each => !isUsedHere(each))]
  return [...own, ...others].slice(0, maxListedFiles)
}
