import { stringify } from 'csv-stringify/sync'
import type { Response } from 'express'
import type { Lesson } from '../courses/course'
import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import { clock } from '../courses/transcript'
import { allNotesOf, type LessonNotes, type Note } from '../learning/lesson-notes'
import type { Person } from '../people/person'
import { fold } from '../platform/fold'
import type { MemberHandler } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { noteViews, textFragment, type RefusedNote } from './note-view'

const maxSearch = 200
/** A learner can have thousands of notes, each with its form. */
const pageSize = 200

/**
 * `GET /notes?q=&page=`: the notes of the person, by course and lesson, or those with all the words that they search
 * for; 200 on a page.
 */
export const index: MemberHandler = async (request, response, person) => {
  const { q, page } = parametersOf(request)
  const shown = {
    query: (q ?? '').trim().slice(0, maxSearch),
    page: /^\d{1,4}$/.test(page ?? '') ? Number(page) : 1,
  }
  response.render('academy/my-notes', await myNotesPage(response, person, shown))
}

/** A lesson with a person's notes; `lesson` is null when they don't see it any more, and so is its title. */
type NotedLesson = { course: LearnerCourse | null; lesson: Lesson | null; record: LessonNotes; notes: Note[] }

/** Returns the view model of a page with notes: all, those that match a search, or the one that was refused. */
export async function myNotesPage(
  response: Response,
  person: Person,
  { query, page }: { query: string; page: number },
  refused?: RefusedNote,
) {
  const texts = textsOf(response)
  const { t } = texts
  const all = await notedLessons(response, person)
  const wanted = fold(query).split(/\s+/).filter(Boolean)
  const found = all
    .map(each => ({ ...each, notes: each.notes.filter(note => hasWords(wanted, note, each.lesson)) }))
    .filter(({ notes }) => notes.length > 0)
  const count = found.reduce((sum, { notes }) => sum + notes.length, 0)
  const refusedAt = found.flatMap(({ notes }) => notes).findIndex(({ id }) => id === refused?.id)
  const pages = Math.max(1, Math.ceil(count / pageSize))
  const at = refusedAt < 0 ? Math.min(Math.max(1, page), pages) : Math.floor(refusedAt / pageSize) + 1
  const href = (each: number) =>
    `/notes?${new URLSearchParams({ ...(query && { q: query }), page: String(each) })}`
  return {
    head: { title: t('academy:notes.mine'), noindex: true },
    scripts: ['/js/notes.js'],
    query,
    searchField: {
      name: 'q',
      label: t('academy:notes.search'),
      type: 'search',
      value: query,
      maxlength: maxSearch,
    },
    count: query ? t('academy:notes.found', { count }) : t('academy:notes.count', { count }),
    hasNotes: all.length > 0,
    pages: pages > 1 && {
      text: t('academy:notes.pages', { page: at, pages }),
      previous: at > 1 && { href: href(at - 1), text: t('academy:notes.previous') },
      next: at < pages && { href: href(at + 1), text: t('academy:notes.next') },
    },
    courses: byCourse(partOf(found, (at - 1) * pageSize)).map(({ course, lessons }) => ({
      title: course?.published.content.title ?? t('academy:notes.courseGone'),
      href: course && `/courses/${course.published.slug}`,
      lessons: lessons.map(({ lesson, record, notes }) => ({
        title: lesson?.title ?? t('academy:notes.lessonGone'),
        href: lesson && course?.state !== 'closed' ? pathOf(record) : null,
        notes: noteViews(texts, { path: pathOf(record), lesson, notes }, 'notes', refused),
      })),
    })),
    empty: {
      title: t('academy:notes.none'),
      text: t('academy:notes.noneText'),
      link: { href: '/learning', text: t('academy:notes.noneLink') },
    },
  }
}

/** Returns the lessons with the notes of one page, which begins with the note at an index among all. */
function partOf(lessons: NotedLesson[], first: number): NotedLesson[] {
  let before = 0
  return lessons.flatMap(each => {
    const from = Math.max(0, first - before)
    const notes = each.notes.slice(from, Math.max(from, first + pageSize - before))
    before += each.notes.length
    return notes.length ? [{ ...each, notes }] : []
  })
}

const pathOf = ({ slug, lesson }: LessonNotes) => `/courses/${slug}/lessons/${lesson}`

/** The person's notes in the order of their courses' lessons; those of lessons that they don't see come last. */
async function notedLessons(response: Response, person: Person): Promise<NotedLesson[]> {
  const [records, courses] = await Promise.all([
    allNotesOf(person._id),
    learnerCourses(response.locals.brand, person),
  ])
  const lessons = records.map(record => {
    const course = courses.find(({ published }) => published.course.equals(record.course)) ?? null
    const lesson = course?.published.lessons.find(({ slug }) => slug === record.lesson) ?? null
    return { course, lesson, record, notes: record.notes }
  })
  const placeOf = ({ course, lesson }: NotedLesson) => [
    course ? courses.indexOf(course) : Infinity,
    course && lesson ? course.published.lessons.indexOf(lesson) : Infinity,
  ]
  return lessons.sort((a, b) => {
    const [[courseA, lessonA], [courseB, lessonB]] = [placeOf(a), placeOf(b)]
    return courseA === courseB ? compare(lessonA!, lessonB!) : compare(courseA!, courseB!)
  })
}

const compare = (a: number, b: number) => (a === b ? 0 : a - b)

function byCourse(lessons: NotedLesson[]): { course: LearnerCourse | null; lessons: NotedLesson[] }[] {
  const groups: { course: LearnerCourse | null; lessons: NotedLesson[] }[] = []
  for (const each of lessons) {
    const last = groups.at(-1)
    if (last && last.course === each.course) last.lessons.push(each)
    else groups.push({ course: each.course, lessons: [each] })
  }
  return groups
}

function hasWords(wanted: string[], { text, quote }: Note, lesson: Lesson | null): boolean {
  const all = fold([text, quote?.exact ?? '', lesson?.title ?? ''].join('\n'))
  return wanted.every(word => all.includes(word))
}

/** One note as the exports have it: `url` leads to the passage or the second, and is empty when the lesson is gone. */
type ExportedNote = {
  course: string
  lesson: string
  url: string
  time: string
  passage: string
  note: string
  createdAt: string
  changedAt: string
}

async function exported(response: Response, person: Person): Promise<ExportedNote[]> {
  const { t } = textsOf(response)
  const { baseUrl } = response.locals
  return (await notedLessons(response, person)).flatMap(({ course, lesson, notes }) =>
    notes.map(({ text, quote, second, createdAt, changedAt }) => ({
      course: course?.published.content.title ?? t('academy:notes.courseGone'),
      lesson: lesson?.title ?? t('academy:notes.lessonGone'),
      url: course && lesson ? baseUrl + linkTo(course.published, lesson, { quote, second }) : '',
      time: second === null ? '' : clock(second),
      passage: quote?.exact ?? '',
      note: text,
      createdAt: createdAt.toISOString(),
      changedAt: changedAt.toISOString(),
    })),
  )
}

function linkTo(published: Published, lesson: Lesson, { quote, second }: Pick<Note, 'quote' | 'second'>) {
  const path = lessonPath(published, lesson)
  if (second !== null) return `${path}?t=${second}`
  return quote ? path + textFragment(quote) : path
}

/** `GET /notes.json`. */
export const exportJson: MemberHandler = async (_request, response, person) => {
  const notes = await exported(response, person)
  response
    .attachment('my-notes.json')
    .type('json')
    .send(JSON.stringify(notes, null, 2))
}

/** `GET /notes.csv`. Values that a spreadsheet would treat as a formula are escaped. */
export const exportCsv: MemberHandler = async (_request, response, person) => {
  const notes = await exported(response, person)
  const columns = [...['course', 'lesson', 'url', 'time', 'passage', 'note', 'createdAt', 'changedAt']]
  response.attachment('my-notes.csv').type('csv')
  response.send(stringify(notes, { bom: true, header: true, columns, escape_formulas: true }))
}

/** `GET /notes.md`: a document with a heading for each course and lesson; passages are quotations. */
export const exportMarkdown: MemberHandler = async (_request, response, person) => {
  const notes = await exported(response, person)
  const lines = [`# ${textsOf(response).t('academy:notes.mine')}`]
  for (const [n, { course, lesson, url, time, passage, note }] of notes.entries()) {
    const previous = notes[n - 1]
    if (previous?.course !== course) lines.push(`## ${escaped(course)}`)
    if (previous?.course !== course || previous.lesson !== lesson) lines.push(`### ${escaped(lesson)}`)
    if (passage) lines.push(passage.replace(/^/gm, '> '))
    const link = url && `[${time || url.slice(url.indexOf('/courses/')).split('#')[0]}](${url})`
    lines.push([note, link].filter(Boolean).join('\n\n'))
  }
  response
    .attachment('my-notes.md')
    .type('text/markdown')
    .send(`${lines.join('\n\n')}\n`)
}

/** Keeps a title on its line as it is. */
const escaped = (title: string) => title.replace(/[\\`*_[\]<>#]/g, '\\$&')
