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
import { escapeText } from '../web/charts/svg'
import type { Handler } from '../web/handler'
import { limiter, perCaller } from '../web/rate-limit'
import { textsOf, type Texts } from '../web/texts'
import { countFacets, readFacets } from './facets'
import { excerptOf } from './search-excerpt'

/** How many results a page shows at first, how many it shows at all, and how many a search box suggests. */
const firstResults = 10
const maxResults = 100
const maxSuggestions = 6

/** How many topics the search box suggests before anything is typed. */
const maxTopics = 5

/** How many searches without a result count for one caller in an hour. */
const limitMisses = limiter('search-miss', { points: 30, seconds: 3600, inMemory: true })

/** The kinds of results that a page can be limited to. */
const resultKinds = ['courses', 'lessons'] as const
type ResultKind = (typeof resultKinds)[number]

/**
 * `GET /search?q=`: the courses and lessons that match, or only one `kind` of them: the best ones, or all of them with
 * `all`. Without a query, the list of courses.
 */
export const index: Handler = async (request, response, person) => {
  const query = queryText(request.query.q)
  const courses = await coursesOf(response.locals.brand, person)
  const found = await search(courses, query)
  await countMiss(request, response, person, found)
  const limit = request.query.all === undefined ? firstResults : maxResults
  const kind = resultKinds.find(each => each === request.query.kind) ?? null
  const texts = textsOf(response)
  const view = query ? resultsView(texts, query, found, { limit, kind }) : coursesView(texts, courses)
  response.render('academy/search', { nav: 'courses', query, kind, ...view })
}

/**
 * `GET /search/suggestions?q=`: the best results as a fragment of HTML, for a search box to suggest while someone
 * types; without a query, where to begin. `settled` says that the person has stopped typing, so that a search without a
 * result counts.
 */
export const suggestions: Handler = async (request, response, person) => {
  const texts = textsOf(response)
  const query = queryText(request.query.q)
  const courses = await coursesOf(response.locals.brand, person)
  const found = await search(courses, query)
  if (request.query.settled !== undefined) await countMiss(request, response, person, found)
  const view = query ? suggestionsView(texts, query, found) : await beginningView(texts, courses, person)
  response.set('cache-control', person ? 'no-store' : 'private, max-age=60')
  response.render('academy/search-options', { layout: '', ...view })
}

/** Counts a search without a result, unless a teammate made it. */
async function countMiss(
  request: Request,
  response: Response,
  person: Person | null,
  { hits }: Found,
): Promise<void> {
  const words = queryText(request.query.q)
  if (!words || hits.length || (person && person.role !== 'prospect')) return
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

const isOfKind = ({ entry }: Hit, kind: ResultKind) => (entry.lesson === null) === (kind === 'courses')

function resultsView(
  texts: Texts,
  query: string,
  found: Found,
  { limit, kind }: { limit: number; kind: ResultKind | null },
) {
  const { t } = texts
  const hits = kind ? found.hits.filter(hit => isOfKind(hit, kind)) : found.hits
  const hrefOf = (more: Record<string, string>) => `/search?${new URLSearchParams({ q: query, ...more })}`
  return {
    head: { title: t('academy:search.titleFor', { words: query }), noindex: true },
    status: statusText(texts, query, found),
    kinds: kindLinks(texts, found.hits, kind, hrefOf),
    results: hits.slice(0, limit).map(hit => ({
      ...linkOf(texts, hit),
      ...excerptOf(hit),
    })),
    more:
      hits.length > limit && limit < maxResults
        ? {
            href: hrefOf({ ...(kind && { kind }), all: '1' }),
            text: t('academy:search.more', { count: Math.min(hits.length, maxResults) }),
          }
        : null,
    empty: {
      title: t('academy:search.none', { words: query }),
      text: t('academy:search.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
  }
}

/** Returns links to all results and to those of each kind, when there are several kinds. */
function kindLinks(
  { t }: Texts,
  hits: Hit[],
  chosen: ResultKind | null,
  hrefOf: (more: Record<string, string>) => string,
) {
  const counts = resultKinds.map(kind => ({ kind, count: hits.filter(hit => isOfKind(hit, kind)).length }))
  if (counts.some(({ count }) => !count)) return []
  return [{ kind: null, count: hits.length }, ...counts].map(({ kind, count }) => ({
    href: hrefOf(kind ? { kind } : {}),
    text: t(`academy:search.kinds.${kind ?? 'all'}`),
    count,
    isChosen: kind === chosen,
  }))
}

function statusText({ t }: Texts, query: string, { hits, words, isCorrected }: Found): string {
  const count = hits.length
  if (!count) return ''
  if (!isCorrected) return t('academy:search.found', { count, words: query })
  return t('academy:search.corrected', { count, words: query, corrected: words.join(' ') })
}

/** An option of a search box; `titleHtml` is escaped. */
type Option = { href: string; icon: string; titleHtml: string; meta: string; excerptHtml: string | null }
type Suggestions = { status: string; note: string | null; groups: { title: string; options: Option[] }[] }

/** The best results, and a link to all of them if there are more. */
function suggestionsView(texts: Texts, query: string, { hits, words, isCorrected }: Found): Suggestions {
  const { t } = texts
  if (!hits.length) {
    const none = t('academy:search.none', { words: query })
    return { status: none, note: none, groups: [] }
  }
  const options = hits.slice(0, maxSuggestions).map((hit): Option => {
    const { titleHtml, excerptHtml, passage } = excerptOf(hit)
    return { ...linkOf(texts, hit), titleHtml, excerptHtml: passage === null ? null : excerptHtml }
  })
  const all = t('academy:search.all', { words: words.join(' ') })
  const more: Option = {
    href: `/search?${new URLSearchParams({ q: words.join(' ') })}`,
    icon: 'magnifying-glass',
    titleHtml: escapeText(all),
    meta: t('academy:search.results', { count: hits.length }),
    excerptHtml: null,
  }
  const title = isCorrected
    ? t('academy:search.showing', { words: words.join(' ') })
    : t('academy:search.best')
  const group = { title, options: hits.length > maxSuggestions ? [...options, more] : options }
  const count = t('academy:search.suggestions', { count: group.options.length })
  return { status: isCorrected ? `${title}. ${count}` : count, note: null, groups: [group] }
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

/** Returns the address of a result, which leads to the passage that matched, with its icon and where it is. */
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
