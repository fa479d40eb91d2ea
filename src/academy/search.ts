import type { Request, Response } from 'express'
import type { Published } from '../courses/published'
import { kindOf } from '../courses/kinds/kinds'
import { lessonPath } from '../courses/lesson-path'
import { queryText, search, type Found, type Hit } from '../courses/search-index'
import { countSearchMiss } from '../courses/search-miss'
import { coursesOf } from '../courses/shown-courses'
import { clock } from '../courses/transcript'
import { Enrolments } from '../learning/enrolment'
import { progressOf } from '../learning/progress'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { searchSessions, type SessionHit } from '../sessions/search-sessions'
import { sessionsOf } from '../sessions/shown-sessions'
import { escapeText } from '../web/charts/svg'
import type { Handler } from '../web/handler'
import { limiter, perCaller } from '../web/rate-limit'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { countFacets, readFacets } from './facets'
import { excerptOf } from './search-excerpt'
import { sessionPath, sessionRow, timesIn } from './session-row'
import { foundThreads } from './threads'

/** How many results a page shows at first, how many it shows at all, and how many a search box suggests. */
const firstResults = 10
const maxResults = 100
const maxSuggestions = 6

/** After how many other results live sessions come, how many of them a page of all kinds has, and a search box. */
const [sessionsAfter, maxSessions, maxSuggestedSessions] = [3, 5, 2]

/** How many topics the search box suggests before anything is typed. */
const maxTopics = 5

/** How many searches without a result count for one caller in an hour. */
const limitMisses = limiter('search-miss', { points: 30, seconds: 3600, inMemory: true })

/** The kinds of results that a page can be limited to. */
const resultKinds = ['courses', 'lessons', 'sessions'] as const
type ResultKind = (typeof resultKinds)[number]

/** Courses and lessons that match, and live sessions. */
type Results = { found: Found; sessions: SessionHit[]; zone: string }

/** Searches what the brand shows to a visitor. */
async function searchAll(request: Request, response: Response, person: Person | null, query: string) {
  const { brand } = response.locals
  const [courses, shown] = await Promise.all([coursesOf(brand, person), sessionsOf(brand, person)])
  const any = await search(courses, query)
  const live = searchSessions(shown, query)
  // Other words are shown only when nothing has those that were typed.
  const isTyped = [any, live].some(({ hits, isCorrected }) => hits.length > 0 && !isCorrected)
  const found = isTyped && any.isCorrected ? { ...any, hits: [], isCorrected: false } : any
  const sessions = isTyped && live.isCorrected ? [] : live.hits
  return { courses, results: { found, sessions, zone: pageZone(request) } satisfies Results }
}

/**
 * `GET /search?q=`: the courses, lessons and live sessions that match, or only one `kind` of them: the best ones, or
 * all of them with `all`; and for people who are signed in, questions. Without a query, the list of courses.
 */
export const index: Handler = async (request, response, person) => {
  const query = queryText(request.query.q)
  const { courses, results } = await searchAll(request, response, person, query)
  const texts = textsOf(response)
  const questions = person ? await foundThreads(texts, courses, query, person) : []
  if (!questions.length) await countMiss(request, response, person, results)
  const limit = request.query.all === undefined ? firstResults : maxResults
  const kind = resultKinds.find(each => each === request.query.kind) ?? null
  const view = query ? resultsView(texts, query, results, { limit, kind }) : coursesView(texts, courses)
  const all = `/community?${new URLSearchParams({ q: query })}`
  response.render('academy/search', {
    nav: 'courses',
    query,
    kind,
    ...view,
    questions: { rows: questions, all },
  })
}

/**
 * `GET /search/suggestions?q=`: the best results as a fragment of HTML, for a search box to suggest while someone
 * types; without a query, where to begin. `settled` says that the person has stopped typing, so that a search without a
 * result counts.
 */
export const suggestions: Handler = async (request, response, person) => {
  const texts = textsOf(response)
  const query = queryText(request.query.q)
  const { courses, results } = await searchAll(request, response, person, query)
  if (request.query.settled !== undefined) await countMiss(request, response, person, results)
  const view = query ? suggestionsView(texts, query, results) : await beginningView(texts, courses, person)
  response.set('cache-control', person ? 'no-store' : 'private, max-age=60')
  response.render('academy/search-options', { layout: '', ...view })
}

/** Counts a search without a result, unless a teammate made it. */
async function countMiss(
  request: Request,
  response: Response,
  person: Person | null,
  { found, sessions }: Results,
): Promise<void> {
  const words = queryText(request.query.q)
  if (!words || found.hits.length || sessions.length || (person && person.role !== 'prospect')) return
  if (await limitMisses.take(perCaller(request))) return
  const { brand, lang } = response.locals
  await countSearchMiss({ brand: brand.id, language: lang, words })
}

function coursesView({ t, minutes }: Texts, courses: Published[]) {
  return {
    head: { title: t('academy:search.title'), noindex: true },
    courses: courses.map(course => ({
      href: `/courses/${course.slug}`,
      title: course.content.title,
      minutes: minutes(course.minutes),
    })),
  }
}

/** A result of either kind: a course or a lesson, or a live session. */
type Result = Hit | SessionHit

const kindOfResult = (result: Result): ResultKind =>
  'session' in result ? 'sessions' : result.entry.lesson ? 'lessons' : 'courses'

/** Returns the results of one kind, or of all of them: the best of each where they are seen. */
function resultsOf({ found: { hits }, sessions }: Results, kind: ResultKind | null): Result[] {
  if (kind === 'sessions') return sessions
  if (kind) return hits.filter(hit => kindOfResult(hit) === kind)
  return [...hits.slice(0, sessionsAfter), ...sessions.slice(0, maxSessions), ...hits.slice(sessionsAfter)]
}

function resultsView(
  texts: Texts,
  query: string,
  results: Results,
  { limit, kind }: { limit: number; kind: ResultKind | null },
) {
  const { t } = texts
  const shown = resultsOf(results, kind)
  const hrefOf = (more: Record<string, string>) => `/search?${new URLSearchParams({ q: query, ...more })}`
  return {
    head: { title: t('academy:search.titleFor', { words: query }), noindex: true },
    status: statusText(texts, query, results),
    kinds: kindLinks(texts, results, kind, hrefOf),
    results: shown.slice(0, limit).map(result => ({
      ...resultLink(texts, result, results.zone),
      ...excerptOf(result),
    })),
    more:
      shown.length > limit && limit < maxResults
        ? {
            href: hrefOf({ ...(kind && { kind }), all: '1' }),
            text: t('academy:search.more', { count: Math.min(shown.length, maxResults) }),
          }
        : null,
    empty: {
      title: t('academy:search.none', { words: query }),
      text: t('academy:search.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
    askFor: {
      href: `/wishes?${new URLSearchParams({ kind: 'course', about: query })}`,
      text: t('academy:search.askFor'),
    },
  }
}

/** Returns links to all results and to those of each kind, when there are several kinds. */
function kindLinks(
  { t }: Texts,
  results: Results,
  chosen: ResultKind | null,
  hrefOf: (more: Record<string, string>) => string,
) {
  const counts = resultKinds
    .map(kind => ({ kind, count: resultsOf(results, kind).length }))
    .filter(({ count }) => count)
  if (counts.length < 2) return []
  return [{ kind: null, count: countOf(results) }, ...counts].map(({ kind, count }) => ({
    href: hrefOf(kind ? { kind } : {}),
    text: t(`academy:search.kinds.${kind ?? 'all'}`),
    count,
    isChosen: kind === chosen,
  }))
}

const countOf = ({ found, sessions }: Results): number => found.hits.length + sessions.length

function statusText({ t }: Texts, query: string, results: Results): string {
  const { words, isCorrected } = results.found
  const count = countOf(results)
  if (!count) return ''
  if (!isCorrected) return t('academy:search.found', { count, words: query })
  return t('academy:search.corrected', { count, words: query, corrected: words.join(' ') })
}

/** An option of a search box; `titleHtml` is escaped. */
type Option = { href: string; icon: string; titleHtml: string; meta: string; excerptHtml: string | null }
type Suggestions = { status: string; note: string | null; groups: { title: string; options: Option[] }[] }

/** The best results, and a link to all of them if there are more. */
function suggestionsView(texts: Texts, query: string, results: Results): Suggestions {
  const { t } = texts
  const { found, sessions, zone } = results
  const count = countOf(results)
  if (!count) {
    const none = t('academy:search.none', { words: query })
    return { status: none, note: none, groups: [] }
  }
  const optionOf = (result: Result): Option => {
    const { titleHtml, excerptHtml, passage } = excerptOf(result)
    const excerpt = passage === null ? null : excerptHtml
    return { ...resultLink(texts, result, zone), titleHtml, excerptHtml: excerpt }
  }
  const live = sessions.slice(0, maxSuggestedSessions)
  const best = found.hits.slice(0, maxSuggestions - live.length)
  const words = found.isCorrected ? found.words.join(' ') : query
  const more: Option = {
    href: `/search?${new URLSearchParams({ q: words })}`,
    icon: 'magnifying-glass',
    titleHtml: escapeText(t('academy:search.all', { words })),
    meta: t('academy:search.results', { count }),
    excerptHtml: null,
  }
  const title = found.isCorrected
    ? t('academy:search.showing', { words: found.words.join(' ') })
    : t('academy:search.best')
  const groups = [
    { title, options: best.map(optionOf) },
    { title: t('academy:search.kinds.sessions'), options: live.map(optionOf) },
  ].filter(({ options }) => options.length)
  if (count > best.length + live.length) groups.at(-1)!.options.push(more)
  const total = groups.reduce((sum, { options }) => sum + options.length, 0)
  const status = t('academy:search.suggestions', { count: total })
  return { status: found.isCorrected ? `${title}. ${status}` : status, note: null, groups }
}

/** Where to begin before anything is typed: the lesson to continue with, and the topics with the most courses. */
async function beginningView(
  texts: Texts,
  courses: Published[],
  person: Person | null,
): Promise<Suggestions> {
  const { t, lists, listName } = texts
  const topics = countFacets(courses, readFacets({}, lists), lists)
    .topic.toSorted((a, b) => b.count - a.count)
    .slice(0, maxTopics)
  const options = [
    ...(await continueOption(texts, courses, person)),
    ...topics.map(({ value, count }) => ({
      href: `/courses?${new URLSearchParams({ topic: value })}`,
      icon: 'magnifying-glass',
      titleHtml: escapeText(listName('topics', value)),
      meta: t('academy:catalogue.count', { count }),
      excerptHtml: null,
    })),
  ]
  const title = t('academy:search.suggested')
  return {
    status: t('academy:search.suggestions', { count: options.length }),
    note: null,
    groups: options.length ? [{ title, options }] : [],
  }
}

/** The next lesson of the course that was open last, if the brand shows it. */
async function continueOption(texts: Texts, courses: Published[], person: Person | null): Promise<Option[]> {
  if (!person) return []
  const unfinished = { person: person._id, completedAt: null, revokedAt: null }
  const [enrolment] = await Enrolments.find(unfinished).sort({ lastActivityAt: -1 }).limit(1)
  const course = courses.find(each => enrolment && each.course.equals(enrolment.course))
  const lesson = course && progressOf(course.lessons, enrolment ?? null).next
  if (!lesson) return []
  const number = course.lessons.indexOf(lesson) + 1
  return [
    {
      href: lessonPath(course, lesson),
      icon: 'arrow-right',
      titleHtml: escapeText(texts.t('academy:search.continue', { title: lesson.title })),
      meta: texts.t('academy:search.lesson', { number, course: course.content.title }),
      excerptHtml: null,
    },
  ]
}

/** Returns the address of a result, with its icon and where, or when, it is. */
function resultLink(texts: Texts, result: Result, zone: string) {
  if (!('session' in result)) return linkOf(texts, result)
  const { session } = result
  const { t, dayIn, dateOnlyIn } = texts
  const isOver = session.endsAt <= now()
  const { recording, place } = sessionRow(texts, session, { zone })
  const facts = isOver
    ? [dateOnlyIn(session.startsAt, zone), recording ?? t('academy:search.over')]
    : [`${dayIn(session.startsAt, zone)}, ${timesIn(texts, session, zone)}`, place]
  return {
    href: sessionPath(session),
    icon: 'calendar-check',
    meta: [t('academy:search.session'), ...facts].join(' · '),
  }
}

/** Returns the address of a course or lesson, which leads to the passage that matched, its icon and where it is. */
function linkOf({ t, minutes }: Texts, hit: Hit) {
  const { course, lesson, number } = hit.entry
  if (!lesson) {
    const size = t('academy:search.course', { count: course.lessons.length })
    return {
      href: `/courses/${course.slug}`,
      icon: 'book-open',
      meta: `${size} · ${minutes(course.minutes)}`,
    }
  }
  const { place, passage } = excerptOf(hit)
  const at = t('academy:search.lesson', { number, course: course.content.title })
  const length =
    place.second === undefined
      ? minutes(lesson.minutes)
      : t('academy:search.second', { time: clock(place.second) })
  return {
    href: lessonPath(course, lesson) + placeLink(place.anchor, place.second, passage),
    icon: kindOf(lesson).icon,
    meta: `${at} · ${length}`,
  }
}

/**
 * Returns the end of an address: a second of the recording, or a heading and the passage after it, to which browsers
 * scroll (https://wicg.github.io/scroll-to-text-fragment/).
 */
function placeLink(anchor: string | undefined, second: number | undefined, passage: string | null): string {
  if (second !== undefined) return `?t=${Math.floor(second)}`
  if (passage === null) return ''
  const text = encodeURIComponent(passage).replaceAll('-', '%2D')
  return `#${anchor === undefined ? '' : encodeURIComponent(anchor)}:~:text=${text}`
}
