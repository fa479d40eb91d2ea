import type { Request, Response } from 'express'
import { countQuestions, questionsIn, type LearnerQuestion } from '../community/question'
import { lessonsOf } from '../courses/content'
import { Courses, type Course } from '../courses/course'
import { Events, isNamed, type Event } from '../events/event'
import { People, type Person } from '../people/person'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { urlOf } from './urls'

const pageSize = 30

/** The fields of a course that are shown with its questions. */
const listedFields = {
  slug: 1,
  'draft.title': 1,
  'draft.modules.lessons.slug': 1,
  'draft.modules.lessons.title': 1,
} as const

type ListedCourse = Pick<Course, '_id' | 'slug' | 'draft'>

/** `GET /studio/questions`: learners' questions, newest first, about one course (`?course=slug`) or all. */
export async function index(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { course: slug, after, before } = parametersOf(request)
  const courses = await Courses.find({}, listedFields)
  const chosen = courses.find(course => course.slug === slug)
  const [page, count] = await Promise.all([
    readPage<Event>(
      beyond => Events.find({ $and: [questionsIn(chosen?._id), beyond] }),
      { at: -1, _id: -1 },
      { after, before },
      pageSize,
    ),
    countQuestions(chosen?._id),
  ])
  const questions = page.rows.filter(isNamed('question.asked'))
  const askers = await askersOf(questions)
  const pageUrl = (at: At) =>
    `/studio/questions?${new URLSearchParams({ ...(chosen && { course: chosen.slug }), ...at })}`
  response.render('studio/questions', {
    layout: 'studio',
    nav: 'questions',
    head: { title: t('studio:questions.title'), noindex: true },
    sentence: count ? t('studio:questions.sentence', { count }) : '',
    options: chosen || count ? courseOptions(courses, chosen) : [],
    rows: questions.flatMap(question =>
      questionRow(question, courses, askers.get(String(question.person)), texts),
    ),
    noQuestions: noQuestions(chosen, texts),
    pages: {
      ...pageLinks(page, pageUrl),
      notes: [{ text: t('studio:courses.timeZone') }],
    },
  })
}

function courseOptions(courses: ListedCourse[], chosen: ListedCourse | undefined) {
  return courses
    .toSorted((a, b) => a.draft.title.localeCompare(b.draft.title, 'en'))
    .map(course => ({ value: course.slug, text: course.draft.title, isChosen: course === chosen }))
}

/** Returns what the page shows instead of an empty list. */
function noQuestions(chosen: ListedCourse | undefined, { t }: Texts) {
  const text = t('studio:questions.noneText')
  if (!chosen) return { title: t('studio:questions.none'), text, link: null }
  return {
    title: t('studio:questions.noneCourse'),
    text,
    link: { href: '/studio/questions', text: t('studio:questions.noneCourseLink') },
  }
}

/**
 * Returns the row of a question, or no row if the asker has just deleted their account. A question about a lesson that
 * was removed from the draft links to the course.
 */
function questionRow(
  { data, at, ...question }: LearnerQuestion,
  courses: ListedCourse[],
  asker: Asker | undefined,
  { t, date }: Texts,
) {
  const course = courses.find(({ _id }) => _id.equals(question.course!))
  if (!course || !asker) return []
  const lesson = lessonsOf(course.draft).find(({ slug }) => slug === data.lesson)
  return {
    text: data.text,
    about: t('studio:questions.about', { course: course.draft.title, lesson: lesson?.title ?? data.title }),
    href: urlOf(course, lesson),
    asker: asker.name,
    answerHref: mailtoLink(
      asker.email,
      t('studio:questions.subject', { question: shorten(data.text, maxQuoteLength) }),
    ),
    askedAt: t('studio:courses.changedAt', { day: date(at, 'short'), time: date(at, 'time') }),
  }
}

type Asker = Pick<Person, '_id' | 'name' | 'email'>

async function askersOf(questions: LearnerQuestion[]): Promise<Map<string, Asker>> {
  const ids = questions.map(({ person }) => person)
  const people = await People.find({ _id: { $in: ids }, erasedAt: null }, { name: 1, email: 1 })
  return new Map(people.map(person => [String(person._id), person]))
}

const maxQuoteLength = 120

/** Returns the text on one line, cut to `maximum` characters. */
function shorten(text: string, maximum: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > maximum ? `${line.slice(0, maximum - 1).trimEnd()}…` : line
}

/** Returns a link that opens a new email (RFC 6068). */
function mailtoLink(email: string, subject: string): string {
  return `mailto:${encodeURIComponent(email).replace('%40', '@')}?subject=${encodeURIComponent(subject)}`
}
