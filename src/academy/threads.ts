import type { Request, Response } from 'express'
import type { QueryFilter, Types } from 'mongoose'
import {
  findThreads,
  forEveryone,
  similarThreads,
  threadsOfLesson,
  type ListedThread,
} from '../community/find-threads'
import type { Thread } from '../community/thread'
import { writersIn } from '../community/writers'
import { questionsPath, threadPath } from '../community/thread-path'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import { clock } from '../courses/transcript'
import type { Person } from '../people/person'
import { remembered } from '../platform/cached'
import { days, now } from '../platform/clock'
import { searchFilter } from '../platform/fold'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At, type SortOrder } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { courseContext } from './course-context'
import { agoText, writerView } from './post-view'

const pageSize = 20

/** What a list of questions is narrowed to. */
const shownChoices = ['all', 'unanswered', 'own', 'followed'] as const
type Shown = (typeof shownChoices)[number]

/** `GET /community`: questions about all courses that the reader sees, the latest activity first. */
export const index: MemberHandler = async (request, response, person) => {
  const courses = await coursesOf(response.locals.brand, person)
  await renderList(request, response, person, courses, '/community')
}

/** `GET /courses/:slug/questions`: the same about one course. */
export const courseIndex: MemberHandler = async (request, response, person) => {
  const { published } = courseContext(response)
  await renderList(request, response, person, [published], questionsPath(published.slug))
}

async function renderList(
  request: Request,
  response: Response,
  person: Person,
  courses: Published[],
  path: string,
) {
  const texts = textsOf(response)
  const { t } = texts
  const { q = '', show, lesson = '', after, before } = parametersOf(request)
  const chosen: Shown = shownChoices.find(each => each === show) ?? 'all'
  const [only] = courses.length === 1 ? courses : []
  const about = only?.lessons.find(({ slug }) => slug === lesson)
  const isOne = path !== '/community'
  const filter: QueryFilter<Thread> = {
    ...readableBy(courses),
    ...(about && { lesson: about.slug }),
    ...narrowed(chosen, person),
    ...searchFilter(q.slice(0, 200)),
  }
  const order: SortOrder = chosen === 'unanswered' ? { askedAt: -1, _id: -1 } : { activeAt: -1, _id: -1 }
  const page = await readPage<ListedThread>(
    beyond => findThreads({ $and: [filter, beyond] as QueryFilter<Thread>[] }),
    order,
    { after, before },
    pageSize,
  )
  const rows = await threadRows(texts, page.rows, courses, person, !isOne)
  const address = (values: Record<string, string | undefined>) => {
    const given = Object.entries({ q, show: chosen === 'all' ? '' : chosen, lesson: about?.slug, ...values })
    const query = new URLSearchParams(given.filter((each): each is [string, string] => Boolean(each[1])))
    return query.size ? `${path}?${query}` : path
  }
  const title = t(isOne ? 'academy:community.courseTitle' : 'academy:community.title')
  response.render('academy/community/index', {
    head: { title, noindex: true },
    nav: isOne ? 'courses' : 'community',
    title,
    course: isOne && only ? { href: `/courses/${only.slug}`, text: only.content.title } : null,
    about: about?.title ?? null,
    q,
    path,
    search: t('academy:community.search'),
    chosen: { show: chosen === 'all' ? '' : chosen, lesson: about?.slug ?? '' },
    tabs: shownChoices.map(each => ({
      href: address({ show: each === 'all' ? undefined : each }),
      text: t(`academy:community.show.${each}`),
      isChosen: each === chosen,
    })),
    rows,
    empty: emptyView(texts, { q, chosen, path, isOne }),
    pages: { ...pageLinks(page, (at: At) => address({ ...at })), notes: [] },
  })
}

/**
 * The filter for questions that everyone who sees these courses may read. A question about a lesson that doesn't exist
 * for the reader isn't there; which lessons those are depends on few courses.
 */
export function readableBy(courses: readonly Published[]): QueryFilter<Thread> {
  const parts = courses.filter(({ part }) => part)
  const whole = courses.filter(({ part }) => !part).map(({ course }) => course)
  const lessonsOf = ({ course, lessons }: Published) => ({
    course,
    lesson: { $in: [null, ...lessons.map(({ slug }) => slug)] },
  })
  if (courses.length === 1) return { ...forEveryone, ...lessonsOf(courses[0]!) }
  if (!parts.length) return { ...forEveryone, course: { $in: whole } }
  return { ...forEveryone, $or: [{ course: { $in: whole } }, ...parts.map(lessonsOf)] }
}

function narrowed(chosen: Shown, { _id }: Person): QueryFilter<Thread> {
  if (chosen === 'unanswered') return { answers: 0 }
  if (chosen === 'own') return { person: _id }
  return chosen === 'followed' ? { followers: _id } : {}
}

function emptyView(
  { t }: Texts,
  { q, chosen, path, isOne }: { q: string; chosen: Shown; path: string; isOne: boolean },
) {
  const isNarrowed = q !== '' || chosen !== 'all'
  return {
    title: t(`academy:community.${isNarrowed ? 'noneFound' : 'none'}`),
    text: isNarrowed ? '' : t(`academy:community.${isOne ? 'noneCourseText' : 'noneText'}`),
    link: isNarrowed ? { href: path, text: t('academy:community.showAll') } : null,
  }
}

/** Returns what the page of a lesson shows of its questions: the same object as long as nothing of it changes. */
export async function lessonThreads(
  texts: Texts,
  published: Published,
  lesson: string,
  person: Person,
): Promise<readonly ThreadRow[]> {
  const found = await threadsOfLesson({ course: published.course, lesson })
  if (!found.length) return noRows
  const writers = await writersIn(
    published.course,
    found.map(each => each.person),
  )
  const day = Math.floor(now().getTime() / days(1))
  const from = [texts.t, published, day, ...writers.values()]
  return rememberedRows(found, String(person._id), from, () =>
    found.map(thread => {
      const writer = writerOf(texts, thread, writers.get(String(thread.person)), person)
      return threadRow(texts, thread, published, writer, false)
    }),
  )
}

export type ThreadRow = ReturnType<typeof threadRow>
const rememberedRows = remembered<ThreadRow[]>()
const noRows: readonly ThreadRow[] = []

/** Returns what a list shows of questions. */
export async function threadRows(
  texts: Texts,
  threads: readonly ListedThread[],
  courses: readonly Published[],
  person: Person,
  withCourse: boolean,
) {
  const byCourse = new Map(courses.map(published => [String(published.course), published]))
  const writers = new Map(
    (
      await Promise.all(
        [...new Set(threads.map(({ course }) => String(course)))].map(async course => {
          const own = threads.filter(each => String(each.course) === course)
          return [
            ...(await writersIn(
              own[0]!.course,
              own.map(each => each.person),
            )),
          ]
        }),
      )
    ).flat(),
  )
  return threads.flatMap(thread => {
    const published = byCourse.get(String(thread.course))
    // A question about a lesson that was taken out has no page for learners.
    if (!published || !hasLesson(published, thread)) return []
    const writer = writers.get(String(thread.person))
    return [threadRow(texts, thread, published, writerOf(texts, thread, writer, person), withCourse)]
  })
}

const hasLesson = ({ lessons }: Published, { lesson }: ListedThread) =>
  lesson === null || lessons.some(({ slug }) => slug === lesson)

const writerOf = (
  texts: Texts,
  thread: ListedThread,
  writer: Parameters<typeof writerView>[1],
  person: Person,
) => writerView(texts, writer, thread.isNameHidden, thread.person.equals(person._id))

function threadRow(
  texts: Texts,
  thread: ListedThread,
  { slug, content, lessons }: Published,
  { name, company }: ReturnType<typeof writerView>,
  withCourse: boolean,
) {
  const { t, number } = texts
  const lesson = lessons.find(each => each.slug === thread.lesson)
  const answers = t('academy:community.answers', { count: thread.answers })
  const place = [withCourse ? content.title : '', lesson?.title ?? ''].filter(Boolean).join(', ')
  return {
    href: threadPath(slug, thread),
    title: thread.title || t('academy:community.goneQuestion'),
    votes: {
      text: number(thread.votes),
      label: t('academy:community.vote.question', { count: thread.votes }),
    },
    who: company ? t('academy:community.of', { name, company }) : name,
    when: agoText(texts, thread.activeAt),
    place,
    second:
      thread.second === null || !lesson
        ? null
        : { text: clock(thread.second), href: `/courses/${slug}/lessons/${lesson.slug}?t=${thread.second}` },
    answers,
    isAnswered: thread.accepted !== null,
    state: thread.accepted ? t('academy:community.accepted') : null,
    /** In a few words. */
    standing: thread.accepted ? t('academy:community.answersAccepted', { count: thread.answers }) : answers,
  }
}

/** The most questions on the page of a search, which links to all of them. */
const maxFound = 5

/** Returns the questions that match a search, those with the most votes of the latest; none without words. */
export async function foundThreads(texts: Texts, courses: Published[], query: string, person: Person) {
  if (!query.trim() || !courses.length) return []
  const filter = { ...readableBy(courses), ...searchFilter(query) } as QueryFilter<Thread>
  const found = await findThreads(filter).sort({ activeAt: -1, _id: -1 }).limit(maxFound)
  return threadRows(
    texts,
    found.sort((a, b) => b.votes - a.votes),
    courses,
    person,
    true,
  )
}

/** `GET /courses/:slug/questions/similar?q=`: questions like the one that is being typed, as a part of a page. */
export const similar: MemberHandler = async (request, response, person) => {
  const { published } = courseContext(response)
  const { q = '' } = parametersOf(request)
  const rows = await similarRows(textsOf(response), published, q, person)
  response.render('academy/community/similar', { layout: false, rows })
}

/** Returns questions like this one that everyone may read, of lessons that the reader sees. */
export async function similarRows(
  texts: Texts,
  published: Published,
  typed: string,
  person: Person,
  but?: Types.ObjectId,
) {
  const seen = new Set(published.lessons.map(({ slug }) => slug))
  const isVisible = ({ _id, lesson }: ListedThread) =>
    (lesson === null || seen.has(lesson)) && !(but && _id.equals(but))
  const found = await similarThreads(published.course, typed.slice(0, 500), isVisible)
  return threadRows(texts, found, [published], person, false)
}
