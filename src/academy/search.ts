import { publishedCourses, type Published } from '../courses/published'
import type { Handler } from '../web/handler'
import { escapeText } from '../web/charts/svg'
import { lessonPath } from './lesson-path'
import { localeOf, type Locale } from './locale'
import { search, type Piece, type SearchResult } from './search-index'

/** The search results in courses and lessons; without a term, the list of courses. */
export const index: Handler = async (request, response) => {
  const { q } = request.query
  const term = typeof q === 'string' ? q.trim().slice(0, 100) : ''
  response.render('academy/search', await searchView(localeOf(response), term, await publishedCourses()))
}

async function searchView(locale: Locale, term: string, courses: Published[]) {
  const { t, minutes } = locale
  const results = await search(courses, term)
  const count = results.length
  return {
    head: {
      title: term ? t('academy:search.titleFor', { words: term }) : t('academy:search.title'),
      noindex: true,
    },
    nav: 'courses',
    term,
    status: count ? t('academy:search.found', { count, words: term }) : '',
    results: results.map(result => resultView(locale, result)),
    empty: {
      title: t('academy:search.none', { words: term }),
      text: t('academy:search.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
    courses: courses.map(course => ({
      href: `/courses/${course.slug}`,
      title: course.content.title,
      minutes: minutes(course.minutes),
    })),
  }
}

function resultView({ t, minutes }: Locale, { course, lesson, number, title, excerpt }: SearchResult) {
  const meta = lesson
    ? `${t('academy:search.lesson', { number, course: course.content.title })} · ${minutes(lesson.minutes)}`
    : `${t('academy:search.course', { count: course.lessons.length })} · ${minutes(course.minutes)}`
  return {
    href: lesson ? lessonPath(course, lesson) : `/courses/${course.slug}`,
    titleHtml: highlighted(title),
    excerptHtml: highlighted(excerpt),
    meta,
  }
}

/** Returns escaped HTML with the matches in `<mark>`. */
function highlighted(pieces: Piece[]): string {
  return pieces
    .map(({ text, isMatch }) => (isMatch ? `<mark>${escapeText(text)}</mark>` : escapeText(text)))
    .join('')
}
