import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import type { Handler } from '../web/handler'
import { lessonPath } from '../courses/lesson-path'
import { textsOf, type Texts } from '../web/texts'
import { excerptOf } from './search-excerpt'
import { queryText, search, type Found, type Hit } from './search-index'

/** How many results a page shows at first, how many it shows at all, and how many a search box suggests. */
const firstResults = 10
const maxResults = 100
const maxSuggestions = 6

/**
 * `GET /search?q=`: the courses and lessons that match: the best ones, or all of them with `all`. Without a query, the
 * list of courses.
 */
export const index: Handler = async (request, response, person) => {
  const query = queryText(request.query.q)
  const courses = await coursesOf(response.locals.brand, person)
  const found = await search(courses, query)
  const limit = request.query.all === undefined ? firstResults : maxResults
  const texts = textsOf(response)
  const view = query ? resultsView(texts, query, found, limit) : coursesView(texts, courses)
  response.render('academy/search', { nav: 'courses', query, ...view })
}

/** `GET /search/suggestions?q=`: the best results as JSON, for a search box to suggest while someone types. */
export const suggestions: Handler = async (request, response, person) => {
  const courses = await coursesOf(response.locals.brand, person)
  const found = await search(courses, queryText(request.query.q))
  response.set('cache-control', 'private, max-age=60').json(suggestionsView(textsOf(response), found))
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

function resultsView(texts: Texts, query: string, found: Found, limit: number) {
  const { t } = texts
  const { hits } = found
  return {
    head: { title: t('academy:search.titleFor', { words: query }), noindex: true },
    status: statusText(texts, query, found),
    results: hits.slice(0, limit).map(hit => ({
      ...linkOf(texts, hit),
      ...excerptOf(hit),
    })),
    more:
      hits.length > limit && limit < maxResults
        ? {
            href: `/search?${new URLSearchParams({ q: query, all: '1' })}`,
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

function statusText({ t }: Texts, query: string, { hits, words, isCorrected }: Found): string {
  const count = hits.length
  if (!count) return ''
  if (!isCorrected) return t('academy:search.found', { count, words: query })
  return t('academy:search.corrected', { count, words: query, corrected: words.join(' ') })
}

/** The best results, and a link to all of them if there are more, or if the words were corrected. */
function suggestionsView(texts: Texts, { hits, words, isCorrected }: Found) {
  const { t } = texts
  const query = words.join(' ')
  const best = hits.slice(0, maxSuggestions).map(hit => {
    const { href, meta } = linkOf(texts, hit)
    return { href, text: hit.entry.title, meta }
  })
  const all = {
    href: `/search?${new URLSearchParams({ q: query })}`,
    text: t(isCorrected ? 'academy:search.didYouMean' : 'academy:search.all', { words: query }),
    meta: t('academy:search.results', { count: hits.length }),
  }
  const options = isCorrected
    ? [all, ...best.slice(0, -1)]
    : hits.length > maxSuggestions
      ? [...best, all]
      : best
  return {
    status: t('academy:search.suggestions', { count: hits.length ? options.length : 0 }),
    options: hits.length ? options : [],
  }
}

function linkOf({ t, minutes }: Texts, { entry: { course, lesson, number } }: Hit) {
  if (lesson) {
    const place = t('academy:search.lesson', { number, course: course.content.title })
    return { href: lessonPath(course, lesson), meta: `${place} · ${minutes(lesson.minutes)}` }
  }
  const size = t('academy:search.course', { count: course.lessons.length })
  return { href: `/courses/${course.slug}`, meta: `${size} · ${minutes(course.minutes)}` }
}
