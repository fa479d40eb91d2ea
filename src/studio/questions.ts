import type { Request, Response } from 'express'
import type { QueryFilter } from 'mongoose'
import { waitingAgeNames, threadsWaiting } from '../community/overview'
import { countOpenCases } from '../community/moderation-case'
import { countQuestions, questionsIn, unanswered } from '../community/question'
import { Threads, type Thread } from '../community/thread'
import { threadPath } from '../community/thread-path'
import { lessonsOf } from '../courses/content'
import { Courses, type Course } from '../courses/course'
import { publishedCourses } from '../courses/published'
import { now } from '../platform/clock'
import { searchFilter } from '../platform/fold'
import { People, type Person } from '../people/person'
import { pageLinks, readPage, type At, type SortOrder } from '../web/keyset'
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

/**
 * `GET /studio/questions`: learners' questions, the latest activity first, about one course (`?course=slug`) or all;
 * `?show=unanswered` has those that wait, the oldest first.
 */
export async function index(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { course: slug, show, age: asked, q = '', after, before } = parametersOf(request)
  const isUnanswered = show === 'unanswered'
  const courses = await Courses.find({}, listedFields)
  const chosen = courses.find(course => course.slug === slug)
  const age = isUnanswered ? waitingAgeNames.find(each => each === asked) : undefined
  const waits = age ? threadsWaiting(age, now()) : isUnanswered ? unanswered : {}
  const words = q.slice(0, 200)
  const filter = { $and: [{ ...questionsIn(chosen?._id), ...waits }, searchFilter(words)] }
  const order: SortOrder = isUnanswered ? { askedAt: 1, _id: 1 } : { activeAt: -1, _id: -1 }
  const [page, count, waiting, published, toModerate] = await Promise.all([
    readPage<Thread>(
      beyond => Threads.find({ $and: [...filter.$and, beyond] as QueryFilter<Thread>[] }),
      order,
      { after, before },
      pageSize,
    ),
    countQuestions(chosen?._id),
    countQuestions(chosen?._id, true),
    publishedCourses(),
    countOpenCases(),
  ])
  const open = new Set(published.map(each => String(each.course)))
  const askers = await askersOf(page.rows)
  const address = (values: Record<string, string | undefined>) => {
    const given = Object.entries({
      course: chosen?.slug,
      show: isUnanswered ? show : undefined,
      ...(values.show === undefined && { age, q: words }),
      ...values,
    })
    const query = new URLSearchParams(given.filter((each): each is [string, string] => Boolean(each[1])))
    return query.size ? `/studio/questions?${query}` : '/studio/questions'
  }
  response.render('studio/questions', {
    layout: 'studio',
    nav: 'questions',
    head: { title: t('studio:questions.title'), noindex: true },
    sentence: count ? t('studio:questions.sentence', { count }) : '',
    moderation: t('studio:moderation.link', { count: toModerate }),
    options: chosen || count ? courseOptions(courses, chosen) : [],
    narrowed:
      age || words
        ? t('studio:questions.narrowed', { what: age ? t(`studio:questions.ages.${age}`) : words })
        : null,
    tabs: [
      { href: address({ show: '' }), text: t('studio:questions.all', { count }), isChosen: !isUnanswered },
      {
        href: address({ show: 'unanswered' }),
        text: t('studio:questions.unanswered', { count: waiting }),
        isChosen: isUnanswered,
      },
    ],
    rows: page.rows.flatMap(thread =>
      questionRow(thread, courses, askers.get(String(thread.person)), open, texts),
    ),
    noQuestions: noQuestions(chosen, isUnanswered && count > 0, texts),
    pages: {
      ...pageLinks(page, (at: At) => address({ ...at })),
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
function noQuestions(chosen: ListedCourse | undefined, isAllAnswered: boolean, { t }: Texts) {
  if (isAllAnswered) return { title: t('studio:questions.allAnswered'), text: '', link: null }
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
 * was removed from the draft links to the course. One about a course that isn't published is answered by email.
 */
function questionRow(
  { _id, title, text, lesson: slug, answers, accepted, askedAt, ...thread }: Thread,
  courses: ListedCourse[],
  asker: Asker | undefined,
  open: ReadonlySet<string>,
  { t, date }: Texts,
) {
  const course = courses.find(each => each._id.equals(thread.course))
  if (!course || !asker) return []
  const lesson = lessonsOf(course.draft).find(each => each.slug === slug)
  const subject = t('studio:questions.subject', { question: shorten(title, maxQuoteLength) })
  const isOpen = open.has(String(course._id))
  return {
    feedbackHref: `/feedback/new?${new URLSearchParams({ source: 'question', ref: String(_id) })}`,
    title,
    text: text && !text.startsWith(title.replace(/…$/, '')) ? shorten(text, maxTextLength) : '',
    about: lesson
      ? t('studio:questions.about', { course: course.draft.title, lesson: lesson.title })
      : course.draft.title,
    href: urlOf(course, lesson),
    asker: asker.name,
    answer: {
      href: isOpen ? threadPath(course.slug, { _id }) : mailtoLink(asker.email, subject),
      text: t(`studio:questions.${!isOpen ? 'byEmail' : answers ? 'open' : 'answer'}`),
    },
    answers: accepted ? t('studio:questions.accepted') : t('studio:questions.answers', { count: answers }),
    isWaiting: answers === 0,
    askedAt: t('studio:courses.changedAt', { day: date(askedAt, 'short'), time: date(askedAt, 'time') }),
  }
}

type Asker = Pick<Person, '_id' | 'name' | 'email'>

async function askersOf(questions: Thread[]): Promise<Map<string, Asker>> {
  const ids = questions.map(({ person }) => person)
  const people = await People.find({ _id: { $in: ids }, erasedAt: null }, { name: 1, email: 1 })
  return new Map(people.map(person => [String(person._id), person]))
}

/** The most characters of a title in an email's subject, and of a text in the list. */
const [maxQuoteLength, maxTextLength] = [120, 400]

/** Returns the text on one line, cut to `maximum` characters. */
function shorten(text: string, maximum: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > maximum ? `${line.slice(0, maximum - 1).trimEnd()}…` : line
}

/** Returns a link that opens a new email (RFC 6068). */
function mailtoLink(email: string, subject: string): string {
  return `mailto:${encodeURIComponent(email).replace('%40', '@')}?subject=${encodeURIComponent(subject)}`
}
